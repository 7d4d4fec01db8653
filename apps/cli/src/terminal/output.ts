import { once } from 'node:events';
import { stripVTControlCharacters, styleText } from 'node:util';
import { toJson, type Pence } from '#kernel';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** Something was refused, or a check or copy did not hold; the output says which. */
  notAll: 1,
  /** The command line itself cannot be understood. */
  usage: 2,
  /** The stores or files could not be used. */
  failed: 3,
} as const;

/** Waits for a slow reader instead of filling memory. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** What is no part of the result: for who watches, and for why there is none. */
export function notice(text: string): void {
  process.stderr.write(`wayledger: ${text}\n`);
}

export function printJson(value: unknown): Promise<void> {
  return print(`${toJson(value)}\n`);
}

type Align = 'left' | 'right';

/**
 * A plain table that a person reads and a pipe can take. A library's took half a millisecond a row,
 * which is minutes for the accounts of a large anchor.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[] = [],
): string {
  const all = [head.map((cell) => bold(cell)), ...rows];
  const widths = head.map((_, column) =>
    all.reduce((widest, row) => Math.max(widest, widthOf(row[column])), 0),
  );
  const lines = all.map((row) =>
    row.map((cell, column) => padded(cell, widths[column] ?? 0, align[column])).join('  '),
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** Colours take no room. */
const widthOf = (cell = '') => stripVTControlCharacters(cell).length;

function padded(cell: string, width: number, align: Align = 'left'): string {
  const room = ' '.repeat(width - widthOf(cell));
  return align === 'right' ? room + cell : cell + room;
}

function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
export const bold = (text: string) => paint('bold', text);
export const dim = (text: string) => paint('dim', text);
export const good = (text: string) => paint('green', text);
export const struck = (text: string) => paint('strikethrough', text);
export const bad = (text: string) => paint('red', text);

/** Pounds for people: `1,234.50`. */
export function pounds(amount: Pence): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/gu, ',');
  return `${amount < 0n ? '-' : ''}${whole}.${digits.slice(-2)}`;
}
