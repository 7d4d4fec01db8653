import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import { inMemory } from './stored.js';
import { quoted } from './table-sql.js';
import type { Row, RowKey, StoredValue, Table } from './table.js';
import type { AnyTables } from './views-database.js';

const STATEMENTS_MAX = 200;

/** One rule at this edge: every integer is a bigint. */
export class SqliteConnection {
  readonly db: DatabaseSync;
  readonly query: Kysely<AnyTables>;
  private readonly statements = new Map<string, StatementSync>();

  constructor(path: string, waitMs: number) {
    this.db = new DatabaseSync(path, { timeout: waitMs, readBigInts: true });
    const database = kyselyShim(this.db);
    this.query = new Kysely<AnyTables>({ dialect: new SqliteDialect({ database }) });
  }

  /** The statement, prepared once. */
  statement(sql: string): StatementSync {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    if (this.statements.size >= STATEMENTS_MAX) this.statements.clear();
    const statement = this.db.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }

  loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]> {
    return new Promise((resolve) => {
      const columns = Object.keys(table.columns);
      const statement = this.statement(
        `SELECT ${quoted(columns)} FROM "${name}" WHERE ${isOfKey(table)}`,
      );
      const found: Row[] = [];
      for (const key of keys) {
        const row = statement.get(...key);
        // It has the columns that were named.
        if (row !== undefined) found.push(inMemory(table, row as Record<string, StoredValue>));
      }
      resolve(found);
    });
  }
}

export function isOfKey(table: Table): string {
  return table.key.map((column) => `"${column}" = ?`).join(' AND ');
}

type KyselySqlite = Exclude<
  ConstructorParameters<typeof SqliteDialect>[0]['database'],
  (...args: never[]) => unknown
>;

/** Kysely's SQLite dialect on `node:sqlite`. */
function kyselyShim(db: DatabaseSync): KyselySqlite {
  return {
    close: () => undefined,
    prepare(sql: string) {
      const statement = db.prepare(sql);
      const given = (values: readonly unknown[]) => values as StoredValue[];
      return {
        reader: statement.columns().length > 0,
        all: (values: readonly unknown[]) => statement.all(...given(values)),
        run: (values: readonly unknown[]) => statement.run(...given(values)),
        iterate: (values: readonly unknown[]) => statement.iterate(...given(values)),
      };
    },
  };
}
