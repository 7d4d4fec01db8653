import { describe, expect, test } from '@jest/globals';
import { LogAddressRefused, LogDamaged, LogUnavailable } from '#event-log';
import { parsePostgresAddress } from '#postgres';
import { anEvent, aStream, readAll, settle, upTo } from '../conformance/support.js';
import { TIMINGS } from './connections.js';
import { openPostgresEventLog } from './index.js';
import { onStore, type PostgresFixture } from './testing/postgres-fixture.js';

const SHORT = { ...TIMINGS, patienceMs: 300 };

function openAt(url: string) {
  return settle(openPostgresEventLog({ address: parsePostgresAddress(url), timings: SHORT }));
}

/** What is in the database, by name. */
async function everything(store: PostgresFixture): Promise<string> {
  const rows = await store.query(
    `SELECT n.nspname, c.relname FROM pg_namespace n
     LEFT JOIN pg_class c ON c.relnamespace = n.oid
     WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2`,
  );
  return JSON.stringify(rows);
}

describe('the tables of a log', () => {
  test(
    'are made once, however many come at the same moment',
    onStore(async (store) => {
      const logs = await Promise.all(upTo(8).map(() => store.open()));
      for (const log of logs) await log.append(aStream(), 'none', [anEvent()]);
      for (const log of logs) expect(await readAll(log)).toHaveLength(8);
    }),
  );

  test.each([
    'CREATE SCHEMA wayledger_log CREATE TABLE events (position bigint)',
    'CREATE SCHEMA wayledger_log CREATE TABLE meta (kind text, format bigint)',
    'CREATE SCHEMA wayledger_log CREATE TABLE meta (version integer)',
  ])('are not made among those of something else (%s)', async (sql) => {
    await onStore(async (store) => {
      await store.query(sql);
      const before = await everything(store);
      await expect(store.open()).rejects.toThrow(LogDamaged);
      await expect(store.open()).rejects.toThrow('something else, not an event log of Wayledger');
      expect(await everything(store)).toBe(before);
    })();
  });

  test(
    'are left alone when a newer Wayledger made them',
    onStore(async (store) => {
      await (await store.open()).close();
      await store.query('UPDATE wayledger_log.meta SET format = 2');
      await expect(store.open()).rejects.toThrow(
        'an event log of format 2; this Wayledger knows 1',
      );
    }),
  );

  test(
    'need a database that holds every character',
    onStore(async (store) => {
      const name = new URL(store.url).pathname.slice(1);
      await store.query(`CREATE DATABASE ${name}_l1 TEMPLATE template0 ENCODING 'LATIN1'`);
      const answer = await openAt(store.url.replace(name, `${name}_l1`));
      await store.query(`DROP DATABASE ${name}_l1 WITH (FORCE)`);
      expect(answer).toMatchObject({ error: expect.any(LogAddressRefused) });
      expect(String((answer as { error: unknown }).error)).toMatch(
        /in LATIN1 .*: make a database with/,
      );
    }),
  );
});

describe('a user', () => {
  test(
    'who may not make a schema is told so, and is let in by an empty one of his own',
    onStore(async (store) => {
      const url = new URL(store.url);
      const role = `role_${url.pathname.slice(6)}`;
      await store.query(`CREATE ROLE ${role} LOGIN PASSWORD 'known'`);
      try {
        url.username = role;
        url.password = 'known';
        const refused = (await openAt(url.href)) as { error: Error };
        expect(refused.error).toBeInstanceOf(LogUnavailable);
        expect(refused.error.message).toMatch(/does not let this user do what is needed/);
        await store.query(`CREATE SCHEMA wayledger_log AUTHORIZATION ${role}`);
        const opened = await openAt(url.href);
        if ('error' in opened) throw opened.error as Error;
        expect(await opened.value.append(aStream(), 'none', [anEvent()])).toMatchObject({
          position: 1n,
        });
        await opened.value.close();
        url.password = 'wrong';
        const { error } = (await openAt(url.href)) as { error: Error };
        expect(error.message).toMatch(/does not know this user, or not this password/);
        expect(error.message).not.toMatch('wrong');
      } finally {
        await store.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
      }
    }),
  );

  test(
    'who names no database, or no server, is told so',
    onStore(async (store) => {
      const { pathname, port } = new URL(store.url);
      const missing = await openAt(store.url.replace(pathname, '/nobodys'));
      expect(missing).toMatchObject({ error: expect.any(LogUnavailable) });
      expect(String((missing as { error: unknown }).error)).toMatch(/has no such database/);
      const nobody = await openAt(store.url.replace(`:${port}/`, ':1/'));
      expect(nobody).toMatchObject({ error: { name: 'LogUnavailable', mayBeWritten: false } });
      expect(String((nobody as { error: unknown }).error)).toMatch(
        /127\.0\.0\.1:1\/.*ECONNREFUSED/,
      );
    }),
  );
});
