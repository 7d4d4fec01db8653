import { describe, expect, test } from '@jest/globals';
import { until } from '#event-log/conformance';
import { startCluster, type ServerCluster } from './server/index.js';
import { startChild } from './testing/child.js';

describe('a process whose log is on a cluster', () => {
  test('lives through its cluster’s absence, answers all, and ends when it is done', async () => {
    const cluster = await startCluster(2);
    try {
      const child = startChild('appending-child', [`${cluster.url}&namespace=child`]);
      const appended = () => child.lines.filter((line) => line === 'APPENDED').length;
      await until('it appends', () => appended() >= 5);
      await cluster.stop();
      await comeBack(cluster);
      child.tell('GO');
      await until('it appends in vain', () => gossips(cluster) > 6);
      for (const { faults } of cluster.nodes) faults.clear();
      expect(await child.ended).toBe(0);
      expect(child.complaints).toEqual([]);
      expect(appended()).toBe(40);
      expect(child.lines.at(-1)).toBe('CLOSED');
    } finally {
      await cluster.stop();
    }
  });
});

/** As it is for a while: there, and not yet telling who leads. */
async function comeBack(cluster: ServerCluster): Promise<void> {
  for (const { faults, seen } of cluster.nodes) {
    faults.unavailable('gossip', 1_000);
    asked.set(cluster, (asked.get(cluster) ?? 0) + seen.calls('gossip'));
  }
  await cluster.start();
}

/** Before it came back. */
const asked = new WeakMap<ServerCluster, number>();

function gossips(cluster: ServerCluster): number {
  const all = cluster.nodes.reduce((sum, { seen }) => sum + seen.calls('gossip'), 0);
  return all - (asked.get(cluster) ?? 0);
}
