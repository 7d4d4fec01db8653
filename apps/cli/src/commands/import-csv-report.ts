import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import type { GoneFact, RowResult } from './import-csv-run.js';

const HEAD = ['file', 'line', 'column', 'reason'];
/** There are people in it. */
const OWNER_ONLY = 0o600;

/**
 * The refused rows as CSV for a spreadsheet program: where each stands and why it was refused, and
 * beside that its own cells under their own headers. Then what no row asks for any more.
 */
export function writeReport(
  file: string,
  results: readonly RowResult[],
  gone: readonly GoneFact[],
): void {
  const refused = results.filter(({ status }) => status === 'refused');
  const headers = [...new Set(refused.flatMap(({ row }) => row.headers))].filter((h) => h !== '');
  const rows = refused.map(({ row, reasons }) => {
    const columns = [...new Set(reasons.flatMap(({ column }) => column ?? []))];
    const own = headers.map((header) => row.cells[row.headers.indexOf(header)] ?? '');
    const why = reasons.map(({ message }) => message).join(' ');
    return [row.file, String(row.line), columns.join('; '), why, ...own];
  });
  const missing = gone.map((fact) => [fact.file, '', '', fact.message]);
  // What begins like a formula is written as text: a report must not reckon when it is opened.
  const text = stringify([[...HEAD, ...headers], ...rows, ...missing], {
    ...{ bom: true, escape_formulas: true, record_delimiter: '\r\n' },
    // A line that ends within a cell is no end of the row, and is not quoted by itself.
    quoted_match: /[\r\n]/u,
  });
  // One that is there already keeps its mode.
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) chmodSync(file, OWNER_ONLY);
  writeFileSync(file, text, { mode: OWNER_ONLY });
}
