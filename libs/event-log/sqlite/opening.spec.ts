import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { LogDamaged, LogUnavailable } from '#event-log';
import { anEvent, aStream, settle } from '../conformance/support.js';
import { onStore, type SqliteFixture } from './testing/sqlite-fixture.js';

async function refusalOf(store: SqliteFixture): Promise<string> {
  const before = readFileSync(store.path);
  const answer = await settle(store.open());
  expect(readFileSync(store.path).equals(before)).toBe(true);
  expect(answer).toMatchObject({ error: expect.any(LogDamaged) });
  return 'error' in answer ? String(answer.error) : '';
}

function makeDatabase(store: SqliteFixture, sql: string): void {
  mkdirSync(dirname(store.path), { recursive: true });
  const db = new DatabaseSync(store.path);
  db.exec(sql);
  db.close();
}

describe('the file', () => {
  test(
    'and its folder are made, for their owner alone',
    onStore(async (store) => {
      const log = await store.open();
      await log.append(aStream(), 'none', [anEvent()]);
      for (const suffix of ['', '-wal', '-shm']) {
        expect(statSync(store.path + suffix).mode & 0o777).toBe(0o600);
      }
      expect(statSync(dirname(store.path)).mode & 0o777).toBe(0o700);
    }),
  );

  test.each(['CREATE TABLE events (position INTEGER PRIMARY KEY)', 'PRAGMA application_id = 1234'])(
    'is left alone when it is another database (%s)',
    async (sql) => {
      await onStore(async (store) => {
        makeDatabase(store, sql);
        expect(await refusalOf(store)).toMatch('something else, not an event log of Wayledger');
      })();
    },
  );

  test(
    'is left alone when it is no database',
    onStore(async (store) => {
      mkdirSync(dirname(store.path));
      writeFileSync(store.path, 'Dear diary');
      expect(await refusalOf(store)).toMatch('not a SQLite database');
    }),
  );

  test(
    'is left alone when a newer Wayledger wrote it',
    onStore(async (store) => {
      await (await store.open()).close();
      makeDatabase(store, 'PRAGMA user_version = 2');
      expect(await refusalOf(store)).toMatch('an event log of format 2; this Wayledger knows 1');
    }),
  );

  test(
    'cannot be a folder',
    onStore(async (store) => {
      mkdirSync(store.path, { recursive: true });
      await expect(store.open()).rejects.toBeInstanceOf(LogUnavailable);
    }),
  );
});
