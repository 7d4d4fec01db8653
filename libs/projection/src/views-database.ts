import type { Kysely } from 'kysely';
import type { NetChange } from './rows.js';
import type { Row, RowKey, StoredValue, Table } from './table.js';

/** Tables whose names are known only at run time: a generation's. */
export type AnyTables = Record<string, Record<string, StoredValue>>;

/**
 * The database of read models and what their builders know. Everything in it can be rebuilt. The
 * same on SQLite and PostgreSQL: text is ordered by its code points, every integer is a bigint.
 * Any number of processes may have it open.
 */
export abstract class ViewsDatabase {
  /** Each statement sees what is committed, never what a transaction of this process is at. */
  abstract readonly query: Kysely<AnyTables>;

  /** The rows there are of these keys, in no order. */
  abstract loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]>;

  /**
   * All or nothing. Those of one process take turns; other processes' are waited for.
   * @throws ViewsUnavailable when nobody knows whether it was committed
   */
  abstract transaction<T>(work: (writing: ViewsTransaction) => Promise<T>): Promise<T>;

  /** From its first look on it sees one moment. Nothing can be written in it. */
  abstract snapshot<T>(read: (views: ViewsDatabase) => Promise<T>): Promise<T>;

  abstract close(): Promise<void>;
}

export interface ViewsTransaction {
  readonly query: Kysely<AnyTables>;
  /** To be filled: without indexes, and without the key of a table that is only added to. */
  createTable(table: Table, name: string): Promise<void>;
  /** Adds what `createTable` left out: it is quicker to make when the rows are there. */
  finishTable(table: Table, name: string): Promise<void>;
  dropTable(name: string): Promise<void>;
  write(change: NetChange, name: string): Promise<void>;
}

/** Of the tables that every views database has, and of how rows are kept in the others. */
export const FORMAT = 3n;

/** The database is not one of views that this version can use. It was left as it is. */
export class ViewsRefused extends Error {
  override readonly name = 'ViewsRefused';
  readonly code = 'views-refused';
}

/** The database does not answer, or the connection was lost in the middle: to be tried again. */
export class ViewsUnavailable extends Error {
  override readonly name = 'ViewsUnavailable';
  readonly code = 'views-unavailable';
}
