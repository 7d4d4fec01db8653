import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openEventStoreDbEventLog, parseConnectionString } from '#event-log/eventstoredb';
import { json, wayledgerAside } from '../cli/testing/command-line.js';
import { startCluster, type ServerCluster } from '../eventstoredb/server/index.js';
import { inFolder } from '../support/imported.js';
import { SETUP, referralLines, type Line } from './testing/commands.js';
import { acknowledgedIn, eventsOf, startImport, type Import } from './testing/imports.js';
import { chosenSeed, randomFrom } from './testing/random.js';

const REFERRALS = 16;
const LEADERS_KILLED = 5;
const TIMEOUT_MS = 180_000;

/** Each time the import has come some way further, the node that leads dies; another takes over. */
async function killLeaders(cluster: ServerCluster, run: Import, share: number): Promise<void> {
  for (let killed = 1; killed <= LEADERS_KILLED; killed += 1) {
    await run.until(() => run.answers.length >= share * killed);
    const died = cluster.leader;
    await cluster.failOver();
    await cluster.revive(died);
  }
}

test(
  'an import goes on while the nodes that lead are killed, and again after it was killed itself',
  async () => {
    const seed = chosenSeed();
    const random = randomFrom(seed);
    const cluster = await startCluster(3);
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      mkdirSync(data);
      const file = (name: string, lines: readonly Line[]): string => {
        const path = join(folder, name);
        writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
        return path;
      };
      const log = cluster.url;
      const lines = referralLines(random, REFERRALS);
      const commands = file('a.ndjson', lines);
      const acknowledged = new Set<string>();
      const hear = (run: Import): void => {
        expect(run.complaints()).toBe('');
        expect(run.answers.filter(({ status }) => status === 'refused')).toEqual([]);
        for (const id of acknowledgedIn(run.answers)) acknowledged.add(id);
      };
      try {
        const setup = startImport(file('setup.ndjson', SETUP), data, { log });
        expect(await setup.ended).toMatchObject({ code: 0 });

        const first = startImport(commands, data, { log });
        await killLeaders(cluster, first, lines.length / 2 / LEADERS_KILLED);
        first.kill();
        expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
        hear(first);

        const second = startImport(commands, data, { log });
        await killLeaders(cluster, second, lines.length / (LEADERS_KILLED + 1));
        expect(await second.ended).toEqual({ code: 0, signal: null });
        hear(second);
        expect(second.summary).toMatchObject({ lines: lines.length, refused: 0 });

        const settings = parseConnectionString(log);
        const ids = (await eventsOf(await openEventStoreDbEventLog({ settings }))).map(
          ({ id }) => id as string,
        );
        expect(new Set(ids).size).toBe(ids.length);
        expect([...acknowledged].filter((id) => !ids.includes(id))).toEqual([]);
        const again = await wayledgerAside('import', commands, '--data', data, '--log', log);
        expect(again.stdout).toContain(`0 accepted, ${lines.length} known already`);
        const proof = await wayledgerAside('verify', '--json', '--data', data, '--log', log);
        expect(json(proof.stdout)[0]).toMatchObject({ ok: true });
      } catch (error) {
        process.stderr.write(`failover: failed with WAYLEDGER_TEST_SEED=${seed}\n`);
        throw error;
      } finally {
        await cluster.stop();
      }
    });
  },
  TIMEOUT_MS,
);
