import { isRefusal, type CivilDate } from '#kernel';
import { stringify } from 'yaml';
import { readDate } from './dates.js';
import { SHEETS, fieldsOf, headerKey, type FieldOfSheet, type Sheet } from './fields.js';
import { readTable, type HeaderScore, type Table } from './table.js';
import { indexOf } from './row-reader.js';

/** Marks in what is proposed: what nobody could guess, and what somebody should look at. */
export const TO_FILL_IN = 'TO FILL IN';
export const UNSURE = 'UNSURE';

/** A file of the folder, and what it seems to be. */
export interface GuessedFile {
  readonly file: string;
  readonly table: Table;
  readonly sheet: Sheet;
  readonly columns: readonly GuessedColumn[];
  readonly unused: readonly string[];
  /** Why somebody should check that it is this. */
  readonly unsure?: string;
}

export interface GuessedColumn {
  readonly field: string;
  /** None of the headers fits a field that is needed. */
  readonly header?: string;
  readonly why: string;
  readonly unsure: boolean;
}

export interface UnknownFile {
  readonly file: string;
  readonly why: string;
}

const FILE_WORDS: Readonly<Record<Sheet, RegExp>> = {
  referrals: /referral|client|people|person|patient/iu,
  prescriptions: /presc|activit|booking|placement/iu,
  contacts: /contact|visit|call|appointment|conversation/iu,
  sessions: /session|attend|register/iu,
};
/** As long as a header must be for a part of it to say anything. */
const PART_LENGTH_MIN = 4;

/** Which of the fields a file's headers are, and which kind of file that makes it. */
export function guessFile(file: string, bytes: Buffer): GuessedFile | UnknownFile {
  const table = readTable(bytes, bestScore);
  if (isRefusal(table)) {
    return { file, why: isWide(bytes) ? WIDE : table.message };
  }
  const { headers } = table;
  const guesses = SHEETS.map((sheet) => {
    const columns = columnsOf(sheet, headers).filter(
      ({ field, header }) =>
        field !== 'session' || header === undefined || !isRunning(table, header),
    );
    return { sheet, columns, score: scoreOf(file, sheet, columns) };
  }).sort((a, b) => b.score - a.score);
  const [best, second] = guesses;
  if (best === undefined || best.score === 0) {
    return { file, why: 'its headers are those of no file that is known here' };
  }
  const used = new Set(best.columns.map(({ header }) => header));
  const unused = headers.filter((header) => header !== '' && !used.has(header));
  const close = second !== undefined && second.score === best.score ? second.sheet : undefined;
  const unsure = close === undefined ? {} : { unsure: `it could hold ${close} just as well` };
  return { file, table, sheet: best.sheet, columns: best.columns, unused, ...unsure };
}

/** Sessions are numbered within their prescription: a number that goes on is that of the row. */
function isRunning({ headers, rows }: Table, header: string): boolean {
  const index = indexOf(headers, header);
  const all = rows.map(({ cells }) => cells[index] ?? '').filter((cell) => cell !== '');
  return all.length >= RUNNING_MIN && new Set(all).size === all.length;
}

const RUNNING_MIN = 12;

const WIDE =
  'it has one column a date: write it as one row a session, with the prescription, the date and ' +
  'whether the person came';
const WIDE_DATES_MIN = 3;

/** A register with the days across the top. */
function isWide(bytes: Buffer): boolean {
  const dates = (cells: readonly string[]) =>
    cells.filter((cell) => /\d/u.test(cell) && !isRefusal(readDate(cell, 'event', ANY_DAY)));
  const score: HeaderScore = (cells) => {
    const { length } = dates(cells);
    return length >= WIDE_DATES_MIN ? length : 0;
  };
  return !isRefusal(readTable(bytes, score));
}

const ANY_DAY = '2999-12-31' as CivilDate;

/** A header row has at least two headers that one kind of file knows. */
const bestScore: HeaderScore = (cells) => {
  const sure = SHEETS.map(
    (sheet) => columnsOf(sheet, cells).filter(({ header, unsure }) => header && !unsure).length,
  );
  const most = Math.max(...sure);
  return most >= 2 ? most : 0;
};

function scoreOf(file: string, sheet: Sheet, columns: readonly GuessedColumn[]): number {
  const fields = fieldsOf(sheet);
  const needed = columns.filter(({ field }) => fields.get(field)?.needed === true);
  const found = needed.filter(({ header }) => header !== undefined).length;
  if (found * 2 < needed.length) return 0;
  const others = columns.length - needed.length;
  return (found * 3) / needed.length + others / 10 + (FILE_WORDS[sheet].test(file) ? 1 : 0);
}

interface Candidate {
  readonly field: string;
  readonly header: string;
  /** The lower the surer. */
  readonly rank: number;
}

function columnsOf(sheet: Sheet, headers: readonly string[]): GuessedColumn[] {
  const fields = fieldsOf(sheet);
  const candidates = [...fields].flatMap(([field, { headers: known }]) =>
    headers.flatMap((header) => candidateOf(field, header, known)),
  );
  candidates.sort((a, b) => a.rank - b.rank);
  const chosen = new Map<string, Candidate>();
  const taken = new Set<string>();
  for (const candidate of candidates) {
    const { field, header } = candidate;
    if (chosen.has(field) || taken.has(header)) continue;
    chosen.set(field, candidate);
    taken.add(header);
  }
  for (const [field, { needed }] of fields) {
    if (needed === true && !chosen.has(field)) takeOver(field, candidates, chosen, fields);
  }
  return [...fields].flatMap(([field, { needed }]) => {
    const candidate = chosen.get(field);
    if (candidate !== undefined) return guessed(candidate, candidates, taken);
    if (needed !== true) return [];
    return { field, why: 'no header says so', unsure: true };
  });
}

const UNSURE_RANK = 1_000;

/** A header that suits a field that is needed is not left to one that can be done without. */
function takeOver(
  field: string,
  candidates: readonly Candidate[],
  chosen: Map<string, Candidate>,
  fields: ReturnType<typeof fieldsOf>,
): void {
  for (const candidate of candidates.filter((one) => one.field === field)) {
    const holder = [...chosen.values()].find(({ header }) => header === candidate.header);
    if (holder === undefined || fields.get(holder.field)?.needed === true) continue;
    chosen.delete(holder.field);
    chosen.set(field, { ...candidate, rank: UNSURE_RANK });
    return;
  }
}

function candidateOf(field: string, header: string, known: FieldOfSheet['headers']): Candidate[] {
  const key = headerKey(header);
  if (key === '') return [];
  const rank = known.findIndex((one) => headerKey(one) === key);
  if (rank !== -1) return [{ field, header, rank }];
  const part = known.findIndex((one) => {
    const word = headerKey(one);
    return word.length >= PART_LENGTH_MIN && key.includes(word);
  });
  return part === -1 ? [] : [{ field, header, rank: UNSURE_RANK + part }];
}

function guessed(
  { field, header, rank }: Candidate,
  candidates: readonly Candidate[],
  taken: ReadonlySet<string>,
): GuessedColumn {
  const rival = candidates.find(
    (other) => other.field === field && other.rank < UNSURE_RANK && !taken.has(other.header),
  );
  if (rival !== undefined) {
    return { field, header, why: `or is it "${rival.header}"?`, unsure: true };
  }
  if (rank < UNSURE_RANK) return { field, header, why: 'the header says so', unsure: false };
  return { field, header, why: 'the header says something like it', unsure: true };
}

/** What mapping.yaml would say, with the reason for each guess beside it. */
export function mappingText(
  files: readonly GuessedFile[],
  unknown: readonly UnknownFile[],
): string {
  const lines = [
    '# Which file is which, and which of its headers is which field. Guessed from the headers: check',
    `# what is marked ${UNSURE}, fill in what is marked ${TO_FILL_IN}. Take a line out and the column is`,
    '# not read. See docs/spreadsheet.md for all fields.',
  ];
  for (const guess of files) {
    const { file, sheet, columns, unused, unsure } = guess;
    const why = unsure === undefined ? '' : `  # ${UNSURE}: ${unsure}`;
    lines.push('', `${scalar(file)}:`, `  holds: ${sheet}${why}`, '  columns:');
    for (const column of columns) lines.push(columnLine(column));
    if (unused.length > 0) lines.push(comment(`not read: ${unused.join(', ')}`));
  }
  if (unknown.length > 0) lines.push('');
  for (const { file, why } of unknown) lines.push(comment(`${file} is left out: ${why}`));
  return `${lines.join('\n')}\n`;
}

function columnLine({ field, header, why, unsure }: GuessedColumn): string {
  if (header === undefined) return `    ${field}:  # ${TO_FILL_IN}: its header (${oneLine(why)})`;
  return `    ${field}: ${scalar(header)}  # ${unsure ? `${UNSURE}: ` : ''}${oneLine(why)}`;
}

/** Text as YAML has it, quoted where it must be. */
export function scalar(text: string): string {
  return stringify(oneLine(text), { lineWidth: 0 }).trim();
}

export function comment(text: string): string {
  return `# ${oneLine(text)}`;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ');
}
