import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { LOCK_WAIT_MAX_MS, LogUnavailable, type StoredEvent } from '#event-log';
import {
  anEvent,
  aStream,
  follow,
  readAll,
  settle,
  streamOfLog,
  until,
  upTo,
} from '../conformance/support.js';
import { startChild, type Child } from './testing/child.js';
import { onStore, type SqliteFixture } from './testing/sqlite-fixture.js';

const PROCESSES = 4;
const TURNS = 40;
const APPENDS = PROCESSES * TURNS * 2;

async function holdLock(store: SqliteFixture): Promise<Child> {
  const holder = startChild('lock-holder', [store.path]);
  await until('another process holds the lock', () => holder.said('LOCKED'));
  return holder;
}

/** What the workers say they were answered. */
function acknowledged(children: readonly Child[]): object[] {
  return children
    .flatMap((child) => child.lines.filter((line) => line !== 'READY'))
    .map((line) => JSON.parse(line) as { position: number })
    .sort((a, b) => a.position - b.position);
}

function acknowledgement({ id, stream, version, position }: StoredEvent): object {
  return { id, stream, version, position: Number(position) };
}

describe('several processes', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test(
    'create the file at the same moment and append at once',
    onStore(async (store) => {
      const shared = aStream();
      const children = upTo(PROCESSES).map(() =>
        startChild('append-worker', [store.path, shared, String(TURNS)]),
      );
      await until('all are ready', () => children.every((child) => child.said('READY')));
      for (const child of children) child.tell('GO');
      const log = await store.open();
      const follower = follow(log);
      for (const child of children) expect(await child.ended).toBe(0);

      await until('the follower has heard of all', () => follower.events.length >= APPENDS);
      await follower.stop();
      const all = await readAll(log);
      expect(follower.events).toEqual(all);
      expect(acknowledged(children)).toEqual(all.map(acknowledgement));
      expect(all.map((event) => Number(event.position))).toEqual(upTo(APPENDS).map((n) => n + 1));
      const versions = (await streamOfLog(log, shared)).map((event) => event.version);
      expect(versions).toEqual(upTo(PROCESSES * TURNS));
    }),
  );

  test(
    'wait for the one that holds the lock, while reading goes on',
    onStore(async (store) => {
      const log = await store.open();
      const holder = await holdLock(store);
      let answered = false;
      const answer = log.append(aStream(), 'none', [anEvent()]).finally(() => (answered = true));
      for (const _ of upTo(20)) expect(await readAll(await store.open())).toEqual([]);
      expect(answered).toBe(false);
      holder.tell('LET GO');
      expect(await answer).toMatchObject({ version: 0 });
      expect(await holder.ended).toBe(0);
    }),
  );

  test(
    'do not wait for ever',
    onStore(async (store) => {
      const log = await store.open();
      const holder = await holdLock(store);
      jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
      const [stream, event] = [aStream(), anEvent()];
      const answer = settle(log.append(stream, 'none', [event]));
      await jest.advanceTimersByTimeAsync(LOCK_WAIT_MAX_MS / 2);
      const later = settle(log.append(aStream(), 'none', [anEvent()]));
      await jest.advanceTimersByTimeAsync(LOCK_WAIT_MAX_MS / 2 + 100);
      const { error } = (await answer) as { error: unknown };
      expect(error).toBeInstanceOf(LogUnavailable);
      expect(error).toMatchObject({ mayBeWritten: false });
      expect(String(error)).toMatch('locked by another process for 10000 ms');
      holder.tell('LET GO');
      await holder.ended;
      // One that came later has its own ten seconds, and gets through.
      await jest.advanceTimersByTimeAsync(100);
      expect(await later).toMatchObject({ value: { version: 0 } });
      jest.useRealTimers();
      // The first was not kept to be written behind the back of whoever was told that it is not.
      expect(await streamOfLog(log, stream)).toEqual([]);
      expect(await log.append(stream, 'none', [event])).toMatchObject({ version: 0 });
    }),
  );
});
