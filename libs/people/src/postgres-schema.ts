import type { Pool, PoolClient } from 'pg';
import { KEY_BYTES, KeyStoreRefused } from './key-store.js';

const STORE = 'keys';
const VERSION = 1;

/**
 * Makes the schema and what is in it, where it is absent; a schema that is there already may be
 * empty, for a user who may not make one.
 * @throws KeyStoreRefused when the schema is something else, or of a newer version
 */
export async function prepareSchema(pool: Pool, schema: string, place: string): Promise<void> {
  if ((await identityOf(pool, schema, place)) === 'ours') return;
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [schema]);
    // Another process may have made it while this one waited for the lock.
    const found = await identityOf(client, schema, place);
    if (found === 'absent') await client.query(`CREATE SCHEMA ${schema}`);
    if (found !== 'ours') await client.query(tablesOf(schema));
    await client.query('COMMIT');
    failed = false;
  } finally {
    // What became of the transaction ends with its connection.
    client.release(failed);
  }
}

function tablesOf(schema: string): string {
  return `
    CREATE TABLE ${schema}.meta (
      store text NOT NULL,
      version integer NOT NULL
    );
    INSERT INTO ${schema}.meta VALUES ('${STORE}', ${VERSION});
    CREATE TABLE ${schema}.person_keys (
      person uuid PRIMARY KEY,
      key bytea NOT NULL CHECK (octet_length(key) = ${KEY_BYTES}),
      created_at timestamptz NOT NULL
    );`;
}

interface Found {
  readonly there: boolean;
  readonly objects: bigint;
  readonly meta: boolean;
}

const FOUND = `
  SELECT to_regnamespace($1) IS NOT NULL AS there,
    (SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1)) AS objects,
    EXISTS (
      SELECT FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relname = 'meta'
    ) AS meta`;

/** @throws KeyStoreRefused */
export async function identityOf(
  on: Pool | PoolClient,
  schema: string,
  place: string,
): Promise<'absent' | 'empty' | 'ours'> {
  const { rows: found } = await on.query<Found>(FOUND, [schema]);
  if (found[0]?.there !== true) return 'absent';
  if (found[0].objects === 0n) return 'empty';
  // As JSON, whatever its columns are: it may be somebody else's.
  const says = `SELECT to_jsonb(meta) AS says FROM ${schema}.meta`;
  const rows = found[0].meta ? (await on.query<{ says: Meta }>(says)).rows : [];
  const meta = (rows.length === 1 && rows[0]?.says) || {};
  if (meta.store !== STORE) {
    throw new KeyStoreRefused(
      `The schema ${schema} in ${place} is not a key store: it is something else's`,
    );
  }
  if (meta.version !== VERSION) {
    throw new KeyStoreRefused(
      `The schema ${schema} in ${place} is a key store of version ${String(meta.version)}, this ` +
        `Wayledger reads version ${VERSION}: open it with the newer Wayledger that wrote it`,
    );
  }
  return 'ours';
}

interface Meta {
  readonly store?: unknown;
  readonly version?: unknown;
}
