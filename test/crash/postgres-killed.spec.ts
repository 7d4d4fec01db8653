import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openPostgresEventLog } from '#event-log/postgres';
import { parsePostgresAddress } from '#postgres';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import { startPostgres } from '../postgres/server.js';
import { inFolder } from '../support/imported.js';
import { SETUP, referralLines, type Line } from './testing/commands.js';
import { disturb } from './testing/disturbing.js';
import { storesAt, type Importer } from './testing/importer.js';
import {
  acknowledgedIn,
  eventsOf,
  startImport,
  wayledgerJson,
  type Import,
} from './testing/imports.js';
import { Onlooker } from './testing/onlooker.js';
import { Race } from './testing/raced.js';
import { chosenSeed, randomFrom, type Random } from './testing/random.js';

/** How long pairs of files are begun, to be disturbed; the soak is the same for ten minutes. */
const SOAK_MS = Number(process.env['WAYLEDGER_TEST_SOAK_SECONDS'] ?? 8) * 1_000;
/** The last files go through, and everything is proved, on cores that others may be using. */
const TIMEOUT_MS = SOAK_MS * 2 + 180_000;
/** While something is waited for. */
const MOMENT_MS = 5;
const CRASHES = 2;
/** What its clients do not ask to be on disk waits for so long, and is lost by a crash. */
const LAZY = ['wal_writer_delay=10s'];
/** Of one import, before the server crashes. */
const ANSWERS_MAX = 90;

let database: TestDatabase;
let onlooker: Onlooker;
/** To be ended when a test fails in the middle. */
const started: Import[] = [];
beforeEach(async () => {
  database = await testDatabase();
  onlooker = await Onlooker.at(database.url);
});
afterEach(async () => {
  for (const run of started.splice(0)) run.kill();
  await onlooker.close();
  await database.drop();
});

/** What is random is told when it fails. */
async function seeded(work: (folder: string, random: Random, seed: number) => Promise<void>) {
  const seed = chosenSeed();
  try {
    await inFolder((folder) => work(folder, randomFrom(seed), seed));
  } catch (error) {
    process.stderr.write(`crash: failed with WAYLEDGER_TEST_SEED=${seed}\n`);
    throw error;
  }
}

describe('two imports into one PostgreSQL, killed, paused and cut off', () => {
  test(
    'lose nothing that they answered, double nothing, and end as if nobody had disturbed them',
    () =>
      seeded(async (folder, random, seed) => {
        const race = new Race(folder, database.url, random);
        const until = performance.now() + SOAK_MS;
        let waves = 0;
        for (; performance.now() < until; waves += 1) {
          const lots = [random.below(2 ** 32), random.below(2 ** 32)];
          await race.run((importers) =>
            Promise.all(
              importers.map((importer, index) =>
                disturb(importer, onlooker, randomFrom(lots[index]!), race.seen),
              ),
            ),
          );
          expect(await race.lost()).toEqual([]);
        }
        await race.prove();
        process.stderr.write(
          `crash: ${waves} pairs of files, ${race.seen.told()} (seed ${seed})\n`,
        );
      }),
    TIMEOUT_MS,
  );
});

describe('the test', () => {
  test('sees a loss: an import that answers before it commits is caught', async () => {
    await inFolder(async (folder) => {
      const { url } = database;
      const file = fileIn(folder);
      const setup = startImport(file('setup', SETUP), folder, { more: storesAt(url, 'setup') });
      expect(await setup.ended).toMatchObject({ code: 0 });
      const lines = referralLines(randomFrom(1), 10);
      const run = startImport(file('a', lines), folder, { importer: 'hasty', more: [url] });
      await run.until(() => run.answers.length >= 40);
      run.kill();
      expect(await run.ended).toMatchObject({ signal: 'SIGKILL' });
      expect(run.complaints()).toBe('');
      const acknowledged = acknowledgedIn(run.answers);
      expect(acknowledged.length).toBeGreaterThanOrEqual(40);
      const there = new Set((await eventsAt(url)).map(({ id }) => id as string));
      expect(acknowledged.filter((id) => !there.has(id))).not.toEqual([]);
    });
  });
});

describe('an import that is paused while it writes read models', () => {
  test(
    'holds nobody up for good: the server ends its transaction, and the other goes on',
    async () => {
      await inFolder(async (folder) => {
        const file = fileIn(folder);
        const given = (name: string) => ({ more: storesAt(database.url, name) });
        const setup = startImport(file('setup', SETUP), folder, given('setup'));
        expect(await setup.ended).toMatchObject({ code: 0 });
        const lines = referralLines(randomFrom(2), 10);
        const paused = startImport(file('a', lines), folder, given('paused'));
        started.push(paused);
        await onlooker.whileLocked('wayledger_views.generation', async () => {
          while (!(await onlooker.isHeldUp('paused'))) await delay(MOMENT_MS);
          paused.pause();
        });
        // It holds the lock of all who write read models, and cannot let go of it.
        while (!(await onlooker.isWithin('paused'))) await delay(MOMENT_MS);
        const other = startImport(file('b', lines), folder, given('other'));
        started.push(other);
        await other.until(() => other.answers.length === lines.length);
        const since = performance.now();
        expect(await other.ended).toEqual({ code: 0, signal: null });
        const waitedMs = Math.round(performance.now() - since);
        expect(other.summary).toMatchObject({ accepted: lines.length });
        expect(await onlooker.isWithin('paused')).toBe(false);
        paused.resume();
        const { code } = await paused.ended;
        process.stderr.write(
          `crash: beside one that was paused in a transaction another waited ${waitedMs} ms; ` +
            `resumed, that one ended with ${code} ${paused.complaints()}\n`,
        );
        const again = startImport(file('a', lines), folder, given('again'));
        expect(await again.ended).toMatchObject({ code: 0 });
        expect(again.summary).toMatchObject({ unchanged: lines.length });
        const proof = wayledgerJson('verify', '--data', folder, ...storesAt(database.url, 'v'));
        expect(proof).toMatchObject({ ok: true });
      });
    },
    TIMEOUT_MS,
  );
});

describe('a server that crashes under two imports', () => {
  test(
    'and comes back has all that was answered, and ends as if it had never been away',
    () =>
      seeded(async (folder, random, seed) => {
        const server = await startPostgres(LAZY);
        try {
          const race = new Race(folder, server.url, random);
          for (let crashes = 0; crashes < CRASHES; crashes += 1) {
            await race.run(async (importers) => {
              await someAnswers(importers, random);
              await server.crash();
              await server.start();
            });
            expect(await race.lost()).toEqual([]);
          }
          await race.prove();
          process.stderr.write(
            `crash: ${CRASHES} of the server, ${race.seen.told()} (seed ${seed})\n`,
          );
        } finally {
          await server.stop();
        }
      }),
    TIMEOUT_MS,
  );

  test('loses what it was not asked to have on disk: the crash is one', async () => {
    const server = await startPostgres(LAZY);
    try {
      const before = await Onlooker.at(server.url);
      await before.note('kept', { onDisk: true });
      await before.note('lost', { onDisk: false });
      await server.crash();
      await server.start();
      const after = await Onlooker.at(server.url);
      expect(await after.noted()).toEqual(['kept']);
      await after.close();
    } finally {
      await server.stop();
    }
  });
});

async function someAnswers(importers: readonly Importer[], random: Random): Promise<void> {
  const [first] = importers.map(({ process }) => process);
  const enough = 1 + random.below(ANSWERS_MAX);
  await first?.until(() => first.answers.length >= enough);
}

/** Command files of a folder, each named. */
function fileIn(folder: string): (name: string, lines: readonly Line[]) => string {
  return (name, lines) => {
    const path = join(folder, `${name}.ndjson`);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return path;
  };
}

async function eventsAt(url: string) {
  return eventsOf(await openPostgresEventLog({ address: parsePostgresAddress(url) }));
}
