import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ClientBase, Pool, PoolClient } from 'pg';
import {
  isConnectionLost,
  mustBeUnicode,
  openPool,
  prepareSchema,
  type Ask,
  type OwnSchema,
  type PostgresAddress,
} from '#postgres';
import { Moment, type Reading } from './moment.js';
import { arraysOf, columnsOf, unnestSql, type Column } from './postgres-arrays.js';
import { asRefused, POSTGRES_TYPES, viewsSchema } from './postgres-format.js';
import { pooled, Session, unlessLost } from './postgres-session.js';
import type { NetChange } from './rows.js';
import { stored } from './stored.js';
import { createTableSql, finishTableSql, insertSql, quoted, upsertSql } from './table-sql.js';
import type { Row, RowKey, StoredValue, Table } from './table.js';
import { Turns } from './turns.js';
import {
  ViewsDatabase,
  ViewsUnavailable,
  type AnyTables,
  type ViewsTransaction,
} from './views-database.js';

const READERS_MAX = 8;
/** A process that is paused in the middle holds the others up no longer than this. */
const PAUSE_MS_MAX = 10_000;
/** Far longer than that, and than anybody writes who is not paused. */
const LOCK_WAIT_MS = 60_000;
/** Under `deadlock_timeout`, 1 s: it is never a reader that has to give way. */
const DROP_WAIT_MS = 500;

/**
 * The schema is made when absent, and that of an older format is emptied: all that it held is built
 * anew from the log.
 * @throws ViewsRefused when the database, or the schema in it, cannot be used
 * @throws ViewsUnavailable when it does not answer
 */
export async function openPostgresViews(address: PostgresAddress): Promise<ViewsDatabase> {
  const { config, namespace, described } = address;
  const schema = viewsSchema(namespace);
  const path = `SET search_path TO ${schema.name}`;
  const settings = (sql: string) => ({
    onConnect: async (client: ClientBase): Promise<void> => {
      await client.query(sql);
    },
  });
  const readers = openPool(config, {
    max: READERS_MAX,
    ...settings(`${path}; SET default_transaction_read_only = on`),
  });
  // Rows and checkpoint are one transaction and all follows from the log: the last moments before a
  // crash of the server are built again. Nobody waits for the disk.
  const writers = openPool(config, {
    max: 1,
    ...settings(`${path}; SET synchronous_commit = off; SET lock_timeout = ${LOCK_WAIT_MS};
      SET idle_in_transaction_session_timeout = ${PAUSE_MS_MAX}`),
  });
  const views = new PostgresViews(described, schema, readers, writers);
  try {
    await views.prepare();
    return views;
  } catch (error) {
    await views.close();
    throw asRefused(error, address);
  }
}

class PostgresViews extends ViewsDatabase {
  private readonly turns = new Turns();
  private readonly reading: Reading;
  private closing: Promise<void> | undefined;

  /** Writing has a connection to itself: it never waits until somebody has read. */
  constructor(
    private readonly place: string,
    private readonly schema: OwnSchema,
    private readonly readers: Pool,
    private readonly writers: Pool,
  ) {
    super();
    this.reading = pooled(readers, place);
  }

  get query(): Kysely<AnyTables> {
    return this.reading.query;
  }

  loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]> {
    return this.reading.loadRows(table, name, keys);
  }

  /**
   * One at a time, of all processes, as on SQLite: what it looked at stays so until it is done. In
   * turns here, because the pool makes nobody wait longer than it may take to be connected.
   */
  transaction<T>(work: (writing: ViewsTransaction) => Promise<T>): Promise<T> {
    const begin = `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('${this.schema.name}', 0))`;
    return this.turns.take(() =>
      this.within(this.writers, begin, async (session) => {
        const result = await work(new PostgresTransaction(session));
        await commit(session);
        return result;
      }),
    );
  }

  async prepare(): Promise<void> {
    const ask: Ask = (text, values = []) =>
      unlessLost(
        this.place,
        async () => (await this.writers.query<Record<string, unknown>>(text, [...values])).rows,
      );
    await mustBeUnicode(ask, this.place);
    await prepareSchema(ask, this.schema, this.place);
  }

  snapshot<T>(read: (views: ViewsDatabase) => Promise<T>): Promise<T> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
    return this.within(this.readers, begin, async (session) => {
      // A table that is dropped is gone for who looks at a former moment, too: see `dropTable`.
      await session.ask('LOCK TABLE meta IN ACCESS SHARE MODE');
      const result = await read(new Moment(session));
      await session.ask('COMMIT');
      return result;
    });
  }

  /** When the transactions that were asked for before are done. */
  close(): Promise<void> {
    this.closing ??= this.turns.take(async () => {
      await Promise.all([this.readers.end(), this.writers.end()]);
    });
    return this.closing;
  }

  private async within<T>(
    pool: Pool,
    begin: string,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { client, session } = await this.begun(pool, begin);
    let usable = true;
    try {
      return await work(session);
    } catch (error) {
      usable = await session.ask('ROLLBACK').then(
        () => true,
        () => false,
      );
      throw error;
    } finally {
      client.release(!usable);
    }
  }

  private async begun(pool: Pool, begin: string): Promise<Begun> {
    for (let again = false; ; again = true) {
      const client = await unlessLost(this.place, () => pool.connect());
      const session = new Session(client, this.place);
      try {
        await session.ask(begin);
        return { client, session };
      } catch (error) {
        client.release(true);
        // One that was idle may have been lost with nobody noticing.
        const lost = error instanceof ViewsUnavailable && isConnectionLost(error.cause);
        if (!lost || again) throw error;
      }
    }
  }
}

interface Begun {
  readonly client: PoolClient;
  readonly session: Session;
}

/** Of a transaction with a statement that failed PostgreSQL undoes the whole, and calls it done. */
async function commit(session: Session): Promise<void> {
  const { command } = await session.ask('COMMIT');
  if (command === 'COMMIT') return;
  throw new Error('A statement of the transaction had failed: nothing of it was written');
}

class PostgresTransaction implements ViewsTransaction {
  constructor(private readonly session: Session) {}

  get query(): Kysely<AnyTables> {
    return this.session.query;
  }

  async createTable(table: Table, name: string): Promise<void> {
    await this.session.ask(createTableSql(table, name, POSTGRES_TYPES));
  }

  async finishTable(table: Table, name: string): Promise<void> {
    for (const statement of finishTableSql(table, name)) await this.session.ask(statement);
    // Until somebody counts, the planner guesses.
    await this.session.ask(`ANALYZE "${name}"`);
  }

  /** Not while somebody looks at one moment, or reads from it: that can be long. */
  async dropTable(name: string): Promise<void> {
    await this.session.ask(`SET LOCAL lock_timeout = ${DROP_WAIT_MS};
      LOCK TABLE meta IN ACCESS EXCLUSIVE MODE;
      DROP TABLE IF EXISTS "${name}";
      SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
  }

  /** Removed first: what is put may take a place that was theirs. */
  async write({ table, inserted, put, removed }: NetChange, name: string): Promise<void> {
    const key = columnsOf(table, [...table.key]);
    const isOfKey = table.key.map((column) => `kept."${column}" = given."${column}"`).join(' AND ');
    const deleteSql = `DELETE FROM "${name}" AS kept USING ${unnestSql(key)} WHERE ${isOfKey}`;
    await this.send(deleteSql, key, removed, (each) => each);
    const columns = columnsOf(table);
    const names = columns.map((column) => column.name);
    const rows = `SELECT ${quoted(names, 'given.')} FROM ${unnestSql(columns)}`;
    const valuesOf = (row: Row) => names.map((column) => stored(row[column]));
    await this.send(upsertSql(table, name, rows), columns, put, valuesOf);
    await this.send(insertSql(table, name, rows), columns, inserted, valuesOf);
  }

  /**
   * The next part is made ready while the server works on the one before. COPY takes about three
   * quarters of the time and is left all the same: a process that is paused within one keeps its
   * locks, and no timeout of the server ends that.
   */
  private async send<R>(
    sql: string,
    columns: readonly Column[],
    rows: readonly R[],
    valuesOf: (row: R) => readonly StoredValue[],
  ): Promise<void> {
    let sent: Promise<unknown> = Promise.resolve();
    for (const arrays of arraysOf(columns, rows, valuesOf)) {
      await sent;
      sent = this.session.ask(sql, arrays);
      await nextTurn();
    }
    await sent;
  }
}
