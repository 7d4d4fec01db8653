import { Json } from './json.js';
import type { Row, StoredValue, Table, Value } from './table.js';

export function stored(value: Value | undefined): StoredValue {
  return value instanceof Json ? value.text : (value ?? null);
}

/** A row as it was read, and nobody else's: its JSON becomes values again, in place. */
export function inMemory({ columns }: Table, row: Record<string, Value>): Row {
  for (const [column, kind] of Object.entries(columns)) {
    const value = row[column];
    if (kind.startsWith('json') && typeof value === 'string') row[column] = Json.ofText(value);
  }
  return row;
}
