import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endOfDay, present, type CivilDate, type Month, type Slug } from '#kernel';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import { BalancesQuery, KnownPositionQuery, StatementQuery } from '#funding';
import { CaseloadQuery, FindReferralQuery, FunnelQuery } from '#referral';
import { Wayledger, givenKeys, givenLog, givenViews } from '#engine';
import { storyOf } from '../../apps/cli/src/commands/replay.js';
import { runChecks } from '../../apps/cli/src/commands/verify.js';
import { importFile } from '../../apps/cli/src/importer.js';
import { freshNamespace, someServer, withNamespace } from '../eventstoredb/support/fixture.js';
import type { TestServer } from '../eventstoredb/support/fixture.js';
import { inFolder, journalOf } from '../support/imported.js';

const EXAMPLE = fileURLToPath(
  new URL('../../../test/worked-example/commands.ndjson', import.meta.url),
);
const [NORTH, EAST] = ['north', 'east'] as [Slug, Slug];
const MONTH = '2026-05' as Month;
const TODAY = '2026-06-30' as CivilDate;
const END_OF_MAY = '2026-05-31' as CivilDate;

type Kind = 'SQLite' | 'PostgreSQL' | 'EventStoreDB';
const BOTH = ['SQLite', 'PostgreSQL'] as const;
/** Where the log is, the keys and the read models. */
const HOUSES: readonly [Kind, Kind, Kind][] = [
  ...BOTH.flatMap((log) =>
    BOTH.flatMap((keys) => BOTH.map((views): [Kind, Kind, Kind] => [log, keys, views])),
  ),
  ['EventStoreDB', 'PostgreSQL', 'PostgreSQL'],
];

let eventStore: TestServer;
let expected: unknown;
beforeAll(async () => {
  eventStore = await someServer();
  expected = await answersOf('SQLite', 'SQLite', 'SQLite');
});
afterAll(() => eventStore.stop());

/** The worked example on stores of these kinds, read by what opens them anew. */
async function answersOf(log: Kind, keys: Kind, views: Kind): Promise<unknown> {
  const database = await testDatabase();
  try {
    return await inFolder(async (folder) => {
      const at = (kind: Kind, file: string) => addressOf(kind, join(folder, file), database);
      const stores = {
        data: join(folder, 'none'),
        log: present(givenLog(at(log, 'log.db'), {}), 'a log is named'),
        keys: present(givenKeys(at(keys, 'keys.db')), 'keys are named'),
        views: present(givenViews(at(views, 'views.db')), 'read models are named'),
      };
      await withStores(stores, async (wayledger) => {
        const given = { file: EXAMPLE, asRecorded: true };
        const summary = await importFile(wayledger, given, () => undefined);
        expect(summary).toMatchObject({ refused: 0, unchanged: 0, accepted: summary.lines });
        await wayledger.settle();
      });
      return withStores({ ...stores, existing: true }, answersIn);
    });
  } finally {
    await database.drop();
  }
}

function addressOf(kind: Kind, file: string, { url }: TestDatabase): string {
  if (kind === 'SQLite') return `sqlite:${file}`;
  return kind === 'PostgreSQL' ? url : withNamespace(eventStore.url, freshNamespace());
}

async function withStores<T>(
  stores: Parameters<typeof Wayledger.open>[0],
  work: (wayledger: Wayledger) => Promise<T>,
): Promise<T> {
  const wayledger = await Wayledger.open(stores);
  try {
    return await work(wayledger);
  } finally {
    await wayledger.close();
  }
}

/** What who asks is told, but for where it is in the log: each kind has places of its own. */
async function answersIn(wayledger: Wayledger) {
  await wayledger.catchUp();
  const known = await wayledger.query(new KnownPositionQuery(NORTH, endOfDay(END_OF_MAY)));
  const referrals = await wayledger.query(new FindReferralQuery(''));
  const stories = [];
  for (const found of referrals) stories.push(await storyOf(wayledger, found));
  return withoutPlaces({
    books: [
      await journalOf(wayledger, NORTH),
      await journalOf(wayledger, EAST),
      await journalOf(wayledger, NORTH, known),
      await wayledger.query(new BalancesQuery(NORTH, END_OF_MAY)),
    ],
    statements: [
      await wayledger.query(new StatementQuery(NORTH, 'allot' as Slug, MONTH)),
      await wayledger.query(new StatementQuery(NORTH, 'allot' as Slug, MONTH, known)),
    ],
    caseloads: [
      await wayledger.query(new CaseloadQuery('north-lw' as Slug, TODAY)),
      await wayledger.query(new CaseloadQuery('east-lw' as Slug, TODAY)),
    ],
    funnel: await wayledger.query(new FunnelQuery()),
    stories,
    checks: await runChecks(wayledger, () => Promise.resolve()),
  });
}

function withoutPlaces<T>(answers: T): T {
  const text = JSON.stringify(answers, (field, value: unknown) =>
    field === 'position' ? undefined : typeof value === 'bigint' ? String(value) : value,
  );
  return JSON.parse(text) as T; // Of what it was made from.
}

describe('the same commands and the same questions', () => {
  test('have answers: money, people by their names, proofs that hold', () => {
    const { books, checks, stories } = expected as Awaited<ReturnType<typeof answersIn>>;
    expect(checks.length).toBeGreaterThan(10);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(stories).toHaveLength(5);
    expect(stories.flatMap(({ steps }) => steps.map((step) => step.protected))).toContainEqual({
      ...{ name: 'Person R1', contact: '07700 900000' },
    });
    expect(books[0]).toMatch(/ 12\.50 GBP$/mu);
  });

  test.each(HOUSES)(
    'have them with the log on %s, keys on %s, read models on %s',
    async (...of) => {
      expect(await answersOf(...of)).toEqual(expected);
    },
  );
});
