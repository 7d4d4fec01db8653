import type { EventLog } from '#event-log';
import {
  openEventStoreDbEventLog,
  parseConnectionString,
  type ConnectionSettings,
  type Timings,
} from '#event-log/eventstoredb';
import { until } from '#event-log/conformance';
import {
  startCluster,
  startNode,
  type ClusterOptions,
  type NodeOptions,
  type ServerCluster,
  type ServerNode,
} from '../server/index.js';

/** Short enough to see each of them pass; the head is never looked at unless a test wants it. */
export const QUICK: Timings = {
  appendDeadlineMs: 300,
  silenceMs: 300,
  patienceMs: 10_000,
  openingPatienceMs: 5_000,
  headCheckMs: 3_600_000,
  tellAfterMs: 100,
};

/** Appends of one connecting: it can never be written, and shows that the leader is in office. */
export const CONNECTING = 1;

export const NAMESPACE = 'probe';

/** What a stream of ours is called on the server. */
export function onServer(stream: string, namespace = NAMESPACE): string {
  return `wayledger.${namespace}:${stream}`;
}

export type Open = (timings?: Partial<Timings>, namespace?: string) => Promise<EventLog>;

/** A server of its own for one test, and logs on it that are closed at its end. */
export async function onNode(
  scenario: (node: ServerNode, open: Open) => Promise<void>,
  options: NodeOptions = {},
): Promise<void> {
  const node = await startNode(options);
  await playOut(node.url, node, (open) => scenario(node, open));
}

export async function onCluster(
  count: 2 | 3,
  scenario: (cluster: ServerCluster, open: Open) => Promise<void>,
  options: ClusterOptions = {},
): Promise<void> {
  const cluster = await startCluster(count, { electionMs: 50, ...options });
  await playOut(cluster.url, cluster, (open) => scenario(cluster, open));
}

async function playOut(
  url: string,
  server: { stop(): Promise<void> },
  scenario: (open: Open) => Promise<void>,
): Promise<void> {
  const logs: EventLog[] = [];
  const base = parseConnectionString(url);
  try {
    await scenario(async (timings, namespace = NAMESPACE) => {
      const log = await openLog({ ...base, namespace }, timings);
      logs.push(log);
      return log;
    });
  } finally {
    await Promise.all(logs.map((log) => log.close()));
    await server.stop();
  }
}

export function openLog(
  settings: ConnectionSettings,
  timings?: Partial<Timings>,
): Promise<EventLog> {
  return openEventStoreDbEventLog({ settings, timings: { ...QUICK, ...timings } });
}

/** The one subscription that listens for news stays open; those that fetch pages have ended. */
export async function untilListening({ seen }: ServerNode): Promise<void> {
  await until('one subscription listens', () => seen.openCalls() === 1 && isListening(seen));
}

function isListening({ openSubscriptions }: ServerNode['seen']): boolean {
  return openSubscriptions.length === 1;
}
