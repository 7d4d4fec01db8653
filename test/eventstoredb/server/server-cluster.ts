import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from './cluster-services.js';
import { ServerNode, tlsQuery, type NodeOptions } from './server-node.js';
import { ServerStore } from './server-store.js';
import type { Role } from './serving-node.js';

export interface ClusterOptions extends Omit<NodeOptions, 'store' | 'port'> {
  /** How long there is no leader after one has died. */
  readonly electionMs?: number;
  /** How long after that the new leader does not know all that was acknowledged before. */
  readonly inaugurationMs?: number;
}

const ELECTION_MS = 200;
const INAUGURATION_MS = 100;
/** Records that it then does not know of. */
const BEHIND_MAX = 12;

/** Nodes with one store between them: what one acknowledged, all have. */
export class ServerCluster {
  readonly store = new ServerStore();
  readonly nodes: readonly ServerNode[];
  electionMs: number;
  inaugurationMs: number;
  readonly #options: ClusterOptions;
  #leader: ServerNode | undefined;

  constructor(count: 2 | 3, options: ClusterOptions) {
    const { electionMs, inaugurationMs, ...nodeOptions } = options;
    this.#options = options;
    this.electionMs = electionMs ?? ELECTION_MS;
    this.inaugurationMs = inaugurationMs ?? INAUGURATION_MS;
    const view = { roleOf: (node: ServerNode) => this.#roleOf(node), members: () => this.members };
    const { store } = this;
    this.nodes = Array.from(
      { length: count },
      () => new ServerNode({ ...nodeOptions, store }, view),
    );
  }

  get url(): string {
    const hosts = this.nodes.map(({ endpoint }) => `${endpoint.address}:${endpoint.port}`);
    return `esdb://${hosts.join(',')}?${tlsQuery(this.#options.tls)}`;
  }

  get leader(): ServerNode {
    if (this.#leader === undefined) throw new Error('The cluster has no leader now');
    return this.#leader;
  }

  get followers(): readonly ServerNode[] {
    return this.nodes.filter((node) => node.isRunning && node !== this.#leader);
  }

  get members(): readonly Member[] {
    return this.nodes.map((node) => {
      const { endpoint, isRunning: alive } = node;
      return { endpoint, alive, state: this.#stateOf(node) };
    });
  }

  async start(): Promise<void> {
    for (const node of this.nodes) await node.start();
    this.#leader = this.nodes[0];
  }

  async stop(): Promise<void> {
    this.#leader = undefined;
    for (const node of this.nodes) await node.stop();
  }

  /** The leader dies; after `electionMs` without one, another leads. */
  async failOver(): Promise<ServerNode> {
    const died = this.leader;
    this.#leader = undefined;
    await died.stop();
    await pause(this.electionMs);
    const [elected] = this.followers;
    if (elected === undefined) throw new Error('Nobody is left to lead');
    this.#inaugurate(elected);
    return this.elect(elected);
  }

  /** It leads as far as anybody can see, before it has caught up with its own log. */
  #inaugurate({ faults }: ServerNode): void {
    if (this.inaugurationMs === 0) return;
    faults.knowsUpTo = this.store.records.at(-BEHIND_MAX)?.position.commit ?? 0n;
    setTimeout(() => (faults.knowsUpTo = null), this.inaugurationMs);
  }

  /** As a follower, also when nobody leads. */
  async revive(node: ServerNode): Promise<void> {
    await node.start();
  }

  /** Another leads from now on, while the former leader lives and follows. */
  elect(node: ServerNode): ServerNode {
    if (!node.isRunning) throw new Error('A dead node cannot lead');
    this.#leader = node;
    this.store.forgetRecentIds();
    return node;
  }

  #roleOf(node: ServerNode): Role {
    if (this.#leader === undefined) return { kind: 'leaderless' };
    if (this.#leader === node) return { kind: 'leader' };
    return { kind: 'follower', leader: this.#leader.endpoint };
  }

  #stateOf(node: ServerNode): Member['state'] {
    if (node.faults.notReady) return 'initializing';
    if (this.#leader === undefined) return 'unknown';
    return this.#leader === node ? 'leader' : 'follower';
  }
}

export async function startCluster(
  count: 2 | 3,
  options: ClusterOptions = {},
): Promise<ServerCluster> {
  const cluster = new ServerCluster(count, options);
  await cluster.start();
  return cluster;
}
