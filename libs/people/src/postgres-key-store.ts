import type { Pool } from 'pg';
import { assert, isUuid, present, type Clock, type PersonId } from '#kernel';
import {
  lookAt,
  prepareSchema,
  SchemaRefused,
  schemaName,
  type Ask,
  type OwnSchema,
  type PostgresAddress,
} from '#postgres';
import { KeyServer } from './key-server.js';
import { KEY_BYTES, KeyStoreRefused, type KeyStore } from './key-store.js';
import { giveUpAtLast } from './when-free.js';

export interface PostgresKeyStoreOptions {
  readonly address: PostgresAddress;
  /** Dates the keys. */
  readonly clock: Clock;
}

/**
 * A key store in a schema of its own of a PostgreSQL database, created if absent. Any number of
 * processes and threads may have it open.
 * @throws KeyStoreRefused when the schema is something else, or of a newer version, or when the
 *   server lets nobody in at this address
 * @throws KeyStoreBusy
 */
export async function openPostgresKeyStore(options: PostgresKeyStoreOptions): Promise<KeyStore> {
  const server = new KeyServer(options.address);
  try {
    const schema = keysSchema(options.address);
    await withSchema(server, (ask) => prepareSchema(ask, schema, options.address.described));
    return new PostgresKeyStore(server, schema.name, options.clock);
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * Whether there is a key store at this address, or what stands in its place. Makes nothing.
 * @throws KeyStoreRefused when the server lets nobody in at this address
 * @throws KeyStoreBusy
 */
export async function hasPostgresKeyStore(address: PostgresAddress): Promise<boolean> {
  const server = new KeyServer(address);
  try {
    const found = await withSchema(server, (ask) =>
      lookAt(ask, keysSchema(address), address.described),
    );
    return found === 'ready';
  } finally {
    await server.close();
  }
}

function keysSchema({ namespace }: PostgresAddress): OwnSchema {
  const name = schemaName('keys', namespace);
  return {
    ...{ name, called: 'a key store', meta: ['keys', 1n], replacesOlder: false },
    creation: `
      CREATE TABLE person_keys (
        person uuid PRIMARY KEY,
        key bytea NOT NULL CHECK (octet_length(key) = ${KEY_BYTES}),
        created_at timestamptz NOT NULL
      );`,
  };
}

function withSchema<T>(server: KeyServer, work: (ask: Ask) => Promise<T>): Promise<T> {
  return server.ask((pool) =>
    work(
      async (text, values = []) =>
        (await pool.query<Record<string, unknown>>(text, [...values])).rows,
    ).catch((error: unknown) => {
      throw error instanceof SchemaRefused ? new KeyStoreRefused(error.message) : error;
    }),
  );
}

/** Those who ask while a round is under way share the next one. */
interface Round {
  readonly asked: Set<PersonId>;
  /** Those of them whose key is made where there is none. */
  readonly wanted: Set<PersonId>;
  readonly answer: Promise<ReadonlyMap<PersonId, Buffer>>;
}

/**
 * No key is kept in memory: to hear that a key still stands costs as much as to hear the key, and
 * what one process destroys must not live on in another. Instead all who ask at the same time share
 * one statement.
 */
// '#' and not 'private': nothing that prints or serialises a store can reach a key.
class PostgresKeyStore implements KeyStore {
  readonly #server: KeyServer;
  readonly #clock: Clock;
  readonly #select: string;
  readonly #insert: string;
  #gathering: Round | undefined;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(server: KeyServer, schema: string, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
    this.#select = `SELECT person, key FROM ${schema}.person_keys WHERE person = ANY ($1::uuid[])`;
    this.#insert = insertInto(schema);
  }

  async keyFor(person: PersonId): Promise<Buffer> {
    const round = this.#join(person);
    round.wanted.add(person);
    const key = (await round.answer).get(person);
    return Buffer.from(present(key, 'a key that was just written is there'));
  }

  async find(person: PersonId): Promise<Buffer | null> {
    const key = (await this.#join(person).answer).get(person);
    // A copy: a caller that wipes its buffer must not wipe the key that others are given.
    return key === undefined ? null : Buffer.from(key);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #join(person: PersonId): Round {
    // Never quoted: what is wrongly passed for a person id may be personal itself.
    assert(isUuid(person), 'a person is named by a UUID');
    const round = (this.#gathering ??= this.#begin());
    round.asked.add(person);
    return round;
  }

  #begin(): Round {
    const [asked, wanted] = [new Set<PersonId>(), new Set<PersonId>()];
    const giveUpAt = giveUpAtLast();
    const answer = this.#underWay.then(() => {
      this.#gathering = undefined;
      return this.#server.ask((pool) => this.#answer(pool, [...asked], wanted), giveUpAt);
    });
    this.#underWay = answer.catch(() => undefined);
    return { asked, wanted, answer };
  }

  async #answer(
    pool: Pool,
    asked: readonly PersonId[],
    wanted: ReadonlySet<PersonId>,
  ): Promise<ReadonlyMap<PersonId, Buffer>> {
    const known = await this.#read(pool, asked);
    // In one order, so that of two who make the same keys neither waits for the other in a circle.
    const missing = [...wanted].filter((person) => !known.has(person)).sort();
    if (missing.length === 0) return known;
    await pool.query(this.#insert, [missing, this.#clock.now()]);
    // Of several creators one was first: its key is everybody's.
    return new Map([...known, ...(await this.#read(pool, missing))]);
  }

  async #read(pool: Pool, asked: readonly PersonId[]): Promise<Map<PersonId, Buffer>> {
    const { rows } = await pool.query<{ person: PersonId; key: Buffer }>(this.#select, [asked]);
    return new Map(
      rows.map(({ person, key }) => {
        assert(key.length === KEY_BYTES, 'a stored key has 256 bits');
        return [person, key];
      }),
    );
  }
}

/**
 * The server makes the key, from 366 random bits of its own generator: sent from here, it would be
 * in the server's own log wherever that keeps the parameters of statements, and outlive its
 * destruction there. The commit is on disk before its answer, whatever the server's default.
 */
function insertInto(schema: string): string {
  const random = Array.from({ length: 3 }, () => 'uuid_send(gen_random_uuid())').join(' || ');
  return `
    INSERT INTO ${schema}.person_keys (person, key, created_at)
    SELECT person, sha256(${random}), $2::timestamptz
    FROM set_config('synchronous_commit', 'on', true), unnest($1::uuid[]) AS person
    ON CONFLICT (person) DO NOTHING`;
}
