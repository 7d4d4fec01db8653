import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { dayOf, startOfDay, systemClock, type CivilDate } from '#kernel';
import { loadSchemes } from '#referral';
import {
  SheetFileRefused,
  YAML_BYTES_MAX,
  parseMapping,
  parseSetup,
  type SheetRow,
} from '#interop';
import { DataRefused, SHIPPED_SCHEMES } from '#engine';
import { EXIT, bad, bold, dim, good, print, printJson, table } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';
import { catchUpShown, goesOn, storesOf, withWayledger, type CommonOptions } from './common.js';
import { writeReport } from './import-csv-report.js';
import {
  RESTS_ON_REFUSED,
  importSheets,
  type GoneFact,
  type Reason,
  type RowResult,
  type SheetImport,
  type SheetSummary,
} from './import-csv-run.js';

const AGAIN = 'Import again: it goes on from here.';

export interface SheetFlags extends CommonOptions {
  readonly setup?: string;
  readonly mapping?: string;
  readonly today?: CivilDate;
  readonly report?: string;
  readonly dryRun?: boolean;
}

/** A long list is cut here; --report and --json have all of it. */
const SHOWN_MAX = 50;

export async function runSheetImport(folder: string, flags: SheetFlags): Promise<number> {
  const { dryRun = false, json = false, report } = flags;
  const given = sheetImportOf(folder, flags);
  await needScheme(given);
  if (report !== undefined) needReport(report, given, flags);
  return withWayledger({ ...storesOf(flags), dryRun }, async (wayledger) => {
    const bar = progressLine('importing', 'rows');
    const summary = await goesOn(AGAIN, () =>
      importSheets(wayledger, given, (done, total) => {
        bar.update(done, total);
      }),
    ).finally(() => {
      bar.end();
    });
    if (!dryRun) await goesOn(AGAIN, () => catchUpShown(wayledger, 'settle'));
    const { results, gone } = summary;
    if (report !== undefined) writeReport(report, results, gone);
    if (json) await printSheetJson(summary, dryRun);
    else await print(sheetText(given, summary, { dryRun, ...(report && { report }) }));
    const refused = results.some(({ status }) => status === 'refused');
    const all = !refused && gone.length === 0 && summary.setup.refused.length === 0;
    return all ? EXIT.done : EXIT.notAll;
  });
}

/** What the command line and its files say, before anything is opened or made. */
export function sheetImportOf(folder: string, flags: SheetFlags): SheetImport {
  needFolder(folder);
  const setup = parseSetup(...yamlIn(folder, 'setup.yaml', flags.setup));
  const files = parseMapping(...yamlIn(folder, 'mapping.yaml', flags.mapping));
  const { today } = flags;
  const now = () => (today === undefined ? systemClock.now() : startOfDay(today));
  return { folder, setup, files, today: today ?? dayOf(systemClock.now()), now };
}

export async function schemeNames(): Promise<string[]> {
  return (await loadSchemes(SHIPPED_SCHEMES)).names();
}

/** Once, and not at every row. */
async function needScheme({ setup }: SheetImport): Promise<void> {
  const names = await schemeNames();
  if (names.includes(setup.scheme)) return;
  throw new SheetFileRefused([
    `${setup.file}, line ${setup.lineOf(['scheme'])}: key "scheme": there is no scheme ` +
      `${setup.scheme}; there are: ${names.join(', ')}.`,
  ]);
}

export function needFolder(folder: string, how = 'name the one that holds the CSV files.'): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new DataRefused(`There is no folder "${folder}": ${how}`);
}

function yamlIn(folder: string, name: string, given?: string): [text: string, file: string] {
  const file = given ?? join(folder, name);
  if (!existsSync(file)) {
    throw new DataRefused(
      `There is no "${file}": npx wayledger import --csv ${folder} --propose writes one to fill in.`,
    );
  }
  if (statSync(file).size > YAML_BYTES_MAX) throw new DataRefused(`"${file}" is too long.`);
  return [readFileSync(file, 'utf8'), given ?? name];
}

/** It is written last: by then it must have a place, and be nothing that was read. */
function needReport(report: string, { folder, files }: SheetImport, flags: SheetFlags): void {
  const { setup = join(folder, 'setup.yaml'), mapping = join(folder, 'mapping.yaml') } = flags;
  const own = [setup, mapping, ...files.map(({ file }) => join(folder, file))];
  if (own.some((file) => placeOf(file) === placeOf(report))) {
    throw new DataRefused(`"${report}" is a file of the spreadsheet itself: name another one.`);
  }
  needFolder(dirname(report), 'make it, or have the report written elsewhere.');
  if (statSync(report, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new DataRefused(`"${report}" is a folder: name the file that the report is to be.`);
}

/** However its path is spelt, links too. */
function placeOf(file: string): string {
  return existsSync(file) ? realpathSync(file) : resolve(file);
}

async function printSheetJson(summary: SheetSummary, dryRun: boolean): Promise<void> {
  const { results, plan, gone, setup, namespace } = summary;
  for (const { row, status, reasons } of results) {
    if (status === 'refused') await printJson({ file: row.file, line: row.line, status, reasons });
  }
  const repeated = plan.repeated.map(({ row, first }) => ({
    file: row.file,
    line: row.line,
    first,
  }));
  const { toBeAsked, withoutMinutes } = plan;
  const files = countsOf(summary);
  await printJson({
    ...{ files, setup, repeated, gone, toBeAsked, withoutMinutes, namespace, dryRun },
  });
}

interface FileCounts {
  readonly file: string;
  readonly rows: number;
  readonly accepted: number;
  /** Known already: nothing was added. */
  readonly unchanged: number;
  readonly repeated: number;
  readonly refused: number;
}

export function countsOf({ results, plan }: SheetSummary): FileCounts[] {
  return [...plan.counted].map(([file, rows]) => {
    const of = (status: RowResult['status']) =>
      results.filter((result) => result.row.file === file && result.status === status).length;
    const repeated = plan.repeated.filter(({ row }) => row.file === file).length;
    const [accepted, unchanged, refused] = [of('accepted'), of('unchanged'), of('refused')];
    return { file, rows, accepted, unchanged, repeated, refused };
  });
}

function sheetText(
  { setup, folder }: SheetImport,
  summary: SheetSummary,
  { dryRun, report }: { readonly dryRun: boolean; readonly report?: string },
): string {
  if (summary.setup.refused.length > 0) {
    return printable(
      `${bad('The setup was refused, and no row was tried:')}\n${summary.setup.refused.join('\n')}\n`,
    );
  }
  const { results, gone, plan } = summary;
  const refused = results.filter(({ status }) => status === 'refused');
  const parts = [
    `${bold(`${setup.anchorName}, spreadsheet ${setup.source}`)}${dryRun ? ' (dry run: nothing was written)' : ''}\n`,
    countsText(summary, dryRun),
    listed('Refused', refused.filter((one) => !isWaiting(one)).map(refusedText)),
    waitingText(refused.filter(isWaiting)),
    listed('Imported before and in no row any more', gone.map(goneText)),
    listed('Said twice: the same fact again changes nothing', plan.repeated.map(repeatedText)),
    askedText(summary, setup.unknownContact, setup.unknownMinutes),
    nextText(summary, folder, report),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function countsText(summary: SheetSummary, dryRun: boolean): string {
  const accepted = dryRun ? 'would be imported' : 'imported';
  const head = ['file', 'rows', accepted, 'known already', 'said twice', 'refused'];
  const rows = countsOf(summary).map((one) => [
    ...[one.file, one.rows, one.accepted, one.unchanged, one.repeated].map(String),
    one.refused === 0 ? good('0') : bad(String(one.refused)),
  ]);
  return table(head, rows, ['left', 'right', 'right', 'right', 'right', 'right']);
}

function listed(title: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  const shown = items.slice(0, SHOWN_MAX).join('');
  const more = items.length - SHOWN_MAX;
  const rest = more > 0 ? dim(`and ${more} more: --report FILE.csv or --json has all\n`) : '';
  return `${bold(`${title} (${items.length})`)}\n${shown}${rest}`;
}

function place({ file, line }: SheetRow, column?: string): string {
  return `${file}:${line}${column === undefined ? '' : `, ${column}`}`;
}

function refusedText({ row, reasons }: RowResult): string {
  return reasons
    .map(
      (reason) =>
        `${printable(`${place(row, reason.column)}: ${reason.message}`)}\n${fixText(reason)}`,
    )
    .join('');
}

/** Nothing is wrong with it but that another row is. */
function isWaiting({ reasons }: RowResult): boolean {
  return reasons.every(({ code }) => code === RESTS_ON_REFUSED);
}

function waitingText({ length }: readonly RowResult[]): string {
  if (length === 0) return '';
  const what = length === 1 ? '1 row waits' : `${length} rows wait`;
  return `${bold(`Waiting (${length})`)}\n${what} for a row that was refused, and need not be changed\n`;
}

function goneText(fact: GoneFact): string {
  return `${printable(`${fact.file}: ${fact.message}`)}\n${fixText(fact)}`;
}

function fixText({ fix }: Pick<Reason, 'fix'>): string {
  return fix === undefined ? '' : dim(`  ${JSON.stringify(fix)}\n`);
}

function repeatedText({ row, first }: { readonly row: SheetRow; readonly first: number }): string {
  return `${place(row)} says what line ${first} says\n`;
}

function askedText({ plan }: SheetSummary, contact?: string, minutes?: number): string {
  const { consent, refusedConsent, contact: unreached } = plan.toBeAsked;
  const lines = [
    [consent, 'no mark for consent'],
    [refusedConsent, 'consent refused'],
    [unreached, `nothing to reach them by${contact === undefined ? '' : ` ("${contact}")`}`],
  ] as const;
  const said = lines.flatMap(([who, what]) =>
    who.length === 0 ? [] : [`${people(who.length)}, ${what}: ${printable(who.join(', '))}\n`],
  );
  if (plan.withoutMinutes > 0 && minutes !== undefined) {
    said.push(`Contacts without minutes, recorded with ${minutes}: ${plan.withoutMinutes}\n`);
  }
  return said.length === 0 ? '' : `${bold('To be asked')}\n${said.join('')}`;
}

const people = (count: number) => (count === 1 ? '1 person' : `${count} people`);

function nextText({ results, gone, namespace }: SheetSummary, folder: string, report?: string) {
  const reasons = results.flatMap((result) => result.reasons);
  if (reasons.length + gone.length === 0) {
    return `${good('Nothing was refused.')} Next: npx wayledger verify\n`;
  }
  const where = report === undefined ? '' : ` The refused rows are in ${report}.`;
  const again = `Correct the rows and import again: what was imported changes nothing.${where}\n`;
  if (![...reasons, ...gone].some(({ fix }) => fix !== undefined)) return again;
  const file = `${basename(folder)}-corrections.ndjson`;
  return (
    again +
    'To correct what was recorded, put the lines above that are right into a file, fill in what ' +
    `says FILL IN, and give them:\n  npx wayledger import ${file} --namespace ${namespace}\n`
  );
}

/** Cells and headers come from a file: what moves a terminal's cursor does not get through. */
function printable(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, '\uFFFD');
}
