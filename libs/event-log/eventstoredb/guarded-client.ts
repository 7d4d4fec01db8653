import { readFileSync } from 'node:fs';
import {
  EventStoreDBClient,
  type ChannelCredentialOptions,
  type Credentials,
  type DNSClusterOptions,
  type GossipClusterOptions,
  type NotLeaderError,
  type SingleNodeOptions,
} from '@eventstore/db-client';
import { present } from '#kernel';
import { LogAddressRefused } from '#event-log';
import type { ConnectionSettings } from './connection-string.js';

type EndPoint = NotLeaderError['leader'];
type Target = DNSClusterOptions | GossipClusterOptions | SingleNodeOptions;

/** Whoever discovers can be told to stop: here each attempt is one of the connection's own. */
const DISCOVER_ATTEMPTS_MAX = 1;
const GOSSIP_TIMEOUT_SECONDS = 3;

/**
 * The client, with two holes closed: what it does on its own after a failed call may fail too, and
 * would then end the process as an unhandled rejection; and it never closes its connection.
 */
export class GuardedClient extends EventStoreDBClient {
  private channel: ReturnType<EventStoreDBClient['getChannel']> | undefined;

  constructor(target: Target, channel: ChannelCredentialOptions, credentials?: Credentials) {
    // It is overloaded for each of the three and decides by itself which one this is.
    super(target as SingleNodeOptions, channel, credentials);
    const { handleError, getChannel } = this;
    this.handleError = async (client, error) => {
      await handleError(client, error).catch(() => undefined);
    };
    this.getChannel = () => (this.channel = getChannel());
  }

  async shutDown(): Promise<void> {
    await this.dispose();
    const channel = await this.channel?.catch(() => undefined);
    channel?.close();
  }
}

/**
 * @param leader where the last answer said that the leader is
 * @throws LogAddressRefused when a certificate's file cannot be read
 */
export function clientFor(settings: ConnectionSettings, leader?: EndPoint): GuardedClient {
  const target = leader === undefined ? targetOf(settings) : { endpoint: leader };
  const { keepAliveIntervalMs, keepAliveTimeoutMs, connectionName, credentials } = settings;
  const shared = {
    connectionName: connectionName ?? `wayledger-${process.pid}`,
    ...(keepAliveIntervalMs !== undefined && { keepAliveInterval: keepAliveIntervalMs }),
    ...(keepAliveTimeoutMs !== undefined && { keepAliveTimeout: keepAliveTimeoutMs }),
  };
  return new GuardedClient({ ...shared, ...target }, channelOf(settings), credentials);
}

function targetOf(settings: ConnectionSettings): Target {
  const { hosts, discover, discoveryIntervalMs } = settings;
  const first = present(hosts[0], 'an address has a host');
  if (hosts.length === 1 && !discover) return { endpoint: first };
  return {
    ...(discover ? { discover: first } : { endpoints: [...hosts] }),
    nodePreference: 'leader',
    maxDiscoverAttempts: settings.maxDiscoverAttempts ?? DISCOVER_ATTEMPTS_MAX,
    gossipTimeout: settings.gossipTimeoutSeconds ?? GOSSIP_TIMEOUT_SECONDS,
    ...(discoveryIntervalMs !== undefined && { discoveryInterval: discoveryIntervalMs }),
  };
}

function channelOf({ tls }: ConnectionSettings): ChannelCredentialOptions {
  if (tls === null) return { insecure: true };
  const { caFile, userCertFile, userKeyFile } = tls;
  return {
    ...(caFile !== undefined && { rootCertificate: contentOf('tlsCAFile', caFile) }),
    ...(userCertFile !== undefined && { userCertFile: contentOf('userCertFile', userCertFile) }),
    ...(userKeyFile !== undefined && { userKeyFile: contentOf('userKeyFile', userKeyFile) }),
  };
}

function contentOf(key: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new LogAddressRefused(`${key} names "${file}", which cannot be read`, { cause: error });
  }
}

/**
 * Given with every append: only then does the client use the unary call. Its other way shares one
 * stream between all clients of a process, has no deadline of its own and can hang for good.
 * Without TLS the client sends none of it.
 */
export function credentialsOf({ credentials }: ConnectionSettings): Credentials {
  return credentials ?? { username: 'nobody', password: '' };
}
