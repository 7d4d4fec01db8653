import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent, type JSONEventType } from '@eventstore/db-client';
import {
  startCluster,
  startNode,
  type ClusterOptions,
  type NodeOptions,
  type ServerCluster,
  type ServerNode,
} from '../index.js';

/** In `tls=false` mode they are not sent; given with a call, they choose the unary append. */
export const UNARY = { credentials: { username: 'nobody', password: 'nothing' } };

/** Nodes, clusters and clients of one test, closed in the order in which they can be. */
export class Bench {
  readonly #opened: (() => Promise<void>)[] = [];

  async node(options?: NodeOptions): Promise<ServerNode> {
    const node = await startNode(options);
    this.#opened.push(() => node.stop());
    return node;
  }

  async cluster(count: 2 | 3, options?: ClusterOptions): Promise<ServerCluster> {
    const cluster = await startCluster(count, options);
    this.#opened.push(() => cluster.stop());
    return cluster;
  }

  client(url: string): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(url);
    this.#opened.push(() => client.dispose());
    return client;
  }

  async close(): Promise<void> {
    for (const close of this.#opened.splice(0).reverse()) await close();
  }
}

export type Happened = JSONEventType<'Happened', { readonly n: number }>;

export function anEvent(n = 0): ReturnType<typeof jsonEvent<Happened>> {
  return jsonEvent<Happened>({ id: randomUUID(), type: 'Happened', data: { n } });
}

export function someEvents(count: number): ReturnType<typeof anEvent>[] {
  return Array.from({ length: count }, (_, n) => anEvent(n));
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Whether a promise neither keeps nor breaks its word for so long. */
export async function isPendingAfter(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => false,
    () => false,
  );
  return Promise.race([settled, pause(ms, true)]);
}

const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 2;

export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
