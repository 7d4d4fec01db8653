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
  readonly text: string;
  readonly key: RowKey;
  /** Whether there is such a row in the database; `undefined`: nobody looked. */
  isThere: boolean | undefined;
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
  readonly settled: Set<Slot>;
  /** On their way into the database, and not to be read there yet. */
  readonly leaving: Map<string, Slot>;
  /** Keys of rows that are in the database and not here; `null`: of others nothing is known. */
  readonly elsewhere: KeyFilter | null;
  readonly jsonColumns: readonly string[];
}

/** Rows of a generation as its builder knows them, and what of them is not written yet. */
export class RowCache implements Beneath {
  /** What those take in memory, roughly, that were looked at of late. */
  recentBytes = 0;
  private readonly tables: ReadonlyMap<string, Cached>;

  /** @param empty whether the tables are: then a row that is not here is nowhere */
  constructor(tables: readonly Table[], empty: boolean) {
    this.tables = new Map(
      tables.map((table) => [
        table.name,
        {
          ...{ table, recent: new Map(), earlier: new Map(), changed: new Set(), added: [] },
          ...{ settled: new Set(), leaving: new Map() },
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
    const cached = this.of(table.name);
    const found = new Map(rows.map((row) => [keyText(keyOf(table, row)), row]));
    for (const [text, key] of keys) {
      const row = found.get(text) ?? null;
      const slot: Slot = { text, key, isThere: row !== null, now: row, bytes: 0 };
      this.weigh(slot, bytesOf(row));
      cached.recent.set(text, slot);
    }
  }

  /** What some facts came to; `settled`: no fact is expected to look at any of it again. */
  keep({ touched, added }: Pick<Rows, 'touched' | 'added'>, settled = false): void {
    for (const [name, rows] of touched) {
      const cached = this.of(name);
      for (const [text, { key, row, isSettled }] of rows) {
        const slot = this.slotOf(cached, text) ?? newSlot(cached, text, key);
        this.change(cached, slot, row);
        const cameAndWent = row === null && slot.isThere === false && cached.elsewhere !== null;
        // That it is nowhere needs no slot to be known.
        if (cameAndWent) this.forget(cached, slot);
        else if (settled || isSettled) {
          cached.settled.add(slot);
          pack(row);
        } else cached.settled.delete(slot);
      }
    }
    for (const [name, rows] of added) {
      const cached = this.of(name);
      for (const row of rows) cached.added.push(row);
    }
  }

  /** All that is not written yet. */
  changes(): NetChange[] {
    return this.changesIn(({ changed }) => changed);
  }

  /**
   * Of that, what goes now: what no fact is expected to look at again; to make room also what none
   * looked at for a while.
   */
  leaving(makesRoom: boolean): NetChange[] {
    return this.changesIn(({ changed, settled, earlier }) =>
      [...settled, ...(makesRoom ? earlier.values() : [])].filter((slot) => changed.has(slot)),
    );
  }

  /** All changes are in the database. */
  written(): void {
    for (const { changed, recent } of this.tables.values()) {
      for (const slot of changed) {
        slot.isThere = slot.now !== null;
        // Its text is known now; it is in its place already: who was looked at last is recent.
        if (recent.has(slot.text)) this.weigh(slot, bytesOf(slot.now));
      }
      changed.clear();
    }
    this.left(false);
    this.arrived();
  }

  /** What was `leaving` is on its way into the database. */
  left(makesRoom: boolean): void {
    for (const cached of this.tables.values()) {
      cached.added = [];
      for (const slot of cached.settled) this.leave(cached, slot);
      if (!makesRoom) continue;
      for (const slot of cached.earlier.values()) this.leave(cached, slot);
      cached.earlier = cached.recent;
      cached.recent = new Map();
    }
    if (makesRoom) this.recentBytes = 0;
  }

  /** What had left can be read in the database. */
  arrived(): void {
    for (const { leaving } of this.tables.values()) leaving.clear();
  }

  private changesIn(of: (cached: Cached) => Iterable<Slot>): NetChange[] {
    return [...this.tables.values()].flatMap((cached): NetChange[] => {
      const inserted = [...cached.added];
      const put: Row[] = [];
      const removed: RowKey[] = [];
      for (const { key, isThere, now } of of(cached)) {
        if (now !== null) (isThere === false ? inserted : put).push(now);
        else if (isThere !== false) removed.push(key);
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

  private slotOf(cached: Cached, text: string): Slot | undefined {
    const recent = cached.recent.get(text);
    if (recent !== undefined) return recent;
    const before = cached.earlier.get(text) ?? cached.leaving.get(text);
    if (before === undefined) return undefined;
    cached.earlier.delete(text);
    cached.leaving.delete(text);
    cached.recent.set(text, before);
    this.recentBytes += before.bytes;
    return before;
  }

  private change(cached: Cached, slot: Slot, row: Row | null): void {
    const before = slot.now;
    slot.now = row;
    cached.changed.add(slot);
    let bytes = slot.bytes === 0 ? ROW_BYTES : slot.bytes;
    for (const column of cached.jsonColumns) {
      if (row !== null && !isSame(row[column], before?.[column])) bytes += JSON_BYTES_OF_FACT;
    }
    this.weigh(slot, bytes);
  }

  private leave(cached: Cached, slot: Slot): void {
    // One that was removed is as well known to be nowhere, unless it had been elsewhere.
    if (slot.now !== null) cached.elsewhere?.add(slot.text);
    const { bytes } = slot;
    this.forget(cached, slot);
    slot.bytes = bytes;
    slot.isThere = slot.now !== null;
    cached.leaving.set(slot.text, slot);
  }

  private forget(cached: Cached, slot: Slot): void {
    if (cached.recent.delete(slot.text)) this.weigh(slot, 0);
    cached.earlier.delete(slot.text);
    cached.changed.delete(slot);
    cached.settled.delete(slot);
  }

  /** One of the recent. */
  private weigh(slot: Slot, bytes: number): void {
    this.recentBytes += bytes - slot.bytes;
    slot.bytes = bytes;
  }
}

function newSlot(cached: Cached, text: string, key: RowKey): Slot {
  const isThere = cached.elsewhere?.mayHave(text) === false ? false : undefined;
  const slot: Slot = { text, key, isThere, now: null, bytes: 0 };
  cached.recent.set(text, slot);
  return slot;
}

/** Until it is written its text is enough, and takes less. */
function pack(row: Row | null): void {
  for (const value of Object.values(row ?? {})) if (value instanceof Json) value.pack();
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
