import pg from 'pg';
import type { EventLog, StoredEvent } from '#event-log';
import type { EventLogFixture, OverwriteAttempt } from '#event-log/conformance';
import { parsePostgresAddress } from '#postgres';
import { testDatabase } from '#postgres/testing';
import { openPostgresEventLog } from '../index.js';

export interface PostgresFixture extends EventLogFixture {
  readonly url: string;
  /** Statements of somebody else, each in a transaction of its own. */
  query<R extends object>(sql: string): Promise<R[]>;
}

/** A log of its own, in a database of its own. */
export async function postgresFixture(): Promise<PostgresFixture> {
  const database = await testDatabase();
  const { url } = database;
  let handles: EventLog[] = [];
  const query = async <R extends object>(sql: string): Promise<R[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<R>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url,
    query,
    async open(namespace) {
      const address = {
        ...parsePostgresAddress(url),
        ...(namespace !== undefined && { namespace }),
      };
      const handle = await openPostgresEventLog({ address });
      handles.push(handle);
      return handle;
    },
    // As seen from here: every connection breaks.
    async restart() {
      await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    },
    overwriteAttempts: (written) => overwriteAttempts(query, written),
    async dispose() {
      const open = handles;
      handles = [];
      await Promise.all(open.map((handle) => handle.close()));
      await database.drop();
    },
  };
}

function overwriteAttempts(
  query: PostgresFixture['query'],
  { position, version }: StoredEvent,
): OverwriteAttempt[] {
  const events = 'wayledger_log.events';
  const streams = 'wayledger_log.streams';
  const copy = (place: string, at: string, stream = 'stream'): string =>
    `SELECT ${place}, ${stream}, ${at}, id, type, schema_version, '{"forged":1}', protected,
            metadata, crc FROM ${events} WHERE position = ${position}`;
  const beyond = `${position} + 1000`;
  const head = `(SELECT max(position) FROM ${events})`;
  const next = `(SELECT max(version) + 1 FROM ${events})`;
  const statements = [
    `UPDATE ${events} SET data = '{}'`,
    `UPDATE ${events} SET type = 'Forged' WHERE position = ${position}`,
    `UPDATE ${events} SET position = 1000 WHERE position = ${position}`,
    `DELETE FROM ${events}`,
    `DELETE FROM ${events} WHERE position = ${position}`,
    `TRUNCATE ${events}`,
    `TRUNCATE ${events}, ${streams}`,
    `INSERT INTO ${events} ${copy('position', 'version')}`,
    `INSERT INTO ${events} ${copy('position', 'version')}
       ON CONFLICT (position) DO UPDATE SET data = excluded.data`,
    `INSERT INTO ${events} ${copy(`${head} + 1`, 'version')}
       ON CONFLICT (stream, version) DO UPDATE SET data = excluded.data`,
    `INSERT INTO ${events} ${copy(beyond, next)}`,
    `INSERT INTO ${events} ${copy(`${head} + 1`, next)} UNION ALL ${copy(`${head} + 3`, `${next} + 1`)}`,
    `INSERT INTO ${events} ${copy('0', next)}`,
    `INSERT INTO ${events} ${copy('-1', next)}`,
    `INSERT INTO ${events} ${copy(`${head} + 1`, String(version + 1000))}`,
    `INSERT INTO ${events} ${copy(`${head} + 1`, '0', 'stream + 1000')}`,
    `MERGE INTO ${events} e USING (SELECT 1) x ON e.position = ${position}
       WHEN MATCHED THEN DELETE`,
    `UPDATE ${streams} SET name = 'other-1'`,
    `DELETE FROM ${streams}`,
    `TRUNCATE ${streams}`,
    `INSERT INTO ${streams} SELECT no + 1000, name FROM ${streams}`,
    `INSERT INTO ${streams} SELECT no, 'other-1' FROM ${streams}`,
    `INSERT INTO ${streams} SELECT no, 'other-1' FROM ${streams}
       ON CONFLICT (no) DO UPDATE SET name = excluded.name`,
  ];
  return statements.map((sql) => ({ what: sql, run: () => query(sql) }));
}

/** A test with a store of its own. */
export function onStore(scenario: (store: PostgresFixture) => Promise<void>): () => Promise<void> {
  return async () => {
    const store = await postgresFixture();
    try {
      await scenario(store);
    } finally {
      await store.dispose();
    }
  };
}
