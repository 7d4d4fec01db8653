import { describe, expect, test } from '@jest/globals';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Slug } from '#kernel';
import { countsOf } from '../../apps/cli/src/commands/import-csv.js';
import { runChecks } from '../../apps/cli/src/commands/verify.js';
import { booksOf } from '../support/imported.js';
import { NORTH_SHEET, atDesk, headOf, refusals } from './sheets.js';

const NORTH = 'north' as Slug;

describe('a spreadsheet as people send it', () => {
  test('comes in, all but the rows that its README says are wrong, each with place and reason', async () => {
    await atDesk(async (desk) => {
      const summary = await desk.import();
      expect(refusals(summary)).toEqual([
        'referrals.csv:43 Date Referred no-such-day',
        'referrals.csv:44 NHS Number wrong-identifier',
        'referrals.csv:45 Referred By unknown-word',
        'contacts.csv:87 Date not-a-date',
        'sessions.csv:218 Prescription no-such-prescription',
        'sessions.csv:219 Date before-the-prescription',
        'sessions.csv:220 Date in-the-future',
      ]);
      const said = summary.results.flatMap(({ reasons }) => reasons.map(({ message }) => message));
      expect(said.join('\n')).toMatch(/31 February does not exist/u);
      expect(said.join('\n')).toMatch(/Nobody knows "Fortune teller"/u);
      expect(said.join('\n')).toMatch(/2025-01-01 is before it was prescribed, 2026-05-04/u);
      expect(said.join('\n')).toMatch(/2031-02-01 is after today, 2026-11-01/u);
      expect(countsOf(summary)).toEqual([
        counts('referrals.csv', 44, 40, 1, 3),
        counts('prescriptions.csv', 33, 33, 0, 0),
        counts('contacts.csv', 86, 85, 0, 1),
        counts('sessions.csv', 219, 215, 1, 3),
      ]);
      expect(summary.plan.repeated.map(({ row, first }) => [row.file, row.line, first])).toEqual([
        ['referrals.csv', 42, 6],
        ['sessions.csv', 217, 3],
      ]);
    });
  });

  test('names by reference the people somebody has to ask, and nobody by name', async () => {
    await atDesk(async (desk) => {
      const summary = await desk.import();
      const { consent, refusedConsent, contact } = summary.plan.toBeAsked;
      const unmarked = cells('referrals.csv', ',')
        .filter(([ref, ...row]) => /^R0[0-4]/u.test(ref!) && row[9] === '')
        .map(([ref]) => ref);
      expect(unmarked).toHaveLength(12);
      expect(consent).toEqual(unmarked);
      expect(refusedConsent).toEqual([]);
      expect(contact).toHaveLength(12);
      expect(summary.plan.withoutMinutes).toBe(7);
      const reasons = summary.results.flatMap((result) => result.reasons);
      const told = JSON.stringify([reasons, summary.plan.toBeAsked, summary.gone]);
      for (const [, , , , nhs, first, last] of cells('referrals.csv', ',')) {
        for (const personal of [nhs, first, last]) expect(told).not.toContain(`"${personal}"`);
        if (nhs) expect(told).not.toContain(nhs.replaceAll(' ', ''));
      }
    });
  });

  test('owes each provider what the sessions in it earn, to the penny, and proves it', async () => {
    await atDesk(async (desk) => {
      await desk.import();
      await desk.wayledger.settle();
      const books = await booksOf(desk.wayledger, NORTH);
      const owed = (payee: string) => books.get(`liabilities:north:lottery:accrued:${payee}`) ?? 0n;
      expect(owed('hill-lane-allotments')).toBe(-sum(prescribed('ALLOT').map(gardening)));
      expect(owed('mens-shed')).toBe(-sum(prescribed('SHED').map(shed)));
      expect(owed('open-door-choir')).toBe(-4000n * BigInt(prescribed('CHOIR').length));
      expect(owed('fair-money')).toBe(-sum(prescribed('DEBT').map(debt)));
      expect([...books.keys()].join()).not.toMatch(/walkers/u);
      expect(owed('mens-shed')).toBeLessThan(0n);
      const checks = await runChecks(desk.wayledger, () => Promise.resolve());
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    });
  });

  test('given again, changes nothing: not from a copy of the folder under another name either', async () => {
    await atDesk(async (desk) => {
      const first = await desk.import();
      const head = await headOf(desk);
      const copy = join(desk.folder, '..', 'a copy of it');
      cpSync(desk.folder, copy, { recursive: true });
      for (const folder of [desk.folder, copy]) {
        const again = await desk.import(folder);
        expect(await headOf(desk)).toBe(head);
        expect(again.setup.accepted).toBe(0);
        expect(refusals(again)).toEqual(refusals(first));
        expect(again.gone).toEqual([]);
        expect(countsOf(again).map(({ accepted, unchanged }) => [accepted, unchanged])).toEqual([
          [0, 40],
          [0, 33],
          [0, 85],
          [0, 215],
        ]);
      }
    });
  });
});

function counts(file: string, rows: number, accepted: number, repeated: number, refused: number) {
  return { file, rows, accepted, unchanged: 0, repeated, refused };
}

/** The sheet as a second pair of eyes reads it: no quotes are in it. */
function cells(file: string, separator: string): string[][] {
  const text = readFileSync(join(NORTH_SHEET, file), 'latin1');
  return text
    .split(/\r?\n/u)
    .slice(1)
    .map((line) => line.split(separator).map((c) => c.trim()));
}

function prescribed(code: string): { ref: string; planned: number }[] {
  return cells('prescriptions.csv', ';')
    .filter((row) => row[2] === code)
    .map(([ref, , , , , planned]) => ({ ref: ref!, planned: Number(planned) }));
}

/** Sessions of the README's right rows, each once. */
function sessionsOf(ref: string): { number: number; attended: boolean; paidFee: boolean }[] {
  const wrong = ['01/01/2025', '01/02/2031'];
  const rows = cells('sessions.csv', ',').filter(
    (row) => row[0] === ref && !wrong.includes(row[2]!),
  );
  const once = [...new Map(rows.map((row) => [row.join(), row])).values()];
  return once
    .filter(([, , , attended]) => attended !== 'dropped out')
    .map(([, number, , attended, why]) => ({
      number: Number(number),
      attended: attended === 'Y' || attended === 'late',
      paidFee: attended === 'N' && why !== 'venue closed',
    }));
}

function gardening({ ref }: { ref: string }): bigint {
  const held = sessionsOf(ref);
  const fees = Math.min(2, held.filter(({ paidFee }) => paidFee).length);
  return BigInt(held.filter(({ attended }) => attended).length * 1250 + fees * 500);
}

function shed({ ref, planned }: { ref: string; planned: number }): bigint {
  const price = (number: number) => Math.floor(9999 / planned) + (number <= 9999 % planned ? 1 : 0);
  const held = sessionsOf(ref).filter(({ attended }) => attended);
  return BigInt(held.reduce((total, { number }) => total + price(number), 0));
}

function debt({ ref }: { ref: string }): bigint {
  return sessionsOf(ref).filter(({ attended }) => attended).length >= 3 ? 15000n : 0n;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
