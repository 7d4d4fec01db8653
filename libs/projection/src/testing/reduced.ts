import { assert } from '#kernel';
import type { AnyFact, Projection } from '../projection.js';
import { Rows, keyText } from '../rows.js';
import type { Row, Table } from '../table.js';

/**
 * What a projection makes of facts, in memory, a page after the other: the rows of each table. As
 * the databases do, it refuses rows that have in common what a table says they do not.
 */
export function reduced<F extends AnyFact>(
  { tables, applies, reduce }: Projection<F>,
  facts: readonly F[],
  pageEvents = Infinity,
): (table: string) => Row[] {
  const stored = new Map<string, Map<string, Row>>();
  const added = new Map<string, Row[]>();
  const heard = facts.filter(({ type }) => applies.includes(type));
  for (let from = 0; from < heard.length; from += pageEvents) {
    const find = (table: string, text: string) => stored.get(table)?.get(text) ?? null;
    const rows = new Rows(tables, { find });
    for (const fact of heard.slice(from, from + pageEvents)) reduce(fact, rows);
    for (const [table, touched] of rows.touched) {
      const after = stored.get(table) ?? new Map<string, Row>();
      stored.set(table, after);
      for (const [text, { row }] of touched) {
        if (row === null) after.delete(text);
        else after.set(text, row);
      }
    }
    for (const [table, more] of rows.added) {
      added.set(table, [...(added.get(table) ?? []), ...more]);
    }
  }
  const rowsOf = (name: string) => [
    ...(stored.get(name)?.values() ?? []),
    ...(added.get(name) ?? []),
  ];
  for (const table of tables) refuseTwins(table, rowsOf(table.name));
  return rowsOf;
}

function refuseTwins({ name, key, unique = [] }: Table, rows: readonly Row[]): void {
  for (const columns of [key, ...unique]) {
    const seen = new Set(rows.map((row) => keyText(columns.map((column) => String(row[column])))));
    assert(seen.size === rows.length, `no two rows of ${name} have one ${columns.join(', ')}`);
  }
}
