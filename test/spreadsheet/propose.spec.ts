import { describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'csv-parse/sync';
import { inFolder } from '../support/imported.js';
import { wayledger, wayledgerAside } from '../cli/testing/command-line.js';
import { NORTH_SHEET } from './sheets.js';

/** The four files as they came, without what somebody filled in. */
function asItCame<T>(work: (folder: string, data: string) => Promise<T>): Promise<T> {
  return inFolder(async (base) => {
    const folder = join(base, 'north-sheet');
    cpSync(NORTH_SHEET, folder, { recursive: true });
    for (const name of readdirSync(folder)) if (name.endsWith('.yaml')) rmSync(join(folder, name));
    return work(folder, join(base, 'data'));
  });
}

/** Other words, an empty file, and a register with the days across the top. */
const HARBOUR: Readonly<Record<string, readonly string[]>> = {
  'people.csv': [
    "Client ID,Ref'd on,Source,GP surgery,Name,Agreed to share info,Allocated to,Level,Notes",
    'H1,Mon 4 May 2026,GP,n/a,"O\'NEILL, Máire",Y,Jo,broad,-',
    'H2,05.05.26,GP,-,Tom Kerr,?,tbc,Medium,',
    'H3,tbc,GP,,Una Bell,Y,Jo,broad,"Ring first,\nthen call"',
    'TOTAL,,,,3,,,,',
  ],
  'prescribed.csv': [
    'Rx ref,Client ID,Provider org,Start date,No. of sessions booked',
    'P1,H1,Quay Choir,5th May 2026,14.0',
  ],
  'contacts.csv': [
    'ID,Client ID,Appt date,Type of contact,Duration',
    '1,H1,2026-05-06T10:30,Phone,1hr 15',
    '2,H3,06/05/2026,Phone,00:45',
  ],
  'sessions.csv': [
    'No,Rx ref,Date,Turned up?,Reason for non-attendance',
    ...Array.from({ length: 12 }, (_, week) => {
      const came = ['Y', 'Y (late)', 'cancelled by provider', 'DNA'][week % 4] ?? '';
      return `${week + 40},P1,${46148 + 7 * week},${came},`;
    }),
  ],
  'register.csv': ['Rx,Name,01/06/2026,08/06/2026,15/06/2026', 'P1,A,Y,N,Y'],
  'empty.csv': [''],
};

describe('an anchor with four files and nothing else', () => {
  test('is told what they seem to be, fills in what is named, and gets them in', async () => {
    await asItCame(async (folder, data) => {
      const proposed = wayledger('import', '--csv', folder, '--propose');
      expect(proposed.status).toBe(0);
      const setup = join(folder, 'setup.yaml');
      const early = wayledger('import', '--csv', folder, '--data', data);
      expect(early.status).toBe(3);
      expect(early.stderr).toMatch(
        /setup\.yaml, line \d+: key "agreements\.mens-shed\.components\.0\.amount": is not/u,
      );
      expect(existsSync(data)).toBe(false);
      const filled = readFileSync(setup, 'utf8')
        .replace(/^anchor:.*/mu, 'anchor: north')
        .replace(/^anchorName:.*/mu, 'anchorName: North')
        .replace(/^scheme:.*/mu, 'scheme: spring')
        .replace(/^ {2}fund:.*/mu, '  fund: lottery')
        .replace(/^ {2}funder:.*/mu, '  funder: lottery-fund')
        .replace(/amount: {2}# TO FILL IN: pounds, as.*/gu, 'amount: 25000.00')
        .replace(/amount: {2}# TO FILL IN: pounds for.*/gu, 'amount: 10.00');
      writeFileSync(setup, filled);
      expect(filled.split('\n').filter((line) => /TO FILL IN/u.test(line))).toHaveLength(2);
      const report = join(folder, '..', 'refused.csv');
      // One of an earlier time, that others may read: there were no people in it.
      writeFileSync(report, '');
      chmodSync(report, 0o644);
      const flags = ['--data', data, '--today', '2026-11-01', '--report', report];
      const done = wayledger('import', '--csv', folder, ...flags);
      expect(done.status).toBe(1);
      expect(done.stdout).toMatch(/Refused \(7\)/u);
      expect(statSync(report).mode & 0o777).toBe(0o600);
      const rows: Record<string, string>[] = parse(readFileSync(report), {
        bom: true,
        columns: true,
      });
      expect(rows.map(({ file, line }) => `${file}:${line}`)).toEqual([
        ...['referrals.csv:43', 'referrals.csv:44', 'referrals.csv:45', 'contacts.csv:87'],
        ...['sessions.csv:218', 'sessions.csv:219', 'sessions.csv:220'],
      ]);
      expect(rows[0]).toMatchObject({ column: 'Date Referred', Surname: 'Kerr', 'Ref No': 'R041' });
      // Proposed again, what was filled in stays.
      expect(wayledger('import', '--csv', folder, '--propose').stdout).toMatch(/stays as it is/u);
      expect(readFileSync(setup, 'utf8')).toBe(filled);
    });
  });

  test('has headers, words and registers of other anchors guessed, and a report that stays whole', async () => {
    await inFolder((base) => {
      const folder = join(base, 'harbour');
      mkdirSync(folder);
      for (const [name, lines] of Object.entries(HARBOUR)) {
        writeFileSync(join(folder, name), lines.join('\r\n'));
      }
      const proposed = wayledger('import', '--csv', folder, '--propose');
      expect(proposed.stdout).toMatch(/empty\.csv is left out: There is nothing/u);
      expect(proposed.stdout).toMatch(/register\.csv is left out: it has one column a date/u);
      const mapping = readFileSync(join(folder, 'mapping.yaml'), 'utf8');
      expect(mapping).not.toMatch(/: {2}# TO FILL IN/u);
      for (const line of [
        ...["date: Ref'd on", 'consent: Agreed to share info', 'kind: Level'],
        ...['provider: Provider org', 'plannedSessions: No. of sessions booked'],
        ...['attended: Turned up?', 'reason: Reason for non-attendance'],
      ]) {
        expect(mapping).toContain(`    ${line}  # the header says so`);
      }
      // A number of its own in each row is neither a session's nor a referral's.
      expect(mapping).not.toMatch(/^ {4}\w+: (?:No|ID) /mu);
      const setup = join(folder, 'setup.yaml');
      const text = readFileSync(setup, 'utf8');
      expect(text).toMatch(/ {4}cancelled by provider: provider-logistics/u);
      expect(text).toMatch(/ {4}DNA: not-acceptable {2}# UNSURE/u);
      expect(text).toMatch(/linkWorkers:\n {2}Jo: lw-1[^\n]*\n\n/u);
      const filled = text
        .replace(/^anchor:.*/mu, 'anchor: harbour')
        .replace(/^anchorName:.*/mu, 'anchorName: Harbour')
        .replace(/^scheme:.*/mu, 'scheme: highland')
        .replace(/^ {2}fund(er)?: .*/gmu, '  fund$1: lottery')
        .replace(/amount: {2}# TO FILL IN: pounds, as.*/gu, 'amount: 500.00')
        .replace(/amount: {2}# TO FILL IN: pounds for.*/gu, 'amount: 10.00');
      writeFileSync(setup, filled);
      const report = join(base, 'refused.csv');
      const flags = ['--data', join(base, 'data'), '--today', '2026-11-01', '--report', report];
      const done = wayledger('import', '--csv', folder, ...flags);
      expect(done.stdout).toMatch(/Refused \(2\)/u);
      expect(done.stdout).toMatch(/Waiting \(1\)/u);
      const rows: Record<string, string>[] = parse(readFileSync(report), {
        ...{ bom: true, columns: true, record_delimiter: ['\r\n', '\n'] },
      });
      expect(rows.map(({ file, line }) => `${file}:${line}`)).toEqual([
        ...['people.csv:4', 'people.csv:6', 'contacts.csv:3'],
      ]);
      expect(rows[0]).toMatchObject({ Notes: 'Ring first,\nthen call' });
      return Promise.resolve();
    });
  });

  test('makes no store in a dry run, and hears what no command line can mean', async () => {
    await asItCame(async (folder, data) => {
      cpSync(NORTH_SHEET, folder, { recursive: true });
      const dry = wayledger(
        'import',
        '--csv',
        folder,
        '--dry-run',
        '--data',
        data,
        '--today',
        '2026-11-01',
      );
      expect(dry.stdout).toMatch(/nothing was written/u);
      expect(dry.stdout).toMatch(/Refused \(7\)/u);
      expect(existsSync(data)).toBe(false);
      expect(wayledger('import').status).toBe(2);
      expect(wayledger('import', '--csv', folder, 'file.ndjson').status).toBe(2);
      expect(wayledger('import', '--today', '2026-11-01', 'file.ndjson').status).toBe(2);
      expect(wayledger('import', '--csv', join(folder, 'no'), '--propose').status).toBe(3);
    });
  });

  test('hears beforehand that its report has no place, or would be written over the sheet', async () => {
    await asItCame(async (folder, data) => {
      cpSync(NORTH_SHEET, folder, { recursive: true });
      const before = readFileSync(join(folder, 'sessions.csv'));
      symlinkSync(join(folder, 'sessions.csv'), join(folder, 'link.csv'));
      const cases: [string, RegExp][] = [
        [join(folder, 'sessions.csv'), /is a file of the spreadsheet itself/u],
        [relative(process.cwd(), join(folder, 'sessions.csv')), /of the spreadsheet itself/u],
        [join(folder, 'link.csv'), /of the spreadsheet itself/u],
        [join(folder, 'no', 'refused.csv'), /There is no folder ".*no": make it/u],
        [folder, /is a folder: name the file/u],
      ];
      const asked = cases.map(([report]) =>
        wayledgerAside('import', '--csv', folder, '--data', data, '--report', report),
      );
      for (const [index, { status, stderr }] of (await Promise.all(asked)).entries()) {
        expect([status, stderr]).toEqual([3, expect.stringMatching(cases[index]![1])]);
      }
      expect(readFileSync(join(folder, 'sessions.csv'))).toEqual(before);
      expect(existsSync(data)).toBe(false);
    });
  });

  test('hears of every mistake in the two files at its line', async () => {
    await asItCame(async (folder, data) => {
      cpSync(NORTH_SHEET, folder, { recursive: true });
      const setup = join(folder, 'setup.yaml');
      const wrong = readFileSync(setup, 'utf8')
        .replace('amount: 12.50', 'amount: twelve')
        .replace('since: 2026-01-01', 'since: 2026-02-30')
        .replace('GP: gp', 'GP: doctor')
        .replace('scheme: spring', 'scheme: spring\nshceme: spring');
      writeFileSync(setup, wrong);
      const { stderr } = wayledger('import', '--csv', folder, '--data', data);
      for (const key of [
        'since',
        'shceme',
        'agreements.allotments-2026.components.0.amount',
        'words.routes.GP',
      ]) {
        expect(stderr).toMatch(
          new RegExp(`setup\\.yaml, line \\d+: key "${key.replaceAll('.', '\\.')}"`, 'u'),
        );
      }
    });
  });
});
