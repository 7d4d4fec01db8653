import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, SqliteDialect } from 'kysely';
import { assert } from '#kernel';
import type { NetChange } from './rows.js';
import type { Row, RowKey, Table } from './projection.js';

/** Tables whose names are known only at run time: a generation's. */
export type AnyTables = Record<string, Record<string, string | bigint | null>>;

const BUSY_TIMEOUT_MS = 5_000;
const BUSY_RETRY_MS_MAX = 20;
const STATEMENTS_MAX = 200;
const SQLITE_BUSY = 5;
/** "WLVW": says whose file this is. */
const APPLICATION_ID = 0x574c5657;
const FORMAT = 1;

const OWN_TABLES = `
  CREATE TABLE IF NOT EXISTS generation (
    projection TEXT NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL,
    status TEXT NOT NULL, tables TEXT NOT NULL, touched_at TEXT NOT NULL,
    PRIMARY KEY (projection, generation)
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

  static open(path: string): ViewsDatabase {
    mkdirSync(dirname(path), { recursive: true });
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    const id = db.prepare('PRAGMA application_id').get()?.['application_id'];
    const format = db.prepare('PRAGMA user_version').get()?.['user_version'];
    assert(id === 0 || id === APPLICATION_ID, `${path} is a Wayledger views database`);
    assert(Number(format) <= FORMAT, `${path} was not written by a newer Wayledger`);
    db.exec('BEGIN IMMEDIATE');
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT};`);
    db.exec(OWN_TABLES);
    db.exec('COMMIT');
    return new ViewsDatabase(db);
  }

  /** All or nothing. Waits for other processes; the work itself must not. */
  async transaction<T>(work: () => T): Promise<T> {
    for (;;) {
      try {
        this.db.exec('BEGIN IMMEDIATE');
        break;
      } catch (error) {
        if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
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

  /** A consistent reading: what it sees is one moment. */
  snapshot<T>(read: () => T): T {
    this.db.exec('BEGIN');
    try {
      return read();
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
