import { assert, present } from '#kernel';
import type { Row, RowKey, Table, Value } from './table.js';

type ColumnKind = Table['columns'][string];

interface Held {
  readonly key: RowKey;
  readonly before: Row | undefined;
  now: Row | undefined;
}

export interface NetChange {
  readonly table: Table;
  readonly inserted: readonly Row[];
  readonly updated: readonly Row[];
  readonly removed: readonly RowKey[];
}

/** The rows a page works on, in memory: what is written in the end is the net change. */
export class Rows {
  private readonly held = new Map<string, Map<string, Held>>();
  private readonly tables: ReadonlyMap<string, Table>;

  constructor(
    tables: readonly Table[],
    private readonly lookUp: (table: Table, key: RowKey) => Row | undefined,
  ) {
    this.tables = new Map(tables.map((table) => [table.name, table]));
  }

  get(table: string, ...key: RowKey): Row | undefined {
    return this.hold(table, key).now;
  }

  put(table: string, row: Row): void {
    const definition = present(this.tables.get(table), `there is a table ${table}`);
    const whole = wholeRow(definition, row);
    const key = definition.key.map((column) => {
      const value = whole[column];
      assert(value !== null && value !== undefined, `${table} has a value for ${column}`);
      return value;
    });
    this.hold(table, key).now = whole;
  }

  remove(table: string, ...key: RowKey): void {
    this.hold(table, key).now = undefined;
  }

  netChanges(): NetChange[] {
    const changes: NetChange[] = [];
    for (const [name, held] of this.held) {
      const rows = [...held.values()];
      const table = present(this.tables.get(name), `there is a table ${name}`);
      const inserted = rows.flatMap(({ before, now }) => (!before && now ? [now] : []));
      const updated = rows.flatMap(({ before, now }) =>
        before && now && !sameRow(before, now) ? [now] : [],
      );
      const removed = rows.flatMap(({ key, before, now }) => (before && !now ? [key] : []));
      changes.push({ table, inserted, updated, removed });
    }
    return changes;
  }

  private hold(table: string, key: RowKey): Held {
    const rows = this.of(table);
    const text = keyText(key);
    const known = rows.get(text);
    if (known !== undefined) return known;
    const row = this.lookUp(present(this.tables.get(table), `there is a table ${table}`), key);
    const held: Held = { key, before: row, now: row };
    rows.set(text, held);
    return held;
  }

  private of(table: string): Map<string, Held> {
    const known = this.held.get(table);
    if (known !== undefined) return known;
    const fresh = new Map<string, Held>();
    this.held.set(table, fresh);
    return fresh;
  }
}

function keyText(key: RowKey): string {
  return key.length === 1 ? String(key[0]) : key.map(String).join('\u0000');
}

/** Both have every column of their table. */
function sameRow(a: Row, b: Row): boolean {
  return a === b || Object.keys(b).every((column) => a[column] === b[column]);
}

/**
 * The row as the store would give it back, so that it makes no difference where a page ends. What
 * the table cannot hold is refused here, at the fact that says so, not when the page is written.
 */
function wholeRow({ name, columns }: Table, row: Row): Row {
  for (const column of Object.keys(row)) {
    if (!Object.hasOwn(columns, column)) assert(false, `${name} has a column ${column}`);
  }
  const whole: Record<string, Value> = {};
  for (const [column, kind] of Object.entries(columns)) {
    const value = row[column] ?? null;
    if (!fits(value, kind)) assert(false, `${name} has a ${kind} for ${column}`);
    whole[column] = value;
  }
  return whole;
}

/** SQLite's integers have 64 bits. */
const INTEGER_BITS = 64;

function fits(value: Value, kind: ColumnKind): boolean {
  if (value === null) return kind.endsWith('?');
  if (kind.startsWith('text')) return typeof value === 'string';
  return typeof value === 'bigint' && BigInt.asIntN(INTEGER_BITS, value) === value;
}

/** JSON that may hold pence: a bigint becomes an object that nothing else looks like. */
export function packJson(value: unknown): string {
  return JSON.stringify(withoutPence(value));
}

export function unpackJson(text: Value | undefined): unknown {
  assert(typeof text === 'string', 'a JSON column holds text');
  const value: unknown = JSON.parse(text);
  return text.includes('"#pence"') ? withPence(value) : value;
}

// Walked by hand: JSON's own replacer and reviver are called for every key, and take ten times as
// long as all else that a fact does to a row.

/** What holds no pence is the same object, not a copy of it. */
function withoutPence(value: unknown): unknown {
  if (typeof value === 'bigint') return { '#pence': value.toString() };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(withoutPence);
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [key, item] of Object.entries(value)) {
    const packed = withoutPence(item);
    if (packed === item) continue;
    // In their places: the order of the keys stays.
    copy ??= { ...value };
    copy[key] = packed;
  }
  return copy ?? value;
}

/** In place: it was parsed just now and is nobody else's. */
function withPence(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = withPence(item);
    return value;
  }
  if ('#pence' in value) return BigInt(String(value['#pence']));
  const fields = value as Record<string, unknown>; // Parsed JSON has no other objects.
  for (const key of Object.keys(fields)) {
    const item = fields[key];
    if (typeof item === 'object' && item !== null) fields[key] = withPence(item);
  }
  return value;
}
