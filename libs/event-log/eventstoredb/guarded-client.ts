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
import { Channel, ChannelCredentials } from '@grpc/grpc-js';
import { present } from '#kernel';
import { LogAddressRefused } from '#event-log';
import type { ConnectionSettings } from './connection-string.js';

type EndPoint = NotLeaderError['leader'];
type Target = DNSClusterOptions | GossipClusterOptions | SingleNodeOptions;

/** Whoever discovers can be told to stop: here each attempt is one of the connection's own. */
const DISCOVER_ATTEMPTS_MAX = 1;
const GOSSIP_TIMEOUT_SECONDS = 3;
const KEEP_ALIVE_MS = 10_000;
/** The largest event that a server can hold, and what goes with it. */
const MESSAGE_BYTES_MAX = 17 * 1024 * 1024;

/**
 * The client with a connection that is ours. Its own is shared by all clients of a process that
 * look alike, with one limit on calls and one growing pause after failures; it replaces it behind
 * one's back, with promises that nobody awaits, whose failure ends the process; and it never closes
 * it. This one belongs to one client, is never replaced, and is closed with it.
 */
export class GuardedClient extends EventStoreDBClient {
  private channel: Promise<Channel> | undefined;

  constructor(target: Target, settings: ConnectionSettings) {
    const security = securityOf(settings);
    // It is overloaded for each of the three and decides by itself which one this is.
    super(target as SingleNodeOptions, security, settings.credentials);
    this.getChannel = () => (this.channel ??= this.connect(security, settings));
  }

  async shutDown(): Promise<void> {
    await this.dispose();
    const channel = await this.channel?.catch(() => undefined);
    channel?.close();
  }

  private async connect(
    security: ChannelCredentialOptions,
    { keepAliveIntervalMs, keepAliveTimeoutMs }: ConnectionSettings,
  ): Promise<Channel> {
    const { insecure, rootCertificate, userKeyFile, userCertFile } = security;
    const channelCredentials =
      insecure === true
        ? ChannelCredentials.createInsecure()
        : ChannelCredentials.createSsl(rootCertificate, userKeyFile, userCertFile);
    return new Channel(await this.resolveUri(), channelCredentials, {
      'grpc.keepalive_time_ms': keepAliveIntervalMs ?? KEEP_ALIVE_MS,
      'grpc.keepalive_timeout_ms': keepAliveTimeoutMs ?? KEEP_ALIVE_MS,
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.use_local_subchannel_pool': 1,
    });
  }
}

/**
 * @param leader where the last answer said that the leader is
 * @throws LogAddressRefused when a certificate's file cannot be read
 */
export function clientFor(settings: ConnectionSettings, leader?: EndPoint): GuardedClient {
  const target = leader === undefined ? targetOf(settings) : { endpoint: leader };
  const { connectionName = `wayledger-${process.pid}` } = settings;
  return new GuardedClient({ ...target, connectionName }, settings);
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

function securityOf({ tls }: ConnectionSettings): ChannelCredentialOptions {
  if (tls === null) return { insecure: true };
  const { caFile, userCertFile, userKeyFile } = tls;
  return {
    ...(caFile !== undefined && { rootCertificate: contentOf('tlsCAFile', caFile) }),
    ...(userCertFile !== undefined && { userCertFile: contentOf('userCertFile', userCertFile) }),
    ...(userKeyFile !== undefined && { userKeyFile: contentOf('userKeyFile', userKeyFile) }),
  };
}

function contentOf(key: string, file: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    // What Node throws for files has one.
    const code = String((error as NodeJS.ErrnoException).code);
    throw new LogAddressRefused(`${key} names "${file}", which cannot be read: ${code}.`, {
      cause: error,
    });
  }
  if (content.includes('-----BEGIN ')) return content;
  throw new LogAddressRefused(`${key} names "${file}", which holds nothing in PEM format.`);
}

/**
 * Given with every append: only then does the client use the unary call. Its other way shares one
 * stream between all clients of a process, has no deadline of its own and can hang for good.
 * Without TLS the client sends none of it.
 */
export function credentialsOf({ credentials }: ConnectionSettings): Credentials {
  return credentials ?? { username: 'nobody', password: '' };
}
