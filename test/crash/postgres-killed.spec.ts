import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import { inFolder } from '../support/imported.js';
import { disturb } from './testing/disturbing.js';
import { Onlooker } from './testing/onlooker.js';
import { Race } from './testing/raced.js';
import { chosenSeed, randomFrom, type Random } from './testing/random.js';

/** How long processes are disturbed; the soak is the same for ten minutes. */
const SOAK_MS = Number(process.env['WAYLEDGER_TEST_SOAK_SECONDS'] ?? 15) * 1_000;
/** The last files go through, and everything is proved, on cores that others may be using. */
const TIMEOUT_MS = SOAK_MS * 2 + 180_000;

let database: TestDatabase;
let onlooker: Onlooker;
beforeEach(async () => {
  database = await testDatabase();
  onlooker = await Onlooker.at(database.url);
});
afterEach(async () => {
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
        process.stderr.write(`crash: ${waves} pairs of files, ${race.seen} (seed ${seed})\n`);
      }),
    TIMEOUT_MS,
  );
});
