import type { StoredValue, Table } from './table.js';

// https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
const OIDS = { bigint: 20, text: 25 } as const;
// https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/arrayfuncs.c, array_recv
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const BIGINT_BYTES = 8;
const NULL_LENGTH = -1;

/** What one statement carries: rows, and characters of text. */
const ROWS_MAX = 1_000;
const TEXT_MAX = 1_000_000;

export interface Column {
  readonly name: string;
  readonly type: keyof typeof OIDS;
}

export function columnsOf(table: Table, names = Object.keys(table.columns)): Column[] {
  return names.map((name) => {
    const type = table.columns[name]?.startsWith('integer') ? 'bigint' : 'text';
    return { name, type };
  });
}

/** The rows that `arraysOf` gives, from `$1`, `$2`, … */
export function unnestSql(columns: readonly Column[]): string {
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return `unnest(${arrays.join(', ')}) AS given (${columns.map(({ name }) => `"${name}"`).join(', ')})`;
}

/**
 * Rows in parts of bounded size, each part one array a column, in PostgreSQL's binary form: both
 * this side and the server are quicker with it than with `pg`'s arrays, which are text.
 */
export function* arraysOf<R>(
  columns: readonly Column[],
  rows: Iterable<R>,
  valuesOf: (row: R) => readonly StoredValue[],
): Generator<Buffer[]> {
  let part: (readonly StoredValue[])[] = [];
  let text = 0;
  const arrays = () => columns.map(({ type }, index) => arrayOf(type, part, index));
  for (const row of rows) {
    const values = valuesOf(row);
    part.push(values);
    for (const value of values) if (typeof value === 'string') text += value.length;
    if (part.length < ROWS_MAX && text < TEXT_MAX) continue;
    yield arrays();
    part = [];
    text = 0;
  }
  if (part.length > 0) yield arrays();
}

function arrayOf(
  type: Column['type'],
  rows: readonly (readonly StoredValue[])[],
  index: number,
): Buffer {
  let bytes = HEADER_BYTES;
  for (const row of rows) bytes += LENGTH_BYTES + bytesOf(row[index]);
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0); // One dimension,
  array.writeInt32BE(1, 4); // there may be nulls,
  array.writeInt32BE(OIDS[type], 8);
  array.writeInt32BE(rows.length, 12);
  array.writeInt32BE(1, 16); // counted from 1.
  let at = HEADER_BYTES;
  // Writes a bigint at once, which a Buffer does not.
  const view = new DataView(array.buffer, array.byteOffset);
  for (const row of rows) at = writeValue(array, view, at, row[index]);
  return array;
}

function bytesOf(value: StoredValue | undefined): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return typeof value === 'bigint' ? BIGINT_BYTES : 0;
}

function writeValue(
  array: Buffer,
  view: DataView,
  at: number,
  value: StoredValue | undefined,
): number {
  let bytes = 0;
  if (typeof value === 'string') bytes = array.write(value, at + LENGTH_BYTES);
  else if (typeof value === 'bigint') {
    bytes = BIGINT_BYTES;
    view.setBigInt64(at + LENGTH_BYTES, value);
  }
  const isNull = value === null || value === undefined;
  view.setInt32(at, isNull ? NULL_LENGTH : bytes);
  return at + LENGTH_BYTES + bytes;
}
