import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { LOG_START, LogUnavailable } from '#event-log';
import { describeEventLog } from '#event-log/conformance';
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
} from '../conformance/support.js';
import * as reading from './reading.js';
import { onStore, sqliteFixture } from './testing/sqlite-fixture.js';

describeEventLog('sqlite', sqliteFixture);

describe('reading from sqlite', () => {
  test(
    'reads by position, or by stream and version, and sorts nothing',
    onStore(async (store) => {
      await (await store.open()).close();
      const db = new DatabaseSync(store.path);
      const planOf = (sql: string): string => {
        const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
        return steps.map((step) => String(step['detail'])).join('; ');
      };
      for (const sql of [
        reading.LOG_PAGE,
        reading.LOG_PAGE_OF_TYPES,
        reading.NEWEST_IN_NAMESPACE,
      ]) {
        expect(planOf(sql)).toMatch(/^SEARCH e USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?/);
        expect(planOf(sql)).not.toMatch(/SCAN [es]\b|TEMP B-TREE/);
      }
      for (const sql of [reading.STREAM_PAGE, reading.STREAM_PAGE_BACKWARDS]) {
        expect(planOf(sql)).toMatch(/SEARCH e USING INDEX events_by_stream \(stream=\? AND vers/);
        expect(planOf(sql)).not.toMatch(/SCAN|TEMP B-TREE/);
      }
      db.close();
    }),
  );

  test(
    'lets others have their turn while somebody reads without pause',
    onStore(async (store) => {
      const log = await store.open();
      await log.append(aStream(), 'none', someEvents(10));
      let ticks = 0;
      const ticking = setInterval(() => (ticks += 1), 1);
      while (ticks < 3) await readAll(log);
      clearInterval(ticking);
    }),
  );

  test(
    'keeps pages small where events are large',
    onStore(async (store) => {
      const log = await store.open();
      const data = `{"a":"${'x'.repeat(500_000)}"}`;
      for (const _ of upTo(20)) await log.append(aStream(), 'none', [anEvent({ data })]);
      const pages = await collect(log.readLog({ after: LOG_START, max: 100 }));
      expect(pages.map((page) => page.length)).toEqual([9, 9, 2]);
    }),
  );

  test(
    'skips what other namespaces and types have written in between',
    onStore(async (store) => {
      const [log, east] = [await store.open(), await store.open('east')];
      await log.append(aStream(), 'none', [anEvent()]);
      for (const _ of upTo(21)) {
        await Promise.all(upTo(10).map(async () => east.append(aStream(), 'none', someEvents(50))));
      }
      expect(await log.head()).toBe(1n);
      await log.append(aStream(), 'none', [anEvent({ type: 'LastHappened' })]);
      expect(await readAll(log)).toHaveLength(2);
      const follower = follow(log, { filter: { types: ['LastHappened'] } });
      await until('it has caught up', follower.hasCaughtUp);
      await follower.stop();
      expect(follower.events).toMatchObject([{ position: 10_502n }]);
    }),
  );
});

const ALL_BUT_INTERVALS = [
  'Date',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setTimeout',
] as const;

describe('following sqlite', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test(
    'hears of its own handle at once, without waiting for the next look at the file',
    onStore(async (store) => {
      const log = await store.open();
      // From here on no interval comes round.
      jest.useFakeTimers({ doNotFake: [...ALL_BUT_INTERVALS] });
      const follower = follow(log);
      await until('it waits', follower.hasCaughtUp);
      await log.append(aStream(), 'none', [anEvent()]);
      await until('it has heard', () => follower.events.length === 1);
      await log.close();
      await follower.ended;
    }),
  );
});

describe('writing to sqlite', () => {
  test(
    'takes back a whole batch that the store would not write, and goes on',
    onStore(async (store) => {
      const log = await store.open();
      const db = new DatabaseSync(store.path);
      db.exec(`CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.type = 'OneTooMany' BEGIN
                 SELECT RAISE(ABORT, 'the disk is full'); END`);
      const stream = aStream();
      const [good, bad] = await Promise.all([
        settle(log.append(stream, 'none', [anEvent()])),
        settle(log.append(aStream(), 'none', [anEvent(), anEvent({ type: 'OneTooMany' })])),
      ]);
      for (const answer of [good, bad]) {
        expect(answer).toMatchObject({ error: expect.any(LogUnavailable) });
        expect(answer).toMatchObject({ error: { mayBeWritten: false } });
      }
      expect(await readAll(log)).toEqual([]);
      db.exec('DROP TRIGGER full');
      db.close();
      expect(await log.append(stream, 'none', [anEvent()])).toMatchObject({ position: 1n });
      expect(await streamOfLog(log, stream)).toHaveLength(1);
    }),
  );

  test(
    'knows nothing of a batch whose commit failed, even where the log is as long as if it had not',
    onStore(async (store) => {
      const [log, other] = [await store.open(), await store.open()];
      await log.append(aStream(), 'none', [anEvent()]);
      const db = new DatabaseSync(store.path);
      // Noticed only by the commit, after all was written.
      db.exec(`CREATE TABLE parents (no INTEGER PRIMARY KEY) STRICT;
               CREATE TABLE children (
                 parent INTEGER REFERENCES parents (no) DEFERRABLE INITIALLY DEFERRED
               ) STRICT;
               CREATE TRIGGER late AFTER INSERT ON events WHEN NEW.type = 'OneTooMany' BEGIN
                 INSERT INTO children VALUES (7); END`);
      db.close();
      const [failed, others] = [aStream(), aStream()];
      const failing = log.append(failed, 'none', [anEvent({ type: 'OneTooMany' })]);
      await expect(failing).rejects.toMatchObject({ mayBeWritten: true });
      await other.append(others, 'none', [anEvent()]);
      await expect(log.append(failed, 0, [anEvent()])).rejects.toMatchObject({ actual: 'none' });
      expect(await log.append(failed, 'none', [anEvent()])).toMatchObject({ version: 0 });
      for (const stream of [failed, others]) {
        expect(await streamOfLog(log, stream)).toHaveLength(1);
      }
    }),
  );
});
