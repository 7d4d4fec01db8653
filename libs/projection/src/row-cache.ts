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
  /** Keys of rows that are in the database and not here; `null`: of others nothing is known. */
  readonly elsewhere: KeyFilter | null;
  readonly jsonColumns: readonly string[];
}

/** Rows of a generation as its builder knows them, and what of them is not written yet. */
export class RowCache implements Beneath {
  /** What they take in memory, roughly; and of that, those that were looked at of late. */
  bytes = 0;
  recentBytes = 0;
  private readonly tables: ReadonlyMap<string, Cached>;

  /** @param empty whether the tables are: then a row that is not here is nowhere */
  constructor(tables: readonly Table[], empty: boolean) {
    this.tables = new Map(
      tables.map((table) => [
        table.name,
        {
          ...{ table, recent: new Map(), earlier: new Map(), changed: new Set(), added: [] },
          elsewhere: empty && table.appendOnly !== true ? new KeyFilter() : null,
          jsonColumns: Object.keys(table.columns).filter((column) =>
            table.columns[column]?.startsWith('json'),
          ),
        },
      ]),
    );
  }

  find(table: string, text: string): Row | null | undefined {
    const cached = this.of(table);
    const slot = this.slotOf(cached, text);
    if (slot !== undefined) return slot.now;
    return cached.elsewhere?.mayHave(text) === false ? null : undefined;
  }

  /** What was looked up; a key that no row came for has none. */
  learn(table: Table, keys: ReadonlyMap<string, RowKey>, rows: readonly Row[]): void {
    const { recent } = this.of(table.name);
    const found = new Map(rows.map((row) => [keyText(keyOf(table, row)), row]));
    for (const [text, key] of keys) {
      const row = found.get(text) ?? null;
      const slot = { key, stored: row, now: row, bytes: bytesOf(row) };
      this.bytes += slot.bytes;
      this.recentBytes += slot.bytes;
      recent.set(text, slot);
    }
  }

  /** What some facts came to. */
  keep({ touched, added }: Pick<Rows, 'touched' | 'added'>): void {
    for (const [name, rows] of touched) {
      const cached = this.of(name);
      for (const [text, { key, row }] of rows) {
        const known = this.slotOf(cached, text);
        if (known?.stored === null && row === null && cached.elsewhere !== null) {
          // It came and went, and that it is nowhere needs no slot to be known.
          this.forget(cached, text, known);
        } else if (known === undefined) {
          const stored = cached.elsewhere?.mayHave(text) === false ? null : undefined;
          const slot: Slot = { key, stored, now: null, bytes: 0 };
          cached.recent.set(text, slot);
          this.change(cached, slot, row);
        } else {
          this.change(cached, known, row);
        }
      }
    }
    for (const [name, rows] of added) {
      const cached = this.of(name);
      for (const row of rows) {
        cached.added.push(row);
      }
      this.bytes += rows.length * ROW_BYTES;
    }
  }

  /** All that is not written yet. */
  changes(): NetChange[] {
    return this.changesIn(({ changed }) => changed);
  }

  /** Of that, what no fact looks at again. */
  added(): NetChange[] {
    return this.changesIn(() => []);
  }

  /** That, and what has to be written before it can make room. */
  overflow(): NetChange[] {
    return this.changesIn(({ earlier, changed }) =>
      [...earlier.values()].filter((slot) => changed.has(slot)),
    );
  }

  /** All changes are in the database. */
  written(): void {
    for (const cached of this.tables.values()) {
      for (const slot of cached.changed) {
        slot.stored = slot.now;
        this.weigh(slot, bytesOf(slot.now));
      }
      cached.changed.clear();
    }
    this.forgetAdded();
  }

  /** Those are in the database. */
  forgetAdded(): void {
    for (const cached of this.tables.values()) {
      this.bytes -= cached.added.length * ROW_BYTES;
      cached.added = [];
    }
  }

  /** The overflow is in the database: it leaves, and what was not looked at since is next. */
  makeRoom(): void {
    for (const cached of this.tables.values()) {
      for (const [text, slot] of cached.earlier) {
        // One that was removed is as well known to be nowhere, unless it had been elsewhere.
        if (slot.now !== null) cached.elsewhere?.add(text);
        cached.changed.delete(slot);
        this.bytes -= slot.bytes;
      }
      cached.earlier = cached.recent;
      cached.recent = new Map();
    }
    this.recentBytes = 0;
  }

  private changesIn(changedOf: (cached: Cached) => Iterable<Slot>): NetChange[] {
    return [...this.tables.values()].flatMap((cached) => {
      const inserted = [...cached.added];
      const put: Row[] = [];
      const removed: RowKey[] = [];
      for (const { key, stored, now } of changedOf(cached)) {
        if (now !== null && stored === null) inserted.push(now);
        else if (now !== null && (stored === undefined || !sameRow(stored, now))) put.push(now);
        else if (now === null && stored !== null) removed.push(key);
      }
      const isNone = inserted.length + put.length + removed.length === 0;
      return isNone ? [] : [{ table: cached.table, inserted, put, removed }];
    });
  }

  private change({ changed, jsonColumns }: Cached, slot: Slot, row: Row | null): void {
    const before = slot.now;
    slot.now = row;
    changed.add(slot);
    let bytes = slot.bytes === 0 ? ROW_BYTES : slot.bytes;
    for (const column of jsonColumns) {
      if (row !== null && !isSame(row[column], before?.[column])) bytes += JSON_BYTES_OF_FACT;
    }
    this.weigh(slot, bytes);
  }

  private forget({ recent, changed }: Cached, text: string, slot: Slot): void {
    recent.delete(text);
    changed.delete(slot);
    this.weigh(slot, 0);
  }

  private weigh(slot: Slot, bytes: number): void {
    this.bytes += bytes - slot.bytes;
    this.recentBytes += bytes - slot.bytes;
    slot.bytes = bytes;
  }

  private slotOf({ recent, earlier }: Cached, text: string): Slot | undefined {
    const slot = recent.get(text);
    if (slot !== undefined) return slot;
    const before = earlier.get(text);
    if (before === undefined) return undefined;
    earlier.delete(text);
    recent.set(text, before);
    this.recentBytes += before.bytes;
    return before;
  }

  private of(name: string): Cached {
    const cached = this.tables.get(name);
    if (cached === undefined) throw new Error(`there is no table ${name}`);
    return cached;
  }
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
