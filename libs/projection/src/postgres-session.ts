import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { answerOf, isConnectionLost, SQLSTATE, sqlStateOf } from '#postgres';
import { messageOf } from '#kernel';
import type { Reading } from './moment.js';
import { arraysOf, columnsOf, unnestSql } from './postgres-arrays.js';
import { inMemory } from './stored.js';
import { quoted } from './table-sql.js';
import type { Row, RowKey, StoredValue, Table } from './table.js';
import { Turns } from './turns.js';
import { ViewsUnavailable, type AnyTables } from './views-database.js';

type Ask = (text: string, values?: readonly unknown[]) => Promise<QueryResult>;

/** Each statement on whatever connection is free. */
export function pooled(pool: Pool, place: string): Reading {
  const once: Ask = (text, values) => pool.query(text, values as unknown[]);
  return readingBy(async (text, values) => {
    try {
      return await once(text, values);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
    }
    // One that was idle may have been lost with nobody noticing; it is not asked a second time.
    return unlessLost(place, () => once(text, values));
  });
}

/** The statements of one connection, one after the other, whoever asks. */
export class Session implements Reading {
  private readonly reading = readingBy((text, values) => this.ask(text, values));
  private readonly turns = new Turns();

  constructor(
    private readonly client: PoolClient,
    private readonly place: string,
  ) {}

  get query(): Kysely<AnyTables> {
    return this.reading.query;
  }

  loadRows(table: Table, name: string, keys: readonly RowKey[]): Promise<Row[]> {
    return this.reading.loadRows(table, name, keys);
  }

  ask(text: string, values?: readonly unknown[]): Promise<QueryResult> {
    return this.turns.take(() => unlessLost(this.place, () => answerOf(this.client, text, values)));
  }
}

/** The server undid it, or did not let it begin, for the sake of others. */
const CROWDED_OUT: readonly unknown[] = [
  ...[SQLSTATE.lockNotAvailable, SQLSTATE.deadlockDetected, SQLSTATE.serializationFailure],
  SQLSTATE.tooManyConnections,
];

/** @throws ViewsUnavailable */
export async function unlessLost<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const crowdedOut = CROWDED_OUT.includes(sqlStateOf(error));
    if (!crowdedOut && !isConnectionLost(error)) throw error;
    const what = crowdedOut ? 'is busy with others' : 'does not answer';
    throw new ViewsUnavailable(`${place} ${what}: ${messageOf(error)}`, { cause: error });
  }
}

function readingBy(ask: Ask): Reading {
  const client = { query: ask, release: () => undefined };
  const pool = { connect: () => Promise.resolve(client), end: () => Promise.resolve() };
  return {
    // Of a client Kysely uses no more than this, as long as nothing is streamed.
    query: new Kysely({ dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }) }),
    loadRows: (table, name, keys) => loadRows(ask, table, name, keys),
  };
}

async function loadRows(
  ask: Ask,
  table: Table,
  name: string,
  keys: readonly RowKey[],
): Promise<Row[]> {
  const columns = quoted(Object.keys(table.columns), 'kept.');
  const key = columnsOf(table, [...table.key]);
  const sql = `SELECT ${columns} FROM "${name}" AS kept JOIN ${unnestSql(key)} USING (${quoted(table.key)})`;
  const rows: Row[] = [];
  for (const arrays of arraysOf(key, keys, (each) => each)) {
    const found = await ask(sql, arrays);
    for (const row of found.rows as Record<string, StoredValue>[]) rows.push(inMemory(table, row));
  }
  return rows;
}
