import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { LOCK_WAIT_MAX_MS, LogUnavailable } from '#event-log';
import { startChild, type Child } from '../conformance/child.js';
import { raceProcesses } from '../conformance/racing-processes.js';
import {
  anEvent,
  aStream,
  readAll,
  settle,
  streamOfLog,
  until,
  upTo,
} from '../conformance/support.js';
import { onStore, type SqliteFixture } from './testing/sqlite-fixture.js';

const script = (name: string): URL => new URL(`./testing/${name}.js`, import.meta.url);

async function holdLock(store: SqliteFixture): Promise<Child> {
  const holder = startChild(script('lock-holder'), [store.path]);
  await until('another process holds the lock', () => holder.said('LOCKED'));
  return holder;
}

describe('several processes', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test(
    'create the file at the same moment and append at once',
    onStore(async (store) => {
      await raceProcesses(script('append-worker'), store.path, () => store.open());
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
