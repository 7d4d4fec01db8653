import type { Kysely } from 'kysely';
import type { Row, RowKey, Table } from './table.js';
import { ViewsDatabase, type AnyTables } from './views-database.js';

export interface Reading {
  readonly query: Kysely<AnyTables>;
  loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]>;
}

/** What a snapshot reads from. It lasts as long as that does. */
export class Moment extends ViewsDatabase {
  constructor(private readonly reading: Reading) {
    super();
  }

  get query(): Kysely<AnyTables> {
    return this.reading.query;
  }

  loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]> {
    return this.reading.loadRows(table, name, keys);
  }

  transaction(): Promise<never> {
    return Promise.reject(new Error('Nothing can be written in a snapshot'));
  }

  snapshot<T>(read: (views: ViewsDatabase) => Promise<T>): Promise<T> {
    return read(this);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
