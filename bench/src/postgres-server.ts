import pg from 'pg';
import { startPostgres } from '#dist/test/postgres/server.js';
import { TEST_POSTGRES, testDatabase } from '#postgres/testing';

export const OWN_SERVER = 'WAYLEDGER_BENCH_POSTGRES';

/** No server to measure on. */
export class NoPostgres extends Error {
  override readonly name = 'NoPostgres';
}

export interface Databases {
  readonly version: string;
  /** What decides how durable and how fast it is. */
  readonly settings: Readonly<Record<string, string>>;
  /** The address of an empty database. */
  make(): Promise<string>;
  /** Of one that was made here: nothing of it is kept. */
  drop(address: string): Promise<void>;
  readonly stop: () => Promise<void>;
}

const TOLD = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size'];

/** @throws NoPostgres */
export async function openDatabases(): Promise<Databases> {
  const named = process.env[OWN_SERVER];
  const server = await serverAt(named);
  const { url } = server;
  try {
    const { version, settings } = await askServer(url);
    // Where the product's own helper makes its databases.
    process.env[TEST_POSTGRES] = url;
    const made = new Map<string, () => Promise<void>>();
    const drop = async (address: string): Promise<void> => {
      await made.get(address)?.();
      made.delete(address);
    };
    return {
      ...{ version, settings, drop },
      async make() {
        const database = await testDatabase();
        made.set(database.url, () => database.drop());
        return database.url;
      },
      async stop() {
        // One of our own goes with all that is on it.
        if (named !== undefined) for (const address of [...made.keys()]) await drop(address);
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function serverAt(named: string | undefined) {
  if (named !== undefined) return { url: named, stop: () => Promise.resolve() };
  try {
    return await startPostgres();
  } catch (error) {
    throw new NoPostgres(
      `PostgreSQL did not start: ${textOf(error)}\nName a server in ${OWN_SERVER}=postgres://…, ` +
        'with a user that may create databases.',
      { cause: error },
    );
  }
}

async function askServer(url: string) {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const settings: Record<string, string> = {};
    for (const name of [...TOLD, 'server_version']) {
      const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`);
      settings[name] = String(rows[0]?.[name]);
    }
    const { server_version: version = '', ...told } = settings;
    return { version, settings: told };
  } catch (error) {
    // The address has a password in it: it is not repeated.
    throw new NoPostgres(
      `The PostgreSQL that ${OWN_SERVER} names cannot be used: ${textOf(error)}\nUnset it, and ` +
        'the bench starts one of its own.',
      { cause: error },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Of what could not connect, `pg` may leave the message empty and say it in the code. */
function textOf(error: unknown): string {
  const { message = '', code = '' } = error as { message?: string; code?: string };
  return message === '' ? code : message;
}
