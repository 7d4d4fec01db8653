import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, SqliteDialect } from 'kysely';
import { present } from '#kernel';
import type { NetChange } from './rows.js';
import type { Row, RowKey, Table } from './table.js';

/** Tables whose names are known only at run time: a generation's. */
export type AnyTables = Record<string, Record<string, string | bigint | null>>;

const BUSY_TIMEOUT_MS = 5_000;
const BUSY_RETRY_MS_MAX = 20;
const STATEMENTS_MAX = 200;
/** https://sqlite.org/rescode.html; the low byte of a result is its primary code. */
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;
/** "WLVW": says whose file this is. */
const APPLICATION_ID = 0x574c5657;
const FORMAT = 2;

/** The file is not a views database that this version can use. It was left as it is. */
export class ViewsRefused extends Error {
  override readonly name = 'ViewsRefused';
  readonly code = 'views-refused';
}

const OWN_TABLES = `
  CREATE TABLE IF NOT EXISTS generation (
    projection TEXT NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, tables TEXT NOT NULL, touched_at TEXT NOT NULL,
    PRIMARY KEY (projection, generation)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS followed (
    one INTEGER PRIMARY KEY CHECK (one = 1), stream TEXT NOT NULL, version INTEGER NOT NULL,
    position INTEGER NOT NULL, event TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS checkpoint (
    projection TEXT NOT NULL, generation INTEGER NOT NULL, partition INTEGER NOT NULL,
    position INTEGER NOT NULL, stopped TEXT, PRIMARY KEY (projection, generation, partition)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS parked (
    projection TEXT NOT NULL, generation INTEGER NOT NULL, stream TEXT NOT NULL,
    version INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (projection, generation, stream)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS timer (
    process TEXT NOT NULL, item TEXT NOT NULL, due_at TEXT NOT NULL, PRIMARY KEY (process, item)
  ) STRICT;`;

/** The database of read models and what their builders know. Everything in it can be rebuilt. */
export class ViewsDatabase {
  private readonly statements = new Map<string, StatementSync>();
  readonly query: Kysely<AnyTables>;

  private constructor(private readonly db: DatabaseSync) {
    this.query = new Kysely<AnyTables>({
      dialect: new SqliteDialect({ database: kyselyShim(db) }),
    });
  }

  /**
   * The file is made when absent, readable by its owner alone. Any number of processes may open it.
   * @throws ViewsRefused when the file is something else, or of another version
   */
  static open(path: string): ViewsDatabase {
    createPrivately(resolve(path));
    // A resolved path is never read as an SQLite URI.
    const db = new DatabaseSync(resolve(path), { timeout: BUSY_TIMEOUT_MS });
    try {
      onceUnlocked(() => {
        prepare(db, path);
      });
      return new ViewsDatabase(db);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** All or nothing. Waits for other processes; the work itself must not. */
  async transaction<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        this.db.exec('BEGIN IMMEDIATE');
        break;
      } catch (error) {
        if (resultCode(error) !== SQLITE_BUSY) throw error;
        await delay(Math.random() * BUSY_RETRY_MS_MAX);
      }
    }
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  /** A consistent reading: from its first look on it sees one moment. It must not write. */
  async snapshot<T>(read: () => Promise<T>): Promise<T> {
    this.db.exec('BEGIN');
    try {
      return await read();
    } finally {
      this.db.exec('COMMIT');
    }
  }

  run(sql: string, ...values: (string | bigint | number | null)[]): number {
    return Number(this.statement(sql).run(...values).changes);
  }

  all(sql: string, ...values: (string | bigint | number | null)[]): Row[] {
    return this.statement(sql).all(...values) as Row[];
  }

  *each(sql: string): Generator<Row> {
    const statement = this.db.prepare(sql);
    statement.setReadBigInts(true);
    for (const row of statement.iterate()) yield row as Row;
  }

  createTable(table: Table, name: string): void {
    const columns = Object.entries(table.columns).map(([column, type]) =>
      type.endsWith('?')
        ? `"${column}" ${type.slice(0, -1).toUpperCase()}`
        : `"${column}" ${type.toUpperCase()} NOT NULL`,
    );
    const key = table.key.map((column) => `"${column}"`).join(', ');
    this.db.exec(
      `CREATE TABLE "${name}" (${columns.join(', ')}, PRIMARY KEY (${key})) STRICT, WITHOUT ROWID`,
    );
    for (const [index, on] of (table.indexes ?? []).entries()) {
      const indexed = on.map((column) => `"${column}"`).join(', ');
      this.db.exec(`CREATE INDEX "${name}_${index}" ON "${name}" (${indexed})`);
    }
  }

  dropTable(name: string): void {
    for (const sql of this.statements.keys()) {
      if (sql.includes(`"${name}"`)) this.statements.delete(sql);
    }
    this.db.exec(`DROP TABLE IF EXISTS "${name}"`);
  }

  loadRow(table: Table, name: string, key: RowKey): Row | undefined {
    const where = table.key.map((column) => `"${column}" = ?`).join(' AND ');
    const sql = `SELECT * FROM "${name}" WHERE ${where}`;
    return this.statement(sql).get(...key) as Row | undefined;
  }

  /** The net change of a page, by prepared loops. */
  write({ table, inserted, updated, removed }: NetChange, name: string): void {
    const columns = Object.keys(table.columns);
    const values = (row: Row) => columns.map((column) => row[column] ?? null);
    const into = `INTO "${name}" (${columns.map((column) => `"${column}"`).join(', ')})`;
    const places = `VALUES (${columns.map(() => '?').join(', ')})`;
    // A plain insert: a key that is there already means that something was counted twice.
    for (const row of inserted) this.statement(`INSERT ${into} ${places}`).run(...values(row));
    for (const row of updated) this.statement(`REPLACE ${into} ${places}`).run(...values(row));
    const where = table.key.map((column) => `"${column}" = ?`).join(' AND ');
    for (const key of removed) this.statement(`DELETE FROM "${name}" WHERE ${where}`).run(...key);
  }

  close(): void {
    this.statements.clear();
    this.db.close();
  }

  private statement(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    if (this.statements.size >= STATEMENTS_MAX) this.statements.clear();
    const statement = this.db.prepare(sql);
    statement.setReadBigInts(true);
    this.statements.set(sql, statement);
    return statement;
  }
}

type KyselySqlite = Exclude<
  ConstructorParameters<typeof SqliteDialect>[0]['database'],
  (...args: never[]) => unknown
>;

/** Kysely's SQLite dialect on `node:sqlite`. One rule at this edge: every integer is a bigint. */
function kyselyShim(db: DatabaseSync): KyselySqlite {
  return {
    close: () => undefined,
    prepare(sql: string) {
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      const given = (values: readonly unknown[]) => values as (string | bigint | null)[];
      return {
        reader: statement.columns().length > 0,
        all: (values: readonly unknown[]) => statement.all(...given(values)),
        run: (values: readonly unknown[]) => statement.run(...given(values)),
        iterate: (values: readonly unknown[]) => statement.iterate(...given(values)),
      };
    },
  };
}

/** The store failed, and not what it was asked for. */
export function isStoreError(error: unknown): boolean {
  return resultCode(error) !== undefined;
}

function resultCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
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

/**
 * Of several processes that make the file at the same moment, SQLite turns some away without any
 * waiting (they would wait for each other).
 */
function onceUnlocked(step: () => void): void {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (;;) {
    try {
      step();
      return;
    } catch (error) {
      if (resultCode(error) !== SQLITE_BUSY || performance.now() > deadline) throw error;
    }
    Atomics.wait(never, 0, 0, 1 + Math.random() * BUSY_RETRY_MS_MAX);
  }
}

/** @throws ViewsRefused */
function prepare(db: DatabaseSync, path: string): void {
  // Before anything is written: a file that is not ours stays as it is.
  const found = identityOf(db, path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  if (found === 'ours') return;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have made it while this one waited for the lock.
    if (identityOf(db, path) === 'empty') {
      db.exec(OWN_TABLES);
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT};`);
    }
  } finally {
    db.exec('COMMIT');
  }
}

/** One statement sees one state: between two, another process may have made the tables. */
const IDENTITY = `
  SELECT count(*) AS objects,
    (SELECT application_id FROM pragma_application_id) AS application,
    (SELECT user_version FROM pragma_user_version) AS format
  FROM sqlite_schema`;

function identityOf(db: DatabaseSync, path: string): 'empty' | 'ours' {
  let identity: Record<string, unknown>;
  try {
    identity = present(db.prepare(IDENTITY).get(), 'a count is one row');
  } catch (error) {
    if (resultCode(error) !== SQLITE_NOTADB) throw error;
    throw new ViewsRefused(
      `${path} is not a views database: it is no readable SQLite database. Move it away; all that ` +
        'a views database holds is built anew from the log.',
      { cause: error },
    );
  }
  const { objects, application, format } = identity;
  if (objects === 0 && application === 0 && format === 0) return 'empty';
  if (application !== APPLICATION_ID) {
    throw new ViewsRefused(`${path} is a database of something else, not of Wayledger's views.`);
  }
  if (Number(format) !== FORMAT) {
    throw new ViewsRefused(
      `${path} is a views database of format ${String(format)}; this Wayledger knows ${FORMAT}. ` +
        'Use the Wayledger that wrote it, or move the file away: it is built anew.',
    );
  }
  return 'ours';
}
