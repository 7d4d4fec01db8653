import { STREAM_DOES_NOT_EXIST, type Event } from '@event-driven-io/emmett';
import {
  getPostgreSQLEventStore,
  type PostgresEventStore,
} from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { JsonObject } from '#kernel';
import type { Appender } from './appender.ts';

/** What its documentation gives its pool. */
const CONNECTIONS_MAX = 20;

export type EmmettEvent = Event<string, JsonObject, JsonObject>;

export interface OpenEmmett {
  readonly store: PostgresEventStore;
  readonly close: () => Promise<void>;
}

/**
 * Emmett as its documentation has it: one store with one shared pool, its own schema, an append
 * with the version that the caller read.
 * https://event-driven-io.github.io/emmett/event-stores/postgresql.html
 */
export async function openEmmett(address: string): Promise<OpenEmmett> {
  const pool = new pg.Pool({ connectionString: address, max: CONNECTIONS_MAX });
  // It says that it is closed before the server has heard of it; by then its database is gone.
  pool.on('error', () => undefined);
  const store = getPostgreSQLEventStore(address, { connectionOptions: { pooled: true, pool } });
  await store.schema.migrate();
  return {
    store,
    async close() {
      await store.close();
      if (!pool.ended) await pool.end();
    },
  };
}

export async function emmettAppender(address: string): Promise<Appender> {
  const { store, close } = await openEmmett(address);
  return {
    async append({ stream, version, sample }) {
      const { type, data, metadata } = sample;
      // It has no place of its own for protected fields: they go with the metadata.
      const event: EmmettEvent = {
        ...{ type, data, kind: 'Event' },
        metadata: { ...metadata, protected: sample.protected },
      };
      await store.appendToStream<EmmettEvent>(stream, [event], {
        expectedStreamVersion: version === 0 ? STREAM_DOES_NOT_EXIST : BigInt(version),
      });
    },
    close,
  };
}
