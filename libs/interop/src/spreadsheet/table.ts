import { CsvError, parse } from 'csv-parse/sync';
import { isRefusal, refuse, type Refusal } from '#kernel';
import { ROWS_MAX, TITLE_ROWS_MAX } from './limits.js';
import { textOf } from './text.js';

export const SEPARATORS = [',', ';', '\t', '|'] as const;

/** One row of a file with the line on which it begins, counted from 1. */
export interface TableRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface Table {
  readonly headers: readonly string[];
  readonly headerLine: number;
  readonly rows: readonly TableRow[];
  /** Rows that cannot be told apart into cells. */
  readonly broken: readonly BrokenRow[];
}

export interface BrokenRow extends TableRow {
  readonly refusal: Refusal;
}

/** How well a row would do as the header row: 0 is not at all. */
export type HeaderScore = (cells: readonly string[]) => number;

/** A file as rows under headers; title rows above those and empty rows are left out. */
export function readTable(bytes: Buffer, score: HeaderScore): Table | Refusal {
  const text = textOf(bytes);
  if (isRefusal(text)) return text;
  if (text.trim() === '') {
    return refuse('empty-file', 'There is nothing in this file: save the sheet again.');
  }
  const [, told] = /^sep=(.)\r?\n/iu.exec(text) ?? [];
  const [best] = (told === undefined ? SEPARATORS : [told])
    .map((separator) => ({ separator, found: headerIn(text, separator, score) }))
    .sort((a, b) => b.found.score - a.found.score);
  if (best === undefined || best.found.score === 0) {
    return refuse(
      'no-headers',
      `None of the first ${TITLE_ROWS_MAX + 1} rows has headers that are known here: name them ` +
        'in mapping.yaml as the file has them.',
    );
  }
  const { records, broken } = recordsOf(text, best.separator);
  if (records.length > ROWS_MAX) {
    return refuse('too-many-rows', `A file has at most ${ROWS_MAX} rows: split it.`);
  }
  const { line, cells } = best.found;
  const headers = withoutEmptyEnd(cells);
  const rows: TableRow[] = [];
  const wrong = [...broken];
  for (const record of records) {
    if (record.line <= line || record.cells.every((cell) => cell === '')) continue;
    const refusal = outOfStep(record, headers.length, best.separator);
    if (refusal === null) rows.push(record);
    else wrong.push({ line: record.line, cells: record.cells, refusal });
  }
  return { headers, headerLine: line, rows, broken: wrong };
}

function headerIn(text: string, separator: string, score: HeaderScore) {
  // A header row is among the first; the rest of a long file is not read four times.
  const head = text.split(/\r\n|\n|\r/u, TITLE_ROWS_MAX * 2).join('\n');
  let best = { line: 0, cells: [] as readonly string[], score: 0 };
  const { records } = recordsOf(head, separator);
  for (const { line, cells } of records.slice(0, TITLE_ROWS_MAX + 1)) {
    const points = score(cells);
    if (points > best.score) best = { line, cells, score: points };
  }
  return best;
}

interface Records {
  readonly records: (TableRow & { readonly lastLine: number })[];
  readonly broken: BrokenRow[];
}

/** A quotation mark that is never closed costs its own row, and not all that follow. */
function recordsOf(text: string, separator: string): Records {
  const all: Records = { records: [], broken: [] };
  let rest = text;
  let before = 0;
  for (;;) {
    const { last, closed } = readInto(all, rest, separator, before);
    if (closed) return all;
    const line = last + 1;
    const message =
      'A quotation mark opens in this row and is never closed: close it, or take it out.';
    all.broken.push({ line, cells: [], refusal: refuse('quote-not-closed', message) });
    rest = afterLine(rest, line - before);
    before = line;
  }
}

function readInto(all: Records, text: string, separator: string, before: number) {
  let last = before;
  try {
    parse(text, {
      delimiter: separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      // Not also at the end: that would refuse every quotation mark inside a cell.
      ltrim: true,
      skip_empty_lines: false,
      on_record: (record: string[], { lines }) => {
        const lastLine = before + lines;
        all.records.push({ line: last + 1, lastLine, cells: record.map(tidy) });
        last = lastLine;
        return null;
      },
    });
    return { last, closed: true };
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED') {
      return { last, closed: false };
    }
    throw error;
  }
}

function afterLine(text: string, lines: number): string {
  const ends = /\r\n|\n|\r/gu;
  for (let line = 0; line < lines; line += 1) if (ends.exec(text) === null) return '';
  return text.slice(ends.lastIndex);
}

/**
 * What a cell says without what only looks: spaces around it, also those that do not break, marks
 * that nobody sees, and the apostrophe by which spreadsheets keep a number as text.
 */
export function tidy(cell: string): string {
  return cell
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]/gu, '')
    .replace(/[^\S\n]+/gu, ' ')
    .trim()
    .replace(/^'(?=[\d=+@-])/u, '');
}

function withoutEmptyEnd(cells: readonly string[]): string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}

/** A row whose cells do not stand under their headers must not be read as if they did. */
function outOfStep(
  row: Records['records'][number],
  columns: number,
  separator: string,
): Refusal | null {
  const { line, lastLine } = row;
  const cells = withoutEmptyEnd(row.cells).length;
  if (cells > columns) {
    return refuse(
      'too-many-cells',
      `This row has ${cells} cells and the header row ${columns}: put quotation marks around a ` +
        'cell that holds the separator.',
    );
  }
  if (lastLine === line) return null;
  // Between two quotation marks that do not belong together whole rows would vanish in silence.
  const isRow = (text: string) => text.split(separator).length >= columns;
  const swallows = row.cells.some((cell) => cell.split('\n').slice(1).some(isRow));
  if (!swallows && row.cells.length >= columns) return null;
  return refuse(
    'quote-not-closed',
    `This row goes on to line ${lastLine} and seems to take other rows with it: a quotation mark ` +
      'in it is probably never closed.',
  );
}
