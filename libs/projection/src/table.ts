import type { Json } from './json.js';

/**
 * `integer` holds whole numbers of 64 bits, read back as `bigint`; `json` a value as its JSON text,
 * in memory a `Json`.
 */
export type ColumnType = 'text' | 'integer' | 'json';

export interface Table {
  readonly name: string;
  /** A `?` after the type: the column may be null. */
  readonly columns: Readonly<Record<string, ColumnType | `${ColumnType}?`>>;
  readonly key: readonly string[];
  readonly indexes?: readonly (readonly string[])[];
  /** What no two rows have in common, beside the key. */
  readonly unique?: readonly (readonly string[])[];
  /** Rows are added, and no fact ever looks at one again: written, they leave memory. */
  readonly appendOnly?: true;
}

/** What a query gives. */
export type StoredValue = string | bigint | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** What a reducer works on. */
export type Value = StoredValue | Json;
export type Row = Readonly<Record<string, Value>>;
export type RowKey = readonly (string | bigint)[];
