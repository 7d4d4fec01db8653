import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Query } from '@nestjs/cqrs';
import { present, type CivilDate, type Instant, type Month, type Slug } from '#kernel';
import { Wayledger, givenViews, projections } from '#engine';
import {
  BalancesQuery,
  ChangesQuery,
  EntriesQuery,
  KnownDayQuery,
  KnownPositionQuery,
  PostedEntriesQuery,
  PostedEventQuery,
  StatementQuery,
  TrialBalanceQuery,
} from '#funding';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import {
  CaseloadQuery,
  ClocksQuery,
  FindReferralQuery,
  FunnelQuery,
  PlacesQuery,
  ReferralQuery,
  VolumesQuery,
} from '#referral';
import { simulateAreas } from '#simulation';
import { importFile } from '../../apps/cli/src/importer.js';
import { runChecks } from '../../apps/cli/src/commands/verify.js';
import { inFolder } from '../support/imported.js';

/** Of an invented year: enough for all that queries ask for, with months that were closed. */
const LINES = 2_500;

let sqlite: Wayledger;
let postgres: Wayledger;
let anchor: Slug;
let release: () => void;
let done: Promise<void>;
beforeAll(async () => {
  await new Promise<void>((ready, failed) => {
    done = onBoth(ready);
    done.catch(failed);
  });
}, 120_000);
afterAll(async () => {
  release();
  await done;
});

/** One log, and what is read of it in either database, until the tests are over. */
function onBoth(ready: () => void): Promise<void> {
  return inFolder(async (folder) => {
    const database = await testDatabase();
    const data = join(folder, 'data');
    sqlite = await Wayledger.open({ data });
    try {
      await give(sqlite, join(folder, 'year.ndjson'));
      await readThere(data, database, ready);
    } finally {
      await sqlite.close();
      await database.drop();
    }
  });
}

async function give(wayledger: Wayledger, file: string): Promise<void> {
  const [area] = simulateAreas({ scenario: 'spring', areas: 1, years: 1, seed: 1 });
  const lines = [...present(area, 'there is an area').lines()].slice(0, LINES);
  anchor = present(area, 'there is an area').anchor;
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await importFile(wayledger, { file, asRecorded: true }, () => undefined);
  await wayledger.settle();
}

async function readThere(data: string, { url }: TestDatabase, ready: () => void): Promise<void> {
  const views = present(givenViews(url), 'it is an address');
  postgres = await Wayledger.open({ data, views });
  try {
    await postgres.catchUp();
    await new Promise<void>((resolve) => {
      release = resolve;
      ready();
    });
  } finally {
    await postgres.close();
  }
}

/** What both answer, if it is the same. */
async function answer<T>(query: Query<T>): Promise<T> {
  const answered = await sqlite.query(query);
  expect(await postgres.query(query)).toEqual(answered);
  return answered;
}

const MONTHS = ['2025-05', '2025-06', '2025-07', '2025-08'] as Month[];
const DAYS = ['2025-05-31', '2025-07-15'] as CivilDate[];
const MOMENTS = ['2025-04-01T00:00:00.000Z', '2025-06-30T22:59:59.999Z'] as Instant[];

test('every read model has the same rows on both, byte for byte', async () => {
  for (const { name, tables } of projections) {
    const [here, there] = await Promise.all(
      [sqlite, postgres].map(async ({ runner: { generations } }) => {
        const { number } = present(await generations.active(name), `${name} serves`);
        return generations.hash(tables, number);
      }),
    );
    expect([name, there]).toEqual([name, here]);
  }
});

test('every check of the books holds on both', async () => {
  for (const wayledger of [sqlite, postgres]) {
    const checks = await runChecks(wayledger, () => Promise.resolve());
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  }
}, 60_000);

describe('the answer is the same on both:', () => {
  test('balances, now and at any cut', async () => {
    const places = [100n, (await sqlite.log.head()) / 2n];
    expect((await answer(new BalancesQuery(anchor))).length).toBeGreaterThan(20);
    for (const day of DAYS) {
      await answer(new BalancesQuery(anchor, day));
      await answer(new BalancesQuery(anchor, undefined, day));
      for (const place of places) await answer(new BalancesQuery(anchor, day, day, place));
    }
    for (const place of places) {
      await answer(new BalancesQuery(anchor, undefined, undefined, place));
    }
  });

  test('entries, all of them and page by page', async () => {
    const all = await answer(new EntriesQuery(anchor));
    expect(all.length).toBeGreaterThan(100);
    const { prescription, event } = present(
      all.find((entry) => entry.prescription !== undefined),
      'one is of a prescription',
    );
    expect(await answer(new PostedEventQuery(event))).not.toBeNull();
    const caused = await answer(new EntriesQuery(anchor, { events: [event] }));
    expect(caused.length).toBeGreaterThan(0);
    const of = await answer(new EntriesQuery(anchor, { ...(prescription && { prescription }) }));
    expect(of.length).toBeGreaterThan(0);
    const accounts = all.slice(0, 2).flatMap(({ lines }) => lines.map(({ account }) => account));
    const page = { accounts, after: 3, max: 5, postedBy: '2025-09-30' as CivilDate };
    expect(await answer(new EntriesQuery(anchor, page))).toHaveLength(5);
    await answer(
      new EntriesQuery(anchor, { knownBy: 200n, occurredBy: '2025-05-31' as CivilDate }),
    );
  });

  test('entries in the order in which they are posted', async () => {
    const both = await Promise.all(
      [sqlite, postgres].map(async (wayledger) => {
        const entries: number[] = [];
        for await (const { entry } of await wayledger.query(new PostedEntriesQuery(anchor))) {
          entries.push(entry);
        }
        return entries;
      }),
    );
    expect(both[1]).toEqual(both[0]);
    expect(both[0]).not.toEqual(both[0]?.toSorted((a, b) => a - b));
  });

  test('statements, now and as they were known', async () => {
    const owed = new Set([anchor]);
    for (const { account } of await sqlite.query(new BalancesQuery(anchor))) {
      const [, provider] = /:accrued:(.+)$/u.exec(account) ?? [];
      if (provider !== undefined) owed.add(provider as Slug);
    }
    let lines = 0;
    for (const provider of owed) {
      for (const month of MONTHS) {
        lines += (await answer(new StatementQuery(anchor, provider, month))).lines.length;
        await answer(new StatementQuery(anchor, provider, month, 1_000n));
      }
    }
    expect(lines).toBeGreaterThan(20);
  });

  test('trial balances, and what changed since they were signed', async () => {
    for (const month of MONTHS) {
      const { accounts } = await answer(new TrialBalanceQuery(anchor, month));
      expect(accounts).toBeGreaterThan(0);
    }
    const changed = await answer(new ChangesQuery(anchor, '2025-04' as Month));
    expect(changed.month).toBe('2025-04');
  });

  test('what was known when', async () => {
    for (const at of MOMENTS) {
      const position = await answer(new KnownPositionQuery(anchor, at));
      await answer(new KnownDayQuery(position));
    }
    expect(await answer(new KnownDayQuery(1_000n))).not.toBeNull();
  });

  test('caseloads, now and then, and the referrals in them', async () => {
    const linkWorker = `${anchor}-lw-1` as Slug;
    const today = '2025-09-01' as CivilDate;
    const { items } = await answer(new CaseloadQuery(linkWorker, today));
    expect(items.length).toBeGreaterThan(3);
    const known = () => Promise.resolve(1_500n);
    const then = await answer(new CaseloadQuery(linkWorker, today, undefined, known));
    expect(then.items).not.toEqual(items);
    const { referral } = present(items[0], 'somebody is waiting');
    expect(await answer(new ReferralQuery(referral))).toMatchObject({ referral });
    expect(await answer(new FindReferralQuery(referral.slice(0, 6)))).toHaveLength(1);
    await answer(new FindReferralQuery(''));
  });

  test('funnels, volumes, places and clocks', async () => {
    const span = { from: '2025-05-01' as CivilDate, to: '2025-07-31' as CivilDate };
    for (const whose of [anchor, undefined]) {
      await answer(new FunnelQuery(whose));
      await answer(new FunnelQuery(whose, span));
    }
    expect((await answer(new VolumesQuery(anchor))).length).toBeGreaterThan(5);
    // This scheme waits for nothing, and these services have room for everybody.
    await answer(new ClocksQuery());
    await answer(new PlacesQuery(`${anchor}-allotments` as Slug));
  });
});
