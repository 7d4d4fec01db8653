import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { appendCall } from './append-call.js';
import { batchAppendCall } from './batch-append-call.js';
import { featuresCall, gossipCall, type Member } from './cluster-services.js';
import { Connections, LOOPBACK } from './connections.js';
import { deleteCall, tombstoneCall } from './delete-calls.js';
import { Faults } from './faults.js';
import { readCall } from './read-call.js';
import type { Endpoint } from './refusal.js';
import { Seen } from './seen.js';
import { ServerStore } from './server-store.js';
import type { Role, Serving, Users } from './serving-node.js';

/** Paths of PEM files, from the project's root. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** For localhost and 127.0.0.1, signed by an authority nobody else trusts. */
export const CERTIFICATES: Certificates = {
  authority: 'test/eventstoredb/server/certificates/authority.pem',
  certificate: 'test/eventstoredb/server/certificates/server.pem',
  key: 'test/eventstoredb/server/certificates/server-key.pem',
};

export interface NodeOptions {
  readonly store?: ServerStore;
  /** Any free one, when not given. */
  readonly port?: number;
  readonly tls?: Certificates;
  /** Names and passwords; without them, everybody may do everything. */
  readonly users?: Users;
  /** Whether the node says that it can, as real ones do. */
  readonly batchAppend?: boolean;
  /**
   * In one connection; 100 is what a real server's web server allows. Unlike that one, this refuses
   * (RESOURCE_EXHAUSTED) a call that waited for the place of one just cancelled by the client.
   */
  readonly maxConcurrentStreams?: number;
}

/** What a node knows of the others. */
export interface ClusterView {
  roleOf(node: ServerNode): Role;
  members(): readonly Member[];
}

/** Kestrel's, about: what one message may have at most. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

interface Running {
  readonly server: Server;
  readonly connections: Connections;
  readonly stopping: AbortController;
}

export class ServerNode {
  readonly store: ServerStore;
  readonly faults = new Faults();
  readonly seen = new Seen();
  readonly #options: NodeOptions;
  readonly #view: ClusterView | undefined;
  #port: number;
  #running: Running | undefined;

  constructor(options: NodeOptions, view?: ClusterView) {
    this.#options = options;
    this.#view = view;
    this.#port = options.port ?? 0;
    this.store = options.store ?? new ServerStore();
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get endpoint(): Endpoint {
    return { address: LOOPBACK, port: this.#port };
  }

  get url(): string {
    return `esdb://${LOOPBACK}:${this.#port}?${tlsQuery(this.#options.tls)}`;
  }

  /** On the port of the last time; the store is as it was left. */
  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error('The node runs already');
    const { tls, maxConcurrentStreams = 100 } = this.#options;
    const server = new Server({
      'grpc.max_concurrent_streams': maxConcurrentStreams,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    });
    const connections = new Connections(server.createConnectionInjector(credentialsOf(tls)));
    const stopping = new AbortController();
    this.#addServices(server, this.#serving(connections, stopping.signal));
    if (this.#view === undefined) this.store.forgetRecentIds();
    this.#port = await connections.listen(this.#port);
    this.#running = { server, connections, stopping };
  }

  /** Abruptly: sockets are cut, calls under way get no answer, and nothing is written any more. */
  async stop(): Promise<void> {
    if (this.#running === undefined) return;
    const { server, connections, stopping } = this.#running;
    this.#running = undefined;
    stopping.abort();
    await connections.close();
    server.forceShutdown();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #serving(connections: Connections, stopped: AbortSignal): Serving {
    const { store, faults, seen } = this;
    return {
      store,
      faults,
      seen,
      users: this.#options.users,
      batchAppend: this.#options.batchAppend ?? true,
      stopped,
      role: () => this.#view?.roleOf(this) ?? { kind: 'leader' },
      cut: (peer) => {
        connections.cut(peer);
      },
    };
  }

  #addServices(server: Server, serving: Serving): void {
    server.addService(streamsService.StreamsService, {
      append: appendCall(serving),
      batchAppend: batchAppendCall(serving),
      read: readCall(serving),
      delete: deleteCall(serving),
      tombstone: tombstoneCall(serving),
    });
    const members = () => this.#view?.members() ?? [this.#alone()];
    server.addService(gossipService.GossipService, { read: gossipCall(serving, members) });
    server.addService(featuresService.ServerFeaturesService, {
      getSupportedMethods: featuresCall(serving),
    });
  }

  #alone(): Member {
    const state = this.faults.notReady ? 'initializing' : 'leader';
    return { endpoint: this.endpoint, state, alive: true };
  }
}

export async function startNode(options: NodeOptions = {}): Promise<ServerNode> {
  const node = new ServerNode(options);
  await node.start();
  return node;
}

export function tlsQuery(tls: Certificates | undefined): string {
  if (tls === undefined) return 'tls=false';
  return `tls=true&tlsCAFile=${encodeURIComponent(resolve(tls.authority))}`;
}

function credentialsOf(tls: Certificates | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const [certificate, key] = [readFileSync(tls.certificate), readFileSync(tls.key)];
  return ServerCredentials.createSsl(null, [{ cert_chain: certificate, private_key: key }]);
}
