import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dayOf, endOfDay, type CivilDate, type Instant, type Slug } from '#kernel';
import { BalancesQuery, KnownPositionQuery } from '#funding';
import { CaseloadQuery } from '#referral';
import { Wayledger } from '#engine';
import { hasHledger, hledgerBalances, hledgerCheck } from '../support/hledger.js';
import { afterImport, inFolder, journalOf } from '../support/imported.js';

const EXAMPLE = fileURLToPath(
  new URL('../../../test/worked-example/commands.ndjson', import.meta.url),
);
const LINES = readFileSync(EXAMPLE, 'utf8').trim().split('\n');
const NORTH = 'north' as Slug;
const WORKERS = ['north-lw', 'east-lw'] as Slug[];
const withHledger = hasHledger() ? test : test.skip;

/** All of it, kept open for the whole file. */
let all: Wayledger;
let release: () => void;
let done: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((ready) => {
    done = afterImport(EXAMPLE, async ({ wayledger }) => {
      all = wayledger;
      ready();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
  });
});
afterAll(async () => {
  release();
  await done;
});

/** The engine that was given only the first lines, under the same names. */
function afterFirst<T>(count: number, work: (wayledger: Wayledger) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const file = join(folder, 'commands.ndjson');
    writeFileSync(file, LINES.slice(0, count).join('\n'));
    return afterImport(file, ({ wayledger }) => work(wayledger));
  });
}

const recordedBy = (count: number) =>
  (JSON.parse(LINES[count - 1] ?? '') as { recordedAt: string }).recordedAt;

describe.each([12, 20, 27, 36, 44, 50])('what was known after %i commands', (count) => {
  test('books and caseloads are those of an engine that heard no more', async () => {
    await afterFirst(count, async (then) => {
      const position = await then.log.head();
      const balances = await all.query(new BalancesQuery(NORTH, undefined, undefined, position));
      expect(balances).toEqual(await then.query(new BalancesQuery(NORTH)));
      const today = dayOf(`${recordedBy(count).slice(0, 10)}T12:00:00.000Z` as Instant);
      for (const worker of WORKERS) {
        const known = await all.query(
          new CaseloadQuery(worker, today, undefined, () => Promise.resolve(position)),
        );
        expect(known).toEqual(await then.query(new CaseloadQuery(worker, today)));
      }
      for (const limits of [
        ['2026-04-30', undefined],
        [undefined, '2026-05-12'],
        ['2026-06-30', '2026-05-31'],
      ] as [CivilDate | undefined, CivilDate | undefined][]) {
        const there = await then.query(new BalancesQuery(NORTH, ...limits));
        expect(await all.query(new BalancesQuery(NORTH, ...limits, position))).toEqual(there);
      }
    });
  });
});

test('by the end of a day one knows what was recorded on it, in London', async () => {
  const day = '2026-05-06' as CivilDate;
  const count = LINES.findIndex((_, index) => recordedBy(index + 1).slice(0, 10) > day);
  expect(count).toBeGreaterThan(0);
  const position = await all.query(new KnownPositionQuery(NORTH, endOfDay(day)));
  await afterFirst(count, async (then) => {
    expect(await all.query(new BalancesQuery(NORTH, undefined, undefined, position))).toEqual(
      await then.query(new BalancesQuery(NORTH)),
    );
  });
  expect(endOfDay(day)).toBe('2026-05-06T22:59:59.999Z');
});

withHledger('the journal of any point passes hledger and gives the same balances', async () => {
  const last = await all.log.head();
  for (const position of [9n, 20n, 31n, 47n, last]) {
    const accounts = await all.query(new BalancesQuery(NORTH, undefined, undefined, position));
    await inFolder(async (folder) => {
      const file = join(folder, 'north.journal');
      writeFileSync(file, await journalOf(all, NORTH, position));
      hledgerCheck(file);
      expect(hledgerBalances(file)).toEqual(
        new Map(accounts.map(({ account, balance }) => [account, balance])),
      );
    });
  }
});
