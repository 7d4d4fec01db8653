import { assert, present } from '#kernel';
import { Json } from './json.js';
import type { ColumnType, Row, RowKey, Table, Value } from './table.js';

/** What a table is to become, row by row: each row stands in one of the lists. */
export interface NetChange {
  readonly table: Table;
  /** Not there yet: a key that is there already means that something was counted twice. */
  readonly inserted: readonly Row[];
  /** There, or perhaps there: takes the place of what is. */
  readonly put: readonly Row[];
  readonly removed: readonly RowKey[];
}

/** What lies beneath the rows of a page. */
export interface Beneath {
  /** `null`: there is no such row; `undefined`: nobody knows without looking into the database. */
  find(table: string, text: string): Row | null | undefined;
}

export interface Touched {
  readonly key: RowKey;
  readonly row: Row | null;
  /** No fact is expected to look at it again. */
  readonly isSettled: boolean;
}

/**
 * The rows that some facts work on. A row that has to be looked up first is taken for absent and
 * noted as wanted: then the facts are reduced once more when it is there, and only what comes of
 * the last time counts.
 */
export class Rows {
  /** By the text of the key; `null` where a row was removed. */
  readonly touched = new Map<string, Map<string, Touched>>();
  readonly added = new Map<string, Row[]>();
  readonly wanted = new Map<string, Map<string, RowKey>>();
  private readonly tables: ReadonlyMap<string, Table>;

  constructor(
    tables: readonly Table[],
    private readonly beneath: Beneath = { find: () => null },
  ) {
    this.tables = new Map(tables.map((table) => [table.name, table]));
  }

  get(table: string, ...key: RowKey): Row | undefined {
    assert(this.table(table).appendOnly !== true, `${table} is only added to`);
    const text = keyText(key);
    const touched = this.touched.get(table)?.get(text);
    if (touched !== undefined) return touched.row ?? undefined;
    const row = this.beneath.find(table, text);
    if (row === undefined && isPossible(key)) entryOf(this.wanted, table, newMap).set(text, key);
    return row ?? undefined;
  }

  put(table: string, row: Row): void {
    this.putAs(table, row, false);
  }

  /** As `put`, of a row that no fact is expected to look at again: it leaves memory first. */
  settle(table: string, row: Row): void {
    this.putAs(table, row, true);
  }

  remove(table: string, ...key: RowKey): void {
    if (isPossible(key)) entryOf(this.touched, table, newMap).set(keyText(key), { key, row: null });
  }

  /** To a table that is only added to: the row is new. */
  add(table: string, row: Row): void {
    const definition = this.table(table);
    assert(definition.appendOnly === true, `${table} is more than added to`);
    const whole = wholeRow(definition, row);
    keyOf(definition, whole);
    entryOf(this.added, table, newList).push(whole);
  }

  private putAs(table: string, row: Row, isSettled: boolean): void {
    const definition = this.table(table);
    assert(definition.appendOnly !== true, `${table} is only added to`);
    const whole = wholeRow(definition, row);
    const key = keyOf(definition, whole);
    entryOf(this.touched, table, newMap).set(keyText(key), { key, row: whole, isSettled });
  }

  private table(name: string): Table {
    return present(this.tables.get(name), `there is a table ${name}`);
  }
}

export const newMap = <V>(): Map<string, V> => new Map<string, V>();
const newList = (): Row[] => [];

/** What is there by this name, made where nothing is. */
export function entryOf<V>(map: Map<string, V>, name: string, make: () => V): V {
  const known = map.get(name);
  if (known !== undefined) return known;
  const fresh = make();
  map.set(name, fresh);
  return fresh;
}

export function keyOf({ name, key }: Table, row: Row): RowKey {
  return key.map((column) => {
    const value = row[column];
    if (typeof value !== 'string' && typeof value !== 'bigint') {
      assert(false, `${name} has a value for ${column}`);
    }
    return value;
  });
}

/** Whether a row can have it. A database is not asked for what it would only choke on. */
function isPossible(key: RowKey): boolean {
  return key.every((value) => fits(value, typeof value === 'bigint' ? 'integer' : 'text'));
}

export function keyText(key: RowKey): string {
  return key.length === 1 ? String(key[0]) : key.map(String).join('\u0000');
}

/**
 * The row as the store would give it back, so that it makes no difference where a page ends. What
 * the table cannot hold is refused here, at the fact that says so, not when the page is written.
 */
function wholeRow(table: Table, row: Row): Row {
  const columns = columnsOf(table);
  let given = 0;
  for (const { name, type, mayBeNull } of columns) {
    const value = row[name] ?? null;
    if (!(value === null ? mayBeNull : fits(value, type))) {
      assert(false, `${table.name} has a ${type} for ${name}`);
    }
    if (row[name] !== undefined) given += 1;
  }
  // Most have each column and nothing else: those need no copy.
  const isWhole = given === columns.length && Object.keys(row).length === given;
  return isWhole ? row : copied(table, row);
}

function copied(table: Table, row: Row): Row {
  for (const column of Object.keys(row)) {
    assert(Object.hasOwn(table.columns, column), `${table.name} has a column ${column}`);
  }
  return Object.fromEntries(columnsOf(table).map(({ name }) => [name, row[name] ?? null]));
}

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly mayBeNull: boolean;
}

// Read once: rows are put by the million.
const known = new WeakMap<Table, readonly Column[]>();

function columnsOf(table: Table): readonly Column[] {
  const before = known.get(table);
  if (before !== undefined) return before;
  const columns = Object.entries(table.columns).map(([name, kind]): Column => {
    const mayBeNull = kind.endsWith('?');
    // What is left without the mark is the type.
    return { name, type: (mayBeNull ? kind.slice(0, -1) : kind) as ColumnType, mayBeNull };
  });
  known.set(table, columns);
  return columns;
}

/** What both databases hold. */
const INTEGER_BITS = 64;

function fits(value: NonNullable<Value>, type: ColumnType): boolean {
  if (type === 'text') return typeof value === 'string' && isUnicode(value);
  if (type === 'json') return value instanceof Json;
  return typeof value === 'bigint' && BigInt.asIntN(INTEGER_BITS, value) === value;
}

/**
 * PostgreSQL holds no character 0 in a text, and in UTF-8 there are no halves of characters: SQLite
 * would give others back.
 */
function isUnicode(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}
