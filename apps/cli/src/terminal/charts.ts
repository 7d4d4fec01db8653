import { stripVTControlCharacters } from 'node:util';
import { allocate, type Pence } from '#kernel';

/** Blocks of eighths: a bar of 32 columns tells 256 lengths apart. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar as long as its share of the whole width; something is never shown as nothing. */
export function bar(value: number, whole: number, columns: number): string {
  if (value <= 0 || whole <= 0) return '';
  const eighths = Math.max(1, Math.round((Math.min(value, whole) / whole) * columns * 8));
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
}

export interface BarRow {
  readonly label: string;
  readonly count: number;
  /** What the count is out of, in words. */
  readonly note?: string;
}

const BAR_COLUMNS = 28;

/** One bar a row, all against the same whole: the greatest count unless given. */
export function barChart(
  rows: readonly BarRow[],
  { whole = Math.max(0, ...rows.map(({ count }) => count)), labelColumns = 0 } = {},
): string {
  const labels = Math.max(labelColumns, ...rows.map(({ label }) => label.length));
  const counts = Math.max(...rows.map(({ count }) => String(count).length));
  return rows
    .map(({ label, count, note = '' }) => {
      const drawn = bar(count, whole, BAR_COLUMNS).padEnd(BAR_COLUMNS);
      return `  ${label.padEnd(labels)}  ${drawn}  ${String(count).padStart(counts)}  ${note}`;
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** A part of a whole, with the character that it is drawn with: told apart without colours too. */
export interface Part {
  readonly amount: Pence;
  readonly fill: string;
}

/** One bar of several parts, always as wide as it may be; what is below zero is not drawn. */
export function stackedBar(parts: readonly Part[], columns: number): string {
  const amounts = parts.map(({ amount }) => (amount > 0n ? amount : 0n));
  if (amounts.every((amount) => amount === 0n)) return '';
  const widths = allocate(BigInt(columns), amounts);
  return parts.map(({ fill }, index) => fill.repeat(Number(widths[index]))).join('');
}

/** Lines of at most so many columns, broken between words, each behind the indent. */
export function wrapped(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? indent + word : `${line} ${word}`;
    if (line !== '' && stripVTControlCharacters(longer).length > columns) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].map((each) => `${each}\n`).join('');
}
