/** `integer` holds whole numbers of any size, read back as `bigint`. */
export type ColumnType = 'text' | 'integer';

export interface Table {
  readonly name: string;
  /** A `?` after the type: the column may be null. */
  readonly columns: Readonly<Record<string, ColumnType | `${ColumnType}?`>>;
  readonly key: readonly string[];
  readonly indexes?: readonly (readonly string[])[];
}

export type Value = string | bigint | null;
export type Row = Readonly<Record<string, Value>>;
export type RowKey = readonly (string | bigint)[];
