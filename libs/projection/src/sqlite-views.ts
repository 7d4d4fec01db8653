import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { SQLITE, sqliteCodeOf } from './failures.js';
import { Moment } from './moment.js';
import type { NetChange } from './rows.js';
import { isOfKey, SqliteConnection } from './sqlite-connection.js';
import { prepareFile, SQLITE_TYPES } from './sqlite-format.js';
import { stored } from './stored.js';
import { createTableSql, finishTableSql, hasKeyAtOnce, insertSql, upsertSql } from './table-sql.js';
import type { Row, RowKey, Table } from './table.js';
import { Turns } from './turns.js';
import { ViewsDatabase, type AnyTables, type ViewsTransaction } from './views-database.js';

const OPEN_MS_MAX = 5_000;
/** Readers meet a lock only for moments, while a crashed writer's work is being recovered. */
const READER_WAIT_MS = 5_000;
const BUSY_RETRY_MS_MAX = 20;

/**
 * The file is made when absent, readable by its owner alone. Any number of processes may open it.
 * One of an older format is emptied: all that it held is built anew from the log.
 * @throws ViewsRefused when the file is something else, or of a newer Wayledger
 */
export async function openSqliteViews(given: string): Promise<ViewsDatabase> {
  // A resolved path is never read as an SQLite URI.
  const path = resolve(given);
  createPrivately(path);
  // It never waits inside SQLite, which would stop the whole process: who is refused tries again.
  const writer = new SqliteConnection(path, 0);
  try {
    await onceUnlocked(() => {
      prepareFile(writer.db, given);
    }, OPEN_MS_MAX);
    return new SqliteViews(path, readingConnection(path), writer);
  } catch (error) {
    writer.db.close();
    throw error;
  }
}

class SqliteViews extends ViewsDatabase {
  private readonly turns = new Turns();
  private closing: Promise<void> | undefined;

  /** Two connections: no reader of this process sees what is not committed. */
  constructor(
    private readonly path: string,
    private readonly reader: SqliteConnection,
    private readonly writer: SqliteConnection,
  ) {
    super();
  }

  get query(): Kysely<AnyTables> {
    return this.reader.query;
  }

  loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]> {
    return this.reader.loadRows(table, name, keys);
  }

  transaction<T>(work: (writing: ViewsTransaction) => Promise<T>): Promise<T> {
    return this.turns.take(async () => {
      const { db } = this.writer;
      await onceUnlocked(() => {
        db.exec('BEGIN IMMEDIATE');
      });
      try {
        const result = await work(new SqliteTransaction(this.writer));
        db.exec('COMMIT');
        return result;
      } catch (error) {
        // After some failures SQLite has already undone it.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  async snapshot<T>(read: (views: ViewsDatabase) => Promise<T>): Promise<T> {
    const connection = readingConnection(this.path);
    try {
      connection.db.exec('BEGIN');
      return await read(new Moment(connection));
    } finally {
      connection.db.close();
    }
  }

  /** When the transactions that were asked for before are done. */
  close(): Promise<void> {
    this.closing ??= this.turns.take(() => {
      this.reader.db.close();
      this.writer.db.close();
      return Promise.resolve();
    });
    return this.closing;
  }
}

class SqliteTransaction implements ViewsTransaction {
  constructor(private readonly connection: SqliteConnection) {}

  get query(): Kysely<AnyTables> {
    return this.connection.query;
  }

  async createTable(table: Table, name: string): Promise<void> {
    const kind = hasKeyAtOnce(table) ? 'STRICT, WITHOUT ROWID' : 'STRICT';
    await this.run(`${createTableSql(table, name, SQLITE_TYPES)} ${kind}`);
  }

  async finishTable(table: Table, name: string): Promise<void> {
    for (const statement of finishTableSql(table, name)) await this.run(statement);
  }

  dropTable(name: string): Promise<void> {
    return this.run(`DROP TABLE IF EXISTS "${name}"`);
  }

  /** Removed first: what is put may take a place that was theirs. */
  write({ table, inserted, put, removed }: NetChange, name: string): Promise<void> {
    return new Promise((resolve) => {
      const columns = Object.keys(table.columns);
      const places = `VALUES (${columns.map(() => '?').join(', ')})`;
      const each = (sql: string, rows: readonly Row[]) => {
        if (rows.length === 0) return;
        const statement = this.connection.statement(sql);
        for (const row of rows) statement.run(...columns.map((column) => stored(row[column])));
      };
      if (removed.length > 0) {
        const sql = `DELETE FROM "${name}" WHERE ${isOfKey(table)}`;
        const statement = this.connection.statement(sql);
        for (const key of removed) statement.run(...key);
      }
      each(upsertSql(table, name, places), put);
      each(insertSql(table, name, places), inserted);
      resolve();
    });
  }

  private run(sql: string): Promise<void> {
    return new Promise((resolve) => {
      this.connection.db.exec(sql);
      resolve();
    });
  }
}

function readingConnection(path: string): SqliteConnection {
  const connection = new SqliteConnection(path, READER_WAIT_MS);
  try {
    connection.db.exec('PRAGMA query_only = ON');
    return connection;
  } catch (error) {
    connection.db.close();
    throw error;
  }
}

/**
 * Of several processes that make the file at the same moment, SQLite turns some away without any
 * waiting (they would wait for each other).
 */
async function onceUnlocked(step: () => void, waitMsMax = Infinity): Promise<void> {
  const deadline = performance.now() + waitMsMax;
  for (;;) {
    try {
      step();
      return;
    } catch (error) {
      if (sqliteCodeOf(error) !== SQLITE.busy || performance.now() > deadline) throw error;
    }
    // Spread out, so that processes waiting for the same lock do not meet again and again.
    await delay(Math.random() * BUSY_RETRY_MS_MAX);
  }
}

function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Exclusively: closing a second descriptor of an open database would drop SQLite's locks.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
