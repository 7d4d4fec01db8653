import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOfDay, type Slug } from '#kernel';
import { importFile, type LineResult } from '../../apps/cli/src/importer.js';
import { countsOf } from '../../apps/cli/src/commands/import-csv.js';
import type { FixLine } from '../../apps/cli/src/commands/import-csv-fix.js';
import type { SheetSummary } from '../../apps/cli/src/commands/import-csv-run.js';
import { booksOf } from '../support/imported.js';
import { TODAY, atDesk, headOf, importedOnce, refusals, type Desk } from './sheets.js';

const NORTH = 'north' as Slug;
const WRONG = 7;

const before = importedOnce();
beforeAll(() => before.make());
afterAll(() => {
  before.remove();
});

/** With the sheet imported already. */
const afterwards = (work: (desk: Desk) => Promise<void>) => atDesk(work, before.data);

/** What was refused beside the seven rows that are wrong from the beginning. */
async function refusedNow(desk: Desk) {
  const summary = await desk.import();
  const odd = ['no-such-day', 'wrong-identifier', 'unknown-word', 'not-a-date'];
  odd.push('no-such-prescription', 'before-the-prescription', 'in-the-future');
  const news = summary.results.flatMap(({ row, reasons }) =>
    reasons.filter(({ code }) => !odd.includes(code)).map((reason) => ({ row, ...reason })),
  );
  return { summary, news };
}

/** Gives the lines that the report proposes, as the finance officer who checked them. */
async function giveFixes(desk: Desk, summary: SheetSummary, fixes: readonly FixLine[]) {
  const file = join(desk.folder, 'corrections.ndjson');
  writeFileSync(file, fixes.map((fix) => JSON.stringify(fix)).join('\n'));
  const results: LineResult[] = [];
  const clock = { now: () => startOfDay(TODAY) };
  const options = { file, namespace: summary.namespace, clock };
  await importFile(desk.wayledger, options, (result) => {
    results.push(result);
  });
  return results.map(({ status }) => status);
}

async function owed(desk: Desk, payee: string): Promise<bigint> {
  await desk.wayledger.settle();
  const books = await booksOf(desk.wayledger, NORTH);
  return books.get(`liabilities:north:lottery:accrued:${payee}`) ?? 0n;
}

describe('a row that was edited after it was imported', () => {
  test('is reported with what was recorded and the line that corrects it; then it is as it says', async () => {
    await afterwards(async (desk) => {
      const head = await headOf(desk);
      desk.edit('sessions.csv', 'R001-1,2,21/6/2026,Y,', 'R001-1,2,22/6/2026,Y,');
      desk.edit('sessions.csv', 'R001-1,2,21/6/2026,Y,', 'R001-1,2,22/6/2026,Y,');
      desk.edit('contacts.csv', 'R002,2026-04-11,Home visit,20,', 'R002,2026-04-11,phone,25,');
      const { summary, news } = await refusedNow(desk);
      expect(await headOf(desk)).toBe(head);
      expect(news.map(({ row, code }) => `${row.file}:${row.line} ${code}`)).toEqual([
        'contacts.csv:5 edited',
        'sessions.csv:3 edited',
      ]);
      expect(news.map(({ message }) => message).join()).toMatch(
        /session 2 on 2026-06-21, attended/u,
      );
      expect(news.map(({ fix }) => fix?.['data'])).toMatchObject([
        { kind: 'amend', mode: 'phone', minutes: 25 },
        { kind: 'amend', on: '2026-06-22' },
      ]);
      const fixes = news.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
      expect(await giveFixes(desk, summary, fixes)).toEqual(['accepted', 'accepted']);
      const after = await refusedNow(desk);
      expect(after.news).toEqual([]);
      expect(after.summary.gone).toEqual([]);
    });
  });

  test('that says another outcome is taken back, then comes in anew; the money follows', async () => {
    await afterwards(async (desk) => {
      const before = await owed(desk, 'hill-lane-allotments');
      desk.edit('sessions.csv', 'R001-1,5,12-Jul-26,Y,', 'R001-1,5,12-Jul-26,N,venue closed');
      const { summary, news } = await refusedNow(desk);
      expect(news.map(({ fix }) => fix?.['data'])).toMatchObject([{ kind: 'void' }]);
      await giveFixes(
        desk,
        summary,
        news.flatMap(({ fix }) => (fix === undefined ? [] : [fix])),
      );
      const after = await refusedNow(desk);
      expect(after.news).toEqual([]);
      expect(countsOf(after.summary).map(({ accepted }) => accepted)).toEqual([0, 0, 0, 1]);
      expect(await owed(desk, 'hill-lane-allotments')).toBe(before + 1250n);
      const last = await refusedNow(desk);
      expect(countsOf(last.summary).map(({ accepted }) => accepted)).toEqual([0, 0, 0, 0]);
      expect(last.summary.gone).toEqual([]);
    });
  });

  test('is no second referral, prescription or person', async () => {
    await afterwards(async (desk) => {
      const head = await headOf(desk);
      desk.edit('referrals.csv', 'R003,26/4/2026', 'R003,27/4/2026');
      desk.edit('referrals.csv', 'R004,10/01/2026,Family', 'R004,10/01/2026,Self');
      desk.edit('prescriptions.csv', 'R002-1;R002;WALK', 'R002-1;R002;SHED');
      const { summary, news } = await refusedNow(desk);
      expect(news.map(({ row, code }) => `${row.file}:${row.line} ${code}`)).toEqual([
        'referrals.csv:4 edited',
        'referrals.csv:5 edited',
        'prescriptions.csv:3 edited',
      ]);
      expect(await headOf(desk)).toBe(head);
      // What rests on them is there, and goes on being so.
      expect(countsOf(summary).map(({ unchanged }) => unchanged)).toEqual([38, 32, 85, 215]);
    });
  });

  test('that only now has its mark of consent records the consent, and the rest is unchanged', async () => {
    await afterwards(async (desk) => {
      desk.edit(
        'referrals.csv',
        'inactive; loneliness,,Link Worker B',
        'inactive; loneliness,Y,Link Worker B',
      );
      const { summary, news } = await refusedNow(desk);
      expect(news).toEqual([]);
      expect(countsOf(summary).map(({ accepted }) => accepted)).toEqual([1, 0, 0, 0]);
    });
  });
});

describe('a row that was imported before and is gone', () => {
  test('is told of, with the line that takes it back; a deleted row of money too', async () => {
    await afterwards(async (desk) => {
      const before = await owed(desk, 'mens-shed');
      desk.edit('sessions.csv', /R007-2,8,21\/04\/2026,Y,\r?\n/u, '');
      desk.edit('contacts.csv', /R002,2026-04-11,Home visit,20,\r?\n/u, '');
      const { summary, news } = await refusedNow(desk);
      expect(news).toEqual([]);
      expect(summary.gone.map(({ message }) => message.slice(0, 60))).toEqual([
        expect.stringContaining('R002: imported before (contact on 2026-04-11'),
        expect.stringContaining('R007-2: imported before (session 8 on 2026-04-21'),
      ]);
      expect(await owed(desk, 'mens-shed')).toBe(before);
      const given = await giveFixes(
        desk,
        summary,
        summary.gone.flatMap(({ fix }) => (fix === undefined ? [] : [fix])),
      );
      expect(given).toEqual(['accepted', 'accepted']);
      expect((await desk.import()).gone).toEqual([]);
      expect(await owed(desk, 'mens-shed')).toBe(before + 1249n);
    });
  });

  test('because its key was edited: the new row waits until the old one is taken back', async () => {
    await afterwards(async (desk) => {
      const head = await headOf(desk);
      desk.edit('contacts.csv', 'R002,2026-04-11,Home visit,20,', 'R002,2026-04-12,Home visit,20,');
      desk.edit('sessions.csv', 'R007-2,8,21/04/2026,Y,', 'R007-2,,22/04/2026,Y,');
      desk.edit('prescriptions.csv', 'R001-1;R001;ALLOT', 'R001-9;R001;ALLOT');
      const { summary, news } = await refusedNow(desk);
      expect(news.filter(({ code }) => code === 'moved').map(({ row }) => row.file)).toEqual([
        'prescriptions.csv',
        'contacts.csv',
        'sessions.csv',
      ]);
      expect(await headOf(desk)).toBe(head);
      // An amendment of the day will do as well as taking it back.
      const [contact] = summary.gone.filter(({ message }) => message.includes('contact'));
      const line = contact!.fix!;
      const data = { ...(line['data'] as object), kind: 'amend', on: '2026-04-12' };
      expect(await giveFixes(desk, summary, [{ ...line, data }])).toEqual(['accepted']);
      const after = await refusedNow(desk);
      expect(after.news.map(({ row }) => row.file)).not.toContain('contacts.csv');
    });
  });

  test('and what is said of a sheet that is not there is nothing', async () => {
    await afterwards(async (desk) => {
      desk.edit('mapping.yaml', /contacts\.csv:[\s\S]*?(?=sessions\.csv:)/u, '');
      expect((await desk.import()).gone).toEqual([]);
    });
  });
});

describe('what rests on a refused row', () => {
  test('says so, and comes in once that row is right', async () => {
    await atDesk(async (desk) => {
      desk.edit('prescriptions.csv', 'R001-1;R001;ALLOT', 'R041-1;R041;ALLOT');
      const first = await desk.import();
      expect(
        first.results.find(({ row }) => row.line === 2 && row.file === 'prescriptions.csv'),
      ).toMatchObject({
        reasons: [
          {
            message: expect.stringContaining(
              'its referral R041 was refused (referrals.csv, line 43)',
            ),
          },
        ],
      });
      desk.edit('referrals.csv', 'R041,31/02/2026', 'R041,28/02/2026');
      const again = await desk.import();
      expect(refusals(again)).not.toContain('prescriptions.csv:2  rests-on-refused');
      expect(countsOf(again).map(({ accepted }) => accepted)).toEqual([1, 1, 0, 0]);
    });
  });

  test('a pot that is used up refuses its rows, which succeed when there is more', async () => {
    await atDesk(async (desk) => {
      desk.edit('setup.yaml', '15000.00', '10.00');
      const first = await desk.import();
      const short = refusals(first).filter((line) => line.startsWith('prescriptions.csv'));
      expect(short.length).toBeGreaterThan(3);
      expect(refusals(first).length - short.length).toBeGreaterThan(WRONG);
      const more = {
        ...{ id: 'more', command: 'ChangeBudget', at: '2026-01-02' },
        actor: { id: 'finance', role: 'anchor', organisation: 'north' },
        data: {
          ...{ anchor: 'north', fund: 'lottery', year: 2025 },
          changes: [{ pot: 'prescribing', amount: 1_000_000 }],
        },
      };
      expect(await giveFixes(desk, first, [more])).toEqual(['accepted']);
      expect(refusals(await desk.import())).toHaveLength(WRONG);
    });
  });
});
