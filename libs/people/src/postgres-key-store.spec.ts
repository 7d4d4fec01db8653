import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { randomId, type Clock } from '#kernel';
import { parsePostgresAddress } from '#postgres';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import {
  KEY_BYTES,
  KEY_STORE_WAIT_MS_MAX,
  KeyStoreBusy,
  KeyStoreRefused,
  type KeyStore,
} from './key-store.js';
import { hasPostgresKeyStore, openPostgresKeyStore } from './postgres-key-store.js';
import { clock, describeKeyStore, type KeyStoreFixture } from './testing/describe-key-store.js';
import { tapOn } from './testing/tap.js';

const person = randomId<'person'>();
const INSERT = 'INSERT INTO wayledger_keys.person_keys VALUES ($1, $2, $3)';
const FIRST = Buffer.alloc(KEY_BYTES, 1);

let database: TestDatabase;
let admin: pg.Client;
let opened: KeyStore[];
beforeEach(async () => {
  opened = [];
  database = await testDatabase();
  admin = await connect();
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await admin.end();
  await database.drop();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client;
}

function addressOf(url = database.url) {
  return parsePostgresAddress(url);
}

async function openStore(dated: Clock = clock, url = database.url): Promise<KeyStore> {
  const store = await openPostgresKeyStore({ address: addressOf(url), clock: dated });
  opened.push(store);
  return store;
}

function fixture(): Promise<KeyStoreFixture> {
  return Promise.resolve({
    at: database.url,
    open: () => openPostgresKeyStore({ address: addressOf(), clock }),
    async destroy(of) {
      await admin.query('DELETE FROM wayledger_keys.person_keys WHERE person = $1', [of]);
    },
    async createdAt(of) {
      const sql = 'SELECT created_at FROM wayledger_keys.person_keys WHERE person = $1';
      const { rows } = await admin.query<{ created_at: Date }>(sql, [of]);
      return rows[0]?.created_at.toISOString() ?? '';
    },
    async hold() {
      await admin.query('BEGIN; LOCK TABLE wayledger_keys.person_keys IN EXCLUSIVE MODE');
      return async () => {
        await admin.query('ROLLBACK');
      };
    },
    async leftBehind() {
      const sql = `SELECT relname FROM pg_class WHERE relkind = 'r'
        AND relnamespace = 'wayledger_keys'::regnamespace ORDER BY relname`;
      const { rows } = await admin.query<{ relname: string }>(sql);
      return rows.map(({ relname }) => relname).filter((n) => !['meta', 'person_keys'].includes(n));
    },
    dispose: () => Promise.resolve(),
  });
}

describeKeyStore('PostgreSQL', fixture);

/** Until a statement of somebody else waits for a lock. */
async function untilWaiting(): Promise<void> {
  const sql = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  while ((await admin.query(sql)).rowCount === 0);
}

/** The server ends every other connection to this database. */
async function cutAll(): Promise<void> {
  await admin.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

describe('a key store in PostgreSQL', () => {
  test('agrees on the key of the first, however close the second came', async () => {
    const store = await openStore();
    await admin.query('BEGIN');
    await admin.query(INSERT, [person, FIRST, clock.now()]);
    // It sees no key yet, and writes one.
    const asked = store.keyFor(person);
    const other = await connect();
    try {
      await untilWaiting();
    } finally {
      await other.end();
    }
    await admin.query('COMMIT');
    expect(await asked).toEqual(FIRST);
    expect(await store.find(person)).toEqual(FIRST);
  });

  test('has a key on disk before its answer, whatever the server does by default', async () => {
    await openStore();
    // At the end of each transaction: what holds for its commit.
    await admin.query(`
      ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET synchronous_commit = off;
      CREATE TABLE seen (number serial, setting text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.seen (setting) VALUES (current_setting('synchronous_commit'));
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER seeing AFTER INSERT ON wayledger_keys.person_keys
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();`);
    const plain = await connect();
    await plain.query(INSERT, [person, FIRST, clock.now()]);
    await plain.end();
    await (await openStore()).keyFor(randomId<'person'>());
    const { rows } = await admin.query('SELECT setting FROM seen ORDER BY number');
    expect(rows).toEqual([{ setting: 'off' }, { setting: 'on' }]);
  });

  test('sends no key to the server, whose log may keep what statements were given', async () => {
    const tap = await tapOn(database.url);
    try {
      const store = await openStore(clock, tap.url);
      const key = await store.keyFor(person);
      const said = tap.said();
      // It is heard at all.
      expect(said).toContain(person);
      expect(said).not.toContain(key.toString('latin1'));
      for (const form of ['hex', 'base64'] as const) expect(said).not.toContain(key.toString(form));
      await store.close();
    } finally {
      await tap.close();
    }
  });

  test('goes on over a connection that the server ended', async () => {
    const store = await openStore();
    const key = await store.keyFor(person);
    await cutAll();
    expect(await store.find(person)).toEqual(key);
    await cutAll();
    expect(await store.keyFor(randomId<'person'>())).toHaveLength(KEY_BYTES);
  });

  test('gives one key when the connection is lost while it is made', async () => {
    const store = await openStore();
    await admin.query('BEGIN; LOCK TABLE wayledger_keys.person_keys IN EXCLUSIVE MODE');
    const asked = store.keyFor(person);
    await untilWaiting();
    await cutAll();
    await admin.query('ROLLBACK');
    const key = await asked;
    expect(await store.find(person)).toEqual(key);
  });

  test('keeps two namespaces of one database apart', async () => {
    const east = await openStore(clock, `${database.url}?namespace=east`);
    const key = await east.keyFor(person);
    expect(await (await openStore()).find(person)).toBeNull();
    expect(await east.find(person)).toEqual(key);
  });

  test('is for nobody but who made it', async () => {
    await openStore();
    const sql = `SELECT has_schema_privilege('pg_monitor', 'wayledger_keys', 'USAGE') AS may`;
    expect((await admin.query(sql)).rows).toEqual([{ may: false }]);
  });
});

describe('where keys are to be in PostgreSQL', () => {
  test('there are none before they are made, and asking makes none', async () => {
    expect(await hasPostgresKeyStore(addressOf())).toBe(false);
    expect(await hasPostgresKeyStore(addressOf())).toBe(false);
    await openStore();
    expect(await hasPostgresKeyStore(addressOf())).toBe(true);
    expect(await hasPostgresKeyStore(addressOf(`${database.url}?namespace=east`))).toBe(false);
  });

  test('an empty schema is taken as it was made, by a user who may make none', async () => {
    await admin.query('CREATE SCHEMA wayledger_keys');
    expect(await hasPostgresKeyStore(addressOf())).toBe(false);
    expect(await (await openStore()).keyFor(person)).toHaveLength(KEY_BYTES);
  });

  test.each([
    [
      'of something else',
      'CREATE TABLE wayledger_keys.log (id text)',
      /is something else, not a key store/,
    ],
    [
      'with a table of that name and of something else',
      'CREATE TABLE wayledger_keys.meta (version integer); INSERT INTO wayledger_keys.meta VALUES (1)',
      /is something else, not a key store/,
    ],
    [
      'of another store of Wayledger',
      `CREATE TABLE wayledger_keys.meta (store text, version integer);
       INSERT INTO wayledger_keys.meta VALUES ('log', 1)`,
      /is something else, not a key store/,
    ],
    [
      'of a newer version',
      `CREATE TABLE wayledger_keys.meta (store text, version integer);
       INSERT INTO wayledger_keys.meta VALUES ('keys', 2)`,
      /of format 2; this Wayledger knows 1: open it with/,
    ],
  ])('a schema %s is refused and left as it is', async (_, sql, message) => {
    await admin.query(`CREATE SCHEMA wayledger_keys; ${sql}`);
    const before = await tables();
    for (const attempt of [openStore(), hasPostgresKeyStore(addressOf())]) {
      await expect(attempt).rejects.toThrow(KeyStoreRefused);
      await expect(attempt).rejects.toThrow(message);
    }
    expect(await tables()).toEqual(before);
  });

  async function tables(): Promise<unknown[]> {
    const sql = `SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = 'wayledger_keys' ORDER BY 1, 2`;
    return (await admin.query<Record<string, string>>(sql)).rows;
  }

  test.each([
    ['a wrong password', (url: URL) => (url.password = 'geheim'), /password authentication failed/],
    [
      'a database that is not there',
      (url: URL) => (url.pathname = '/gone'),
      /"gone" does not exist/,
    ],
  ])('%s is told with the place, and without the password', async (_, change, message) => {
    const url = new URL(database.url);
    change(url);
    const attempt = openStore(clock, url.href);
    await expect(attempt).rejects.toThrow(KeyStoreRefused);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(/postgres:\/\/127\.0\.0\.1:\d+\/.*Check the address/);
    await expect(attempt).rejects.not.toThrow(/geheim|:[^/@]*@/);
  });

  test('a user who may make no schema is told so', async () => {
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    try {
      const url = new URL(database.url);
      [url.username, url.password] = [role, 'x'];
      const attempt = openStore(clock, url.href);
      await expect(attempt).rejects.toThrow(KeyStoreRefused);
      await expect(attempt).rejects.toThrow(/permission denied for database/);
      await admin.query(`CREATE SCHEMA wayledger_keys AUTHORIZATION ${role}`);
      const store = await openStore(clock, url.href);
      expect(await store.keyFor(person)).toHaveLength(KEY_BYTES);
    } finally {
      await admin.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });
  const role = `worker_${randomId<'person'>().slice(0, 8)}`;
});

describe('a server that gives no answer', () => {
  beforeEach(() => {
    // Only what is waited for is set forward: sockets go on by themselves.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Lets time go by until it is settled: how long that took, in milliseconds, and the error. */
  async function outcomeOf(asked: Promise<unknown>): Promise<{ waitedMs: number; error: unknown }> {
    const from = performance.now();
    let error: unknown;
    asked.catch((reason: unknown) => (error = reason));
    while (error === undefined) {
      await jest.advanceTimersByTimeAsync(20);
      await new Promise((turn) => setImmediate(turn));
    }
    return { waitedMs: performance.now() - from, error };
  }

  test('because it is not there is waited for, then told of', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const { waitedMs, error } = await outcomeOf(openStore(clock, url.href));
    expect(error).toBeInstanceOf(KeyStoreBusy);
    expect(String(error)).toMatch(/could not be had for 5000 ms \(.*ECONNREFUSED.*\): try again/);
    expect(waitedMs).toBeGreaterThanOrEqual(KEY_STORE_WAIT_MS_MAX);
    expect(waitedMs).toBeLessThan(KEY_STORE_WAIT_MS_MAX + 100);
  });

  test('because it hangs is waited for, by all who ask, then told of', async () => {
    const tap = await tapOn(database.url);
    try {
      const store = await openStore(clock, tap.url);
      tap.fallSilent();
      const first = store.keyFor(person);
      await jest.advanceTimersByTimeAsync(1_000);
      // It waits for the first one's statement, and no longer than it would by itself.
      const outcomes = await Promise.all([outcomeOf(first), outcomeOf(store.find(person))]);
      for (const { error } of outcomes) expect(error).toBeInstanceOf(KeyStoreBusy);
      expect(outcomes[1].waitedMs).toBeLessThan(KEY_STORE_WAIT_MS_MAX + 100);
    } finally {
      await tap.close();
    }
  });
});
