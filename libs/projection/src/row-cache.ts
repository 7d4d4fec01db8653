import { Json } from './json.js';
import { KeyFilter } from './key-filter.js';
import { keyText, keyOf, type Beneath, type NetChange, type Rows } from './rows.js';
import type { Row, RowKey, Table, Value } from './table.js';

// What rows take in memory, roughly, in bytes. Nothing is packed only to be weighed.
const ROW_BYTES = 600;
/** A value takes more than its text. */
const JSON_FACTOR = 1.5;
/** What a fact adds to a value. */
const JSON_BYTES_OF_FACT = 300;

interface Slot {
  readonly key: RowKey;
  /** `null`: not there; `undefined`: nobody looked. */
  stored: Row | null | undefined;
  now: Row | null;
  bytes: number;
}

interface Cached {
  readonly table: Table;
  /** Those that were looked at or changed of late, and those that were before. */
  recent: Map<string, Slot>;
  earlier: Map<string, Slot>;
  readonly changed: Set<Slot>;
  added: Row[];
  /** That no fact is expected to look at again. */
  readonly settled: Map<string, Slot>;
  /** Keys of rows that are in the database and not here; `null`: of others nothing is known. */
  readonly elsewhere: KeyFilter | null;
  readonly jsonColumns: readonly string[];
  /** What those take in memory, roughly, that were looked at of late. */
  recentBytes: number;
}

/** Rows of a generation as its builder knows them, and what of them is not written yet. */
export class RowCache implements Beneath {
  private readonly tables: ReadonlyMap<string, Cached>;

  /** @param empty whether the tables are: then a row that is not here is nowhere */
  constructor(tables: readonly Table[], empty: boolean) {
    this.tables = new Map(
      tables.map((table) => [
        table.name,
        {
          ...{ table, recent: new Map(), earlier: new Map(), changed: new Set(), added: [] },
          settled: new Map(),
          elsewhere: empty && table.appendOnly !== true ? new KeyFilter() : null,
          jsonColumns: Object.keys(table.columns).filter((column) =>
            table.columns[column]?.startsWith('json'),
          ),
          recentBytes: 0,
        },
      ]),
    );
  }

  find(table: string, text: string): Row | null | undefined {
    const cached = this.of(table);
    const slot = slotOf(cached, text);
    if (slot !== undefined) return slot.now;
    return cached.elsewhere?.mayHave(text) === false ? null : undefined;
  }

  /** What was looked up; a key that no row came for has none. */
  learn(table: Table, keys: ReadonlyMap<string, RowKey>, rows: readonly Row[]): void {
    const cached = this.of(table.name);
    const found = new Map(rows.map((row) => [keyText(keyOf(table, row)), row]));
    for (const [text, key] of keys) {
      const row = found.get(text) ?? null;
      const slot: Slot = { key, stored: row, now: row, bytes: 0 };
      weigh(cached, slot, bytesOf(row));
      cached.recent.set(text, slot);
    }
  }

  /** What some facts came to. */
  keep({ touched, added }: Pick<Rows, 'touched' | 'added'>): void {
    for (const [name, rows] of touched) {
      const cached = this.of(name);
      for (const [text, { key, row, isSettled }] of rows) {
        const slot = slotOf(cached, text) ?? newSlot(cached, text, key);
        change(cached, slot, row);
        const cameAndWent = row === null && slot.stored === null && cached.elsewhere !== null;
        // That it is nowhere needs no slot to be known.
        if (cameAndWent) forget(cached, text, slot);
        else if (isSettled) cached.settled.set(text, slot);
        else cached.settled.delete(text);
      }
    }
    for (const [name, rows] of added) {
      const cached = this.of(name);
      for (const row of rows) cached.added.push(row);
    }
  }

  /** All that is not written yet. */
  changes(): NetChange[] {
    return this.changesIn(({ added, changed }) => [added, changed]);
  }

  /** Of that, what no fact is expected to look at again. */
  settled(): NetChange[] {
    return this.changesIn(({ added, changed, settled }) => [
      added,
      [...settled.values()].filter((slot) => changed.has(slot)),
    ]);
  }

  /** What of this table has to be written before it can make room. */
  overflow(table: string): NetChange[] {
    return this.changesIn(({ table: { name }, earlier, changed }) => {
      return [[], name === table ? [...earlier.values()].filter((slot) => changed.has(slot)) : []];
    });
  }

  /** In bytes, roughly: what was looked at of late, table by table. */
  *weights(): Generator<readonly [table: string, bytes: number]> {
    for (const [name, { recentBytes }] of this.tables) yield [name, recentBytes];
  }

  /** All changes are in the database. */
  written(): void {
    for (const cached of this.tables.values()) {
      for (const slot of cached.changed) {
        slot.stored = slot.now;
        // In its place already: what was looked at last is the recent ones.
        if (cached.recent.has(keyText(slot.key))) weigh(cached, slot, bytesOf(slot.now));
      }
      cached.changed.clear();
    }
    this.forgetSettled();
  }

  /** That is in the database, and leaves. */
  forgetSettled(): void {
    for (const cached of this.tables.values()) {
      cached.added = [];
      for (const [text, slot] of cached.settled) {
        forget(cached, text, slot);
        cached.elsewhere?.add(text);
      }
      cached.settled.clear();
    }
  }

  /** The table's overflow is in the database: it leaves, and what was not looked at is next. */
  makeRoom(table: string): void {
    const cached = this.of(table);
    for (const [text, slot] of cached.earlier) {
      // One that was removed is as well known to be nowhere, unless it had been elsewhere.
      if (slot.now !== null) cached.elsewhere?.add(text);
      cached.changed.delete(slot);
      cached.settled.delete(text);
    }
    cached.earlier = cached.recent;
    cached.recent = new Map();
    cached.recentBytes = 0;
  }

  private changesIn(of: (cached: Cached) => readonly [readonly Row[], Iterable<Slot>]) {
    return [...this.tables.values()].flatMap((cached): NetChange[] => {
      const [added, changed] = of(cached);
      const inserted = [...added];
      const put: Row[] = [];
      const removed: RowKey[] = [];
      for (const { key, stored, now } of changed) {
        if (now !== null && stored === null) inserted.push(now);
        else if (now !== null && (stored === undefined || !sameRow(stored, now))) put.push(now);
        else if (now === null && stored !== null) removed.push(key);
      }
      const isNone = inserted.length + put.length + removed.length === 0;
      return isNone ? [] : [{ table: cached.table, inserted, put, removed }];
    });
  }

  private of(name: string): Cached {
    const cached = this.tables.get(name);
    if (cached === undefined) throw new Error(`there is no table ${name}`);
    return cached;
  }
}

function change(cached: Cached, slot: Slot, row: Row | null): void {
  const before = slot.now;
  slot.now = row;
  cached.changed.add(slot);
  let bytes = slot.bytes === 0 ? ROW_BYTES : slot.bytes;
  for (const column of cached.jsonColumns) {
    if (row !== null && !isSame(row[column], before?.[column])) bytes += JSON_BYTES_OF_FACT;
  }
  weigh(cached, slot, bytes);
}

function forget(cached: Cached, text: string, slot: Slot): void {
  if (cached.recent.delete(text)) weigh(cached, slot, 0);
  cached.earlier.delete(text);
  cached.changed.delete(slot);
  cached.settled.delete(text);
}

function newSlot(cached: Cached, text: string, key: RowKey): Slot {
  const stored = cached.elsewhere?.mayHave(text) === false ? null : undefined;
  const slot: Slot = { key, stored, now: null, bytes: 0 };
  cached.recent.set(text, slot);
  return slot;
}

/** One of the recent. */
function weigh(cached: Cached, slot: Slot, bytes: number): void {
  cached.recentBytes += bytes - slot.bytes;
  slot.bytes = bytes;
}

/** From now on it is one of the recent. */
function slotOf(cached: Cached, text: string): Slot | undefined {
  const slot = cached.recent.get(text);
  if (slot !== undefined) return slot;
  const before = cached.earlier.get(text);
  if (before === undefined) return undefined;
  cached.earlier.delete(text);
  cached.recent.set(text, before);
  cached.recentBytes += before.bytes;
  return before;
}

/** Both have every column of their table. */
function sameRow(a: Row | null, b: Row): boolean {
  return a === b || (a !== null && Object.keys(b).every((column) => isSame(a[column], b[column])));
}

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || (a instanceof Json && a.isSame(b));
}

function bytesOf(row: Row | null): number {
  let bytes = ROW_BYTES;
  for (const value of Object.values(row ?? {})) {
    if (typeof value === 'string') bytes += value.length;
    else if (value instanceof Json) bytes += JSON_FACTOR * value.size;
  }
  return bytes;
}
