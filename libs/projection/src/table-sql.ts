import type { Table } from './table.js';

/** What a database calls the types; its text is ordered by code points. */
export interface TypeNames {
  readonly text: string;
  readonly integer: string;
}

export function quoted(columns: readonly string[], before = ''): string {
  return columns.map((column) => `${before}"${column}"`).join(', ');
}

/** Whether there is a key from the beginning: rows are looked up by it while the table fills. */
export function hasKeyAtOnce(table: Table): boolean {
  return table.appendOnly !== true;
}

export function createTableSql(table: Table, name: string, types: TypeNames): string {
  const columns = Object.entries(table.columns).map(([column, kind]) => {
    const type = kind.startsWith('integer') ? types.integer : types.text;
    return `"${column}" ${type}${kind.endsWith('?') ? '' : ' NOT NULL'}`;
  });
  const key = hasKeyAtOnce(table) ? [`PRIMARY KEY (${quoted(table.key)})`] : [];
  return `CREATE TABLE "${name}" (${[...columns, ...key].join(', ')})`;
}

/** Each may be run again: a table that is finished stays as it is. */
export function finishTableSql(table: Table, name: string): string[] {
  const index = (kind: string, suffix: string, columns: readonly string[]) =>
    `CREATE ${kind} IF NOT EXISTS "${name}_${suffix}" ON "${name}" (${quoted(columns)})`;
  return [
    ...(hasKeyAtOnce(table) ? [] : [index('UNIQUE INDEX', 'key', table.key)]),
    ...(table.unique ?? []).map((columns, at) => index('UNIQUE INDEX', `unique_${at}`, columns)),
    ...(table.indexes ?? []).map((columns, at) => index('INDEX', `${at}`, columns)),
  ];
}

/** A plain insert: a key that is there already means that something was counted twice. */
export function insertSql(table: Table, name: string, rows: string): string {
  return `INSERT INTO "${name}" (${quoted(Object.keys(table.columns))}) ${rows}`;
}

/** Takes the place of the row of the same key, if there is one. */
export function upsertSql(table: Table, name: string, rows: string): string {
  const others = Object.keys(table.columns).filter((column) => !table.key.includes(column));
  const set = others.map((column) => `"${column}" = excluded."${column}"`).join(', ');
  const action = others.length === 0 ? 'NOTHING' : `UPDATE SET ${set}`;
  return `${insertSql(table, name, rows)} ON CONFLICT (${quoted(table.key)}) DO ${action}`;
}
