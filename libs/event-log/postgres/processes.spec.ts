import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { LogUnavailable, type EventLog } from '#event-log';
import { parsePostgresAddress } from '#postgres';
import { testDatabase } from '#postgres/testing';
import { raceProcesses } from '../conformance/racing-processes.js';
import {
  anEvent,
  aStream,
  follow,
  readAll,
  settle,
  streamOfLog,
  until,
} from '../conformance/support.js';
import { TIMINGS } from './connections.js';
import { openPostgresEventLog } from './index.js';
import { onStore } from './testing/postgres-fixture.js';

/** Somebody else on the database, with a transaction of his own. */
async function somebody(url: string, ...statements: string[]): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const sql of ['BEGIN', ...statements]) await client.query(sql);
  return client;
}

const TAKE_THE_LOCK = `SELECT pg_advisory_xact_lock(classid::integer, objid::integer)
  FROM (SELECT 1466005836 AS classid, 'wayledger_log'::regnamespace::oid AS objid) log`;

describe('several processes', () => {
  test(
    'make the tables at the same moment and append at once',
    onStore(async (store) => {
      const worker = new URL('./testing/append-worker.js', import.meta.url);
      await raceProcesses(worker, store.url, () => store.open());
    }),
  );

  test(
    'wait for the one that holds the lock, while reading goes on',
    onStore(async (store) => {
      const log = await store.open();
      const holder = await somebody(store.url, TAKE_THE_LOCK);
      let answered = false;
      const answer = log.append(aStream(), 'none', [anEvent()]).finally(() => (answered = true));
      for (let turn = 0; turn < 20; turn += 1) expect(await readAll(log)).toEqual([]);
      expect(answered).toBe(false);
      await holder.query('COMMIT');
      expect(await answer).toMatchObject({ version: 0 });
      await holder.end();
    }),
  );

  test(
    'do not wait for ever',
    onStore(async (store) => {
      const address = parsePostgresAddress(store.url);
      const timings = { ...TIMINGS, patienceMs: 300 };
      const log = await openPostgresEventLog({ address, timings });
      const holder = await somebody(store.url, TAKE_THE_LOCK);
      const [stream, event] = [aStream(), anEvent()];
      const { error } = (await settle(log.append(stream, 'none', [event]))) as { error: unknown };
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: false });
      expect(String(error)).toMatch('locked by another process for 300 ms');
      await holder.query('COMMIT');
      await holder.end();
      // It was not kept to be written behind the back of whoever was told that it is not.
      expect(await streamOfLog(log, stream)).toEqual([]);
      expect(await log.append(stream, 'none', [event])).toMatchObject({ version: 0 });
      await log.close();
    }),
  );

  test(
    'of which one writes past the lock: its rows come first, or not at all',
    onStore(async (store) => {
      const log = await store.open();
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      const copy = `INSERT INTO wayledger_log.events
        SELECT position + 1, stream, version + 1, id, type, schema_version, data, protected,
               metadata, crc FROM wayledger_log.events ORDER BY position DESC LIMIT 1`;
      const intruder = await somebody(store.url, copy);
      const answer = log.append(aStream(), 'none', [anEvent()]);
      await until('the append waits for him', await isWaiting(store.url));
      await intruder.query('ROLLBACK');
      expect(await answer).toMatchObject({ position: 2n });
      await intruder.query('BEGIN');
      await intruder.query(copy);
      const next = log.append(aStream(), 'none', [anEvent()]);
      await until('the append waits for him', await isWaiting(store.url));
      await intruder.query('COMMIT');
      expect(await next).toMatchObject({ position: 4n });
      await intruder.end();
    }),
  );
});

/** Whether some connection waits for a lock; looked at again and again. */
async function isWaiting(url: string): Promise<() => boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const waiting = { now: false };
  const look = async (): Promise<void> => {
    const { rowCount } = await client.query(
      `SELECT 1 FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    waiting.now = (rowCount ?? 0) > 0;
    if (waiting.now) await client.end();
    else await look();
  };
  void look();
  return () => waiting.now;
}

async function followsToTheEnd(log: EventLog): Promise<void> {
  const follower = follow(log);
  for (let turn = 0; turn < 5; turn += 1) await log.append(aStream(), 'none', [anEvent()]);
  await until('it has heard of all', () => follower.events.length === 5);
  await follower.stop();
  expect(await readAll(log)).toHaveLength(5);
}

describe('an open transaction of somebody else does not hold up writers or readers', () => {
  test(
    'in another database of the server, where it has written',
    onStore(async (store) => {
      const elsewhere = await testDatabase();
      const other = await somebody(
        elsewhere.url,
        'CREATE TABLE a (a int)',
        'SELECT txid_current()',
      );
      await followsToTheEnd(await store.open());
      await other.end();
      await elsewhere.drop();
    }),
  );

  test.each([
    ['that has written', ['CREATE TABLE a (a int)']],
    ['with an old view of everything', ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ']],
    ['that has read the log', ['SELECT count(*) FROM wayledger_log.events']],
  ])('in this database, %s', async (_, statements) => {
    await onStore(async (store) => {
      const log = await store.open();
      const other = await somebody(store.url, ...statements, 'SELECT 1');
      await followsToTheEnd(log);
      await other.end();
    })();
  });
});
