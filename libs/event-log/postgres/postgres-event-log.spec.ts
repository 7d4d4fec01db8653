import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { LOG_START, LogUnavailable, type EventLog, type LogFilter } from '#event-log';
import { describeEventLog } from '#event-log/conformance';
import { parsePostgresAddress } from '#postgres';
import {
  anEvent,
  aStream,
  collect,
  follow,
  readAll,
  settle,
  someEvents,
  streamOfLog,
  until,
  upTo,
  type Follower,
} from '../conformance/support.js';
import { TIMINGS, type Timings } from './connections.js';
import { openPostgresEventLog } from './index.js';
import { statements } from './reading.js';
import { onStore, postgresFixture, type PostgresFixture } from './testing/postgres-fixture.js';

describeEventLog('postgres', postgresFixture);

/** Settings that somebody else has made for every connection to this database. */
async function setFor(store: PostgresFixture, setting: string): Promise<void> {
  await store.query(`ALTER DATABASE ${new URL(store.url).pathname.slice(1)} SET ${setting}`);
}

describe('reading from postgres', () => {
  test(
    'reads by position, or by stream and version, and sorts nothing',
    onStore(async (store) => {
      const log = await store.open();
      for (const _ of upTo(20)) {
        await Promise.all(upTo(20).map(() => log.append(aStream(), 'none', someEvents(10))));
      }
      await store.query('ANALYZE wayledger_log.events; ANALYZE wayledger_log.streams');
      const [{ name = '' } = {}] = await store.query<{ name?: string }>(
        'SELECT name FROM wayledger_log.streams WHERE no = 200',
      );
      const client = new pg.Client({ connectionString: store.url });
      await client.connect();
      const planOf = async (sql: string, values: unknown[]): Promise<string> => {
        const { rows } = await client.query<Record<string, string>>(`EXPLAIN ${sql}`, values);
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      };
      const sql = statements('wayledger_log');
      const plans = [
        [await planOf(sql.logPage, [1000n, 3000n, 500]), /Index Scan using events_pkey/],
        [
          await planOf(sql.logPageOfTypes, [1000n, 3000n, 500, ['SomethingHappened']]),
          /Index Scan using events_pkey/,
        ],
        [await planOf(sql.streamPage, [name, 0, 500]), /Index Scan using events_by_stream/],
        [
          await planOf(sql.streamPageBackwards, [name, 9, 500]),
          /Index Scan Backward using events_by_stream/,
        ],
        [await planOf(sql.head, []), /Index Only Scan Backward using events_pkey/],
      ] as const;
      await client.end();
      for (const [plan, byIndex] of plans) {
        expect(plan).toMatch(byIndex);
        expect(plan).not.toMatch(/Seq Scan|\bSort\b|Hash/);
      }
    }),
  );

  test(
    'keeps pages small where events are large',
    onStore(async (store) => {
      const log = await store.open();
      const data = `{"a":"${'x'.repeat(500_000)}"}`;
      const stream = aStream();
      for (const at of upTo(20)) {
        await log.append(stream, at === 0 ? 'none' : at - 1, [anEvent({ data })]);
      }
      const pages = await collect(log.readLog({ after: LOG_START, max: 100 }));
      expect(pages.map((page) => page.length)).toEqual([9, 9, 2]);
      expect(await streamOfLog(log, stream)).toHaveLength(20);
      expect(await streamOfLog(log, stream, { backwards: true })).toHaveLength(20);
    }),
  );

  test(
    'goes through many events of which a filter wants none',
    onStore(async (store) => {
      const log = await store.open();
      for (const _ of upTo(21)) {
        await Promise.all(upTo(10).map(() => log.append(aStream(), 'none', someEvents(50))));
      }
      await log.append(aStream(), 'none', [anEvent({ type: 'LastHappened' })]);
      const follower = follow(log, { filter: { types: ['LastHappened'] } });
      await until('it has caught up', follower.hasCaughtUp);
      await follower.stop();
      expect(follower.events).toMatchObject([{ position: 10_501n }]);
    }),
  );
});

describe('writing to postgres', () => {
  test(
    'takes back a whole batch that the store would not write, and goes on',
    onStore(async (store) => {
      const log = await store.open();
      await store.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON wayledger_log.events FOR EACH ROW
          WHEN (NEW.type = 'OneTooMany') EXECUTE FUNCTION full_disk()`);
      const stream = aStream();
      const [good, bad] = await Promise.all([
        settle(log.append(stream, 'none', [anEvent()])),
        settle(log.append(aStream(), 'none', [anEvent(), anEvent({ type: 'OneTooMany' })])),
      ]);
      for (const answer of [good, bad]) {
        expect(answer).toMatchObject({ error: expect.any(LogUnavailable) });
        expect(answer).toMatchObject({ error: { mayBeWritten: false } });
        expect(answer).toMatchObject({ error: { message: expect.stringMatching(/no room left/) } });
      }
      expect(await readAll(log)).toEqual([]);
      await store.query('DROP TRIGGER full_disk ON wayledger_log.events');
      expect(await log.append(stream, 'none', [anEvent()])).toMatchObject({ position: 1n });
      expect(await store.query('SELECT name FROM wayledger_log.streams')).toEqual([
        { name: stream },
      ]);
    }),
  );

  test(
    'waits for the disk, whatever the database is set to',
    onStore(async (store) => {
      await setFor(store, 'synchronous_commit = off');
      const log = await store.open();
      await log.append(aStream(), 'none', [anEvent()]);
      // At the moment an append is committed, what is it that PostgreSQL goes by?
      await store.query(`CREATE TABLE seen (setting text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER see AFTER INSERT ON wayledger_log.events
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()`);
      await log.append(aStream(), 'none', [anEvent()]);
      expect(await store.query('SELECT setting FROM seen')).toEqual([{ setting: 'on' }]);
      // And the same eyes see it where nobody takes care.
      await store.query(`INSERT INTO wayledger_log.events
        SELECT position + 1, stream, version + 1, id, type, schema_version, data, protected,
               metadata, crc FROM wayledger_log.events ORDER BY position DESC LIMIT 1`);
      expect(await store.query('SELECT setting FROM seen')).toHaveLength(2);
      expect(await store.query('SELECT setting FROM seen')).toContainEqual({ setting: 'off' });
    }),
  );

  test(
    'refuses a database whose transactions would not see what the one before has written',
    onStore(async (store) => {
      await setFor(store, `default_transaction_isolation = 'repeatable read'`);
      const log = await store.open();
      const answer = settle(log.append(aStream(), 'none', [anEvent()]));
      expect(await answer).toMatchObject({
        error: {
          mayBeWritten: false,
          message: expect.stringMatching(/is written in READ COMMITTED, not in repeatable read/),
        },
      });
    }),
  );
});

/** A follower with timings of its own, beside the first handle of a store. */
function following(
  timings: Partial<Timings>,
  scenario: (log: EventLog, follower: Follower, store: PostgresFixture) => Promise<void>,
  filter?: LogFilter,
): () => Promise<void> {
  return onStore(async (store) => {
    const log = await store.open();
    const address = parsePostgresAddress(`${store.url}?application_name=follower`);
    const own = await openPostgresEventLog({ address, timings: { ...TIMINGS, ...timings } });
    const follower = follow(own, filter && { filter });
    try {
      await until('it has caught up', follower.hasCaughtUp);
      await scenario(log, follower, store);
    } finally {
      await follower.stop();
      await own.close();
    }
  });
}

/** Longer than any test. */
const NEVER_MS = 1_000_000_000;

describe('following postgres', () => {
  test(
    'hears of another handle by its notices, without looking itself',
    following({ headPollMs: NEVER_MS }, async (log, follower) => {
      // The first may have come before it listened.
      for (const turn of upTo(5)) {
        await log.append(aStream(), 'none', [anEvent()]);
        await until('it has heard', () => follower.events.length === turn + 1);
      }
    }),
  );

  test(
    'listens again when the connection of the notices was lost',
    following({ headPollMs: NEVER_MS }, async (log, follower, store) => {
      for (const turn of upTo(5)) {
        await log.append(aStream(), 'none', [anEvent()]);
        await until('it has heard', () => follower.events.length === turn + 1);
        await store.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE query LIKE 'LISTEN%' AND application_name = 'follower'`);
      }
    }),
  );

  test(
    'looks itself where there are no notices, as behind a pooler',
    following(
      {},
      async (log, follower, store) => {
        await log.append(aStream(), 'none', [anEvent()]);
        await until('it has heard', () => follower.events.length === 1);
        await until('it waits', follower.hasCaughtUp);
        // Past the port: nobody says a word.
        await store.query(`INSERT INTO wayledger_log.events
          SELECT 2, stream, 1, id, 'NobodyAsked', 1, data, protected, metadata, crc
          FROM wayledger_log.events`);
        await until('it has looked', () => {
          const last = follower.heard.at(-1);
          return last?.kind === 'caught-up' && last.position === 2n;
        });
      },
      { types: ['SomethingHappened'] },
    ),
  );
});
