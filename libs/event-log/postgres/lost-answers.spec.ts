import { describe, expect, test } from '@jest/globals';
import { LogUnavailable, type EventLog } from '#event-log';
import { parsePostgresAddress } from '#postgres';
import { startPostgres } from '../../../test/postgres/server.js';
import {
  anEvent,
  appendOneByOne,
  aStream,
  follow,
  readAll,
  settle,
  someEvents,
  streamOfLog,
  until,
  upTo,
} from '../conformance/support.js';
import { TIMINGS } from './connections.js';
import { openPostgresEventLog } from './index.js';
import { cuttingProxy, type CuttingProxy } from './testing/cutting-proxy.js';
import { onStore } from './testing/postgres-fixture.js';

/** What the question holds that is an append. */
const APPEND = 'wayledger_log.append';
const SHORT = { ...TIMINGS, patienceMs: 400, silenceMs: 200 };

function throughProxy(
  scenario: (log: EventLog, proxy: CuttingProxy, direct: EventLog) => Promise<void>,
  timings?: typeof SHORT,
): () => Promise<void> {
  return onStore(async (store) => {
    const direct = await store.open();
    const proxy = await cuttingProxy(store.url);
    const log = await openPostgresEventLog({
      address: parsePostgresAddress(proxy.url),
      ...(timings && { timings }),
    });
    try {
      await scenario(log, proxy, direct);
    } finally {
      await proxy.close();
      await log.close();
    }
  });
}

describe('a connection that breaks', () => {
  test(
    'between commit and answer: the same append is given again, and is the first one',
    throughProxy(async (log, proxy, direct) => {
      const stream = aStream();
      await log.append(stream, 'none', someEvents(2));
      proxy.cutAt(APPEND, 'after the answer');
      const event = anEvent();
      const told = await log.append(stream, 1, [event]);
      expect(proxy.cuts()).toBe(1);
      expect(told).toEqual({ stream, version: 2, position: 3n });
      expect(await readAll(direct)).toHaveLength(3);
      expect(await direct.append(stream, 1, [event])).toEqual(told);
    }),
  );

  test(
    'between commit and answer of a whole batch: each has the answer to his own',
    throughProxy(async (log, proxy, direct) => {
      const streams = upTo(20).map(aStream);
      const [taken = aStream()] = streams;
      await direct.append(taken, 'none', [anEvent()]);
      proxy.cutAt(APPEND, 'after the answer');
      const answers = await Promise.all(
        streams.map((stream) => settle(log.append(stream, 'none', [anEvent()]))),
      );
      expect(proxy.cuts()).toBe(1);
      expect(answers[0]).toMatchObject({ error: { name: 'VersionConflict', actual: 0 } });
      for (const answer of answers.slice(1))
        expect(answer).toMatchObject({ value: { version: 0 } });
      expect(await readAll(direct)).toHaveLength(20);
    }),
  );

  test(
    'before the question: it is given again',
    throughProxy(async (log, proxy, direct) => {
      await log.append(aStream(), 'none', [anEvent()]);
      proxy.cutAt(APPEND, 'before the question');
      expect(await log.append(aStream(), 'none', [anEvent()])).toMatchObject({ position: 2n });
      expect(proxy.cuts()).toBe(1);
      expect(await readAll(direct)).toHaveLength(2);
    }),
  );

  test(
    'for good, before an append: it is surely not written',
    throughProxy(async (log, proxy, direct) => {
      await proxy.close();
      const { error } = (await settle(log.append(aStream(), 'none', [anEvent()]))) as {
        error: unknown;
      };
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: false });
      expect(await readAll(direct)).toEqual([]);
      await expect(readAll(log)).rejects.toThrow(LogUnavailable);
    }, SHORT),
  );

  test(
    'and says nothing: nobody knows whether the append is written, and is told so',
    throughProxy(async (log, proxy) => {
      const stream = aStream();
      await log.append(stream, 'none', [anEvent()]);
      proxy.fallSilent();
      const { error } = (await settle(log.append(stream, 0, [anEvent()]))) as { error: unknown };
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: true });
      expect(String(error)).toMatch(/did not answer/);
    }, SHORT),
  );
});

describe('another connection', () => {
  test(
    'may be to a server that never had the last commits: nothing known of them is believed',
    onStore(async (store) => {
      const [log, other] = [await store.open(), await store.open()];
      await log.append(aStream(), 'none', [anEvent()]);
      const lost = aStream();
      await log.append(lost, 'none', [anEvent()]);
      // As after a failover to a standby that was behind.
      await store.restart();
      await store.query(`SET session_replication_role = replica;
        DELETE FROM wayledger_log.events WHERE position = 2;
        DELETE FROM wayledger_log.streams WHERE no = 2`);
      const others = aStream();
      expect(await other.append(others, 'none', [anEvent()])).toMatchObject({ position: 2n });
      expect(await log.append(aStream(), 'none', [anEvent()])).toMatchObject({ position: 3n });
      await expect(log.append(lost, 0, [anEvent()])).rejects.toMatchObject({ actual: 'none' });
      expect(await log.append(lost, 'none', [anEvent()])).toMatchObject({ position: 4n });
      for (const stream of [lost, others]) {
        expect(await streamOfLog(log, stream)).toHaveLength(1);
      }
    }),
  );
});

describe('a server that goes away and comes back', () => {
  test('is waited for by appends and followers of the same handle', async () => {
    const server = await startPostgres();
    const log = await openPostgresEventLog({ address: parsePostgresAddress(server.url) });
    try {
      const follower = follow(log);
      const events = await appendOneByOne(log, 10);
      await until('it has heard of them', () => follower.events.length === 10);
      await server.halt();
      const waiting = settle(appendOneByOne(log, 5));
      await server.start();
      expect(await waiting).toMatchObject({ value: { length: 5 } });
      await until('it has heard of the rest', () => follower.events.length === 15);
      await follower.stop();
      expect(follower.events.slice(0, 10)).toMatchObject(events);
      expect(await readAll(log)).toEqual(follower.events);
    } finally {
      await log.close();
      await server.stop();
    }
  });
});
