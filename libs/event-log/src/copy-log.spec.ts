import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CopyRefused,
  LogUnavailable,
  copyLog,
  type CopyProgress,
  type EventLog,
  type EventToStore,
  type StoredEvent,
} from '#event-log';
import type { StreamName } from '#kernel';
import {
  anEvent,
  aStream,
  logWith,
  readAll,
  settle,
  someEvents,
  upTo,
} from '../conformance/support.js';
import { onStore, type SqliteFixture } from '../sqlite/testing/sqlite-fixture.js';

/** Two logs in one file: they share positions, so that those of the copy are others. */
async function twoLogs(store: SqliteFixture, name = 'copy') {
  return { from: await store.open('source'), to: await store.open(name) };
}

async function append(log: EventLog, stream: StreamName, events: readonly EventToStore[]) {
  let last: number | 'none' = 'none';
  for await (const { version } of log.readStream(stream, { backwards: true, max: 1 })) {
    last = version;
  }
  await log.append(stream, last, events);
}

/** Streams that take turns, with appends of some events each. */
async function fill(log: EventLog, appends: readonly { stream: number; events: number }[]) {
  const streams = upTo(5).map(aStream);
  for (const { stream, events } of appends) await append(log, streams[stream]!, someEvents(events));
}

const APPENDS = [
  ...[0, 0, 1, 2, 0, 1, 1, 3].map((stream) => ({ stream, events: 3 })),
  ...[4, 2, 2].map((stream) => ({ stream, events: 1 })),
];

async function contents(log: EventLog): Promise<Omit<StoredEvent, 'position'>[]> {
  return (await readAll(log)).map(({ position: _, ...rest }) => rest);
}

describe('copying a log', () => {
  test(
    'gives the same events in the same order, and proves it',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      await fill(from, APPENDS);
      const result = await copyLog(from, to);
      expect(await contents(to)).toEqual(await contents(from));
      expect(result).toEqual({
        copied: 27,
        source: { events: 27, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        target: result.source,
        equal: true,
        sourceMovedOn: false,
      });
      const again = await copyLog(from, to);
      expect(again).toEqual({ ...result, copied: 0 });
    }),
  );

  test(
    'of an empty log is an empty log',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      expect(await copyLog(from, to)).toMatchObject({
        copied: 0,
        source: { events: 0 },
        target: { events: 0 },
        equal: true,
        sourceMovedOn: false,
      });
      await fill(to, APPENDS);
      await expect(copyLog(from, to)).rejects.toThrow(/event 1 is .* there and nothing in the/);
    }),
  );

  test(
    'joins what follows each other in one stream, up to what an append carries',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      const stream = aStream();
      for (const _ of upTo(7)) await append(from, stream, someEvents(100));
      const other = aStream();
      await append(from, other, [anEvent()]);
      const large = { data: JSON.stringify({ text: 'ö'.repeat(150_000) }) };
      for (const _ of upTo(4)) await append(from, stream, [anEvent(large)]);
      const sizes: [StreamName, number][] = [];
      const counted = logWith(to, {
        append: (to_, expected, events) => {
          sizes.push([to_, events.length]);
          return to.append(to_, expected, events);
        },
      });
      expect(await copyLog(from, counted)).toMatchObject({ copied: 705, equal: true });
      expect(sizes).toEqual([
        [stream, 500],
        [stream, 200],
        [other, 1],
        [stream, 2],
        [stream, 2],
      ]);
    }),
  );

  test(
    'goes on wherever it was cut off, to the same copy',
    onStore(async (store) => {
      const { from, to: whole } = await twoLogs(store, 'whole');
      await fill(from, APPENDS);
      const { source } = await copyLog(from, whole);
      const place = fc.record({
        what: fc.constantFrom('before an append', 'behind an append', 'while reading'),
        after: fc.nat(8),
      });
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(place, { maxLength: 4 }), async (cuts) => {
          const to = await store.open(`cut${(runs += 1)}`);
          for (const cut of cuts) {
            const answer = await settle(copyLog(...cutOff(from, to, cut.what, cut.after)));
            const error = 'error' in answer ? answer.error : undefined;
            expect(error === undefined || error instanceof LogUnavailable).toBe(true);
          }
          expect(await copyLog(from, to)).toMatchObject({ source, target: source, equal: true });
        }),
        { numRuns: 40 },
      );
    }),
  );

  test(
    'refuses a target that differs anywhere, and leaves it as it is',
    onStore(async (store) => {
      const { from, to: whole } = await twoLogs(store, 'whole');
      await fill(from, APPENDS);
      await copyLog(from, whole);
      const events = await readAll(from);
      const change = fc.constantFrom<Partial<EventToStore>>(
        { data: '{"what":"else"}' },
        { protected: '{"p":{}}' },
        { metadata: '{"by":"nobody"}' },
        { type: 'OtherHappened' },
        { schemaVersion: 2 },
        { id: anEvent().id },
      );
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.nat(events.length - 1), change, async (place, changed) => {
          const to = await store.open(`other${(runs += 1)}`);
          for (const [index, { stream, version, position: _, ...event }] of events.entries()) {
            const written = index === place ? { ...event, ...changed } : event;
            if (index <= place)
              await to.append(stream, version === 0 ? 'none' : version - 1, [written]);
          }
          const before = await readAll(to);
          const refused = copyLog(from, to);
          await expect(refused).rejects.toThrow(CopyRefused);
          await expect(refused).rejects.toThrow(`holds something else: event ${place + 1} is`);
          expect(await readAll(to)).toEqual(before);
        }),
        { numRuns: 30 },
      );
      await append(whole, aStream(), [anEvent()]);
      await expect(copyLog(from, whole)).rejects.toThrow(/event 28 is .* there and nothing in/);
    }),
  );

  test(
    'takes along what the source gains meanwhile',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      await fill(from, APPENDS);
      let appends = 0;
      const growing = logWith(to, {
        append: async (...given) => {
          if ((appends += 1) === 2) await fill(from, APPENDS);
          return to.append(...given);
        },
      });
      expect(await copyLog(from, growing)).toMatchObject({
        copied: 54,
        equal: true,
        sourceMovedOn: false,
      });
    }),
  );

  test(
    'says so when the source has moved on, or somebody else writes to the target',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      await fill(from, APPENDS);
      const atRead = (number: number, act: () => Promise<void>) => {
        let reads = 0;
        return logWith(from, {
          async *readLog(options) {
            if ((reads += 1) === number) await act();
            yield* from.readLog(options);
          },
        });
      };
      // Copied, then proven; later also compared before.
      const moved = atRead(2, () => fill(from, APPENDS));
      expect(await copyLog(moved, to)).toMatchObject({
        source: { events: 27 },
        target: { events: 27 },
        equal: true,
        sourceMovedOn: true,
      });
      const disturbed = atRead(3, () => append(to, aStream(), [anEvent()]));
      const unequal = await copyLog(disturbed, to);
      expect(unequal).toMatchObject({ source: { events: 54 }, target: { events: 55 } });
      expect(unequal.equal).toBe(false);
    }),
  );

  test(
    'refuses to write where somebody else is ahead',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      const stream = aStream();
      await append(from, stream, [anEvent()]);
      const raced = logWith(to, {
        append: async (...given) => {
          await to.append(stream, 'none', [anEvent()]);
          return to.append(...given);
        },
      });
      await expect(copyLog(from, raced)).rejects.toThrow(/Somebody else writes to the target/);
    }),
  );

  test(
    'shows each phase by place and by number',
    onStore(async (store) => {
      const { from, to } = await twoLogs(store);
      await fill(to, [{ stream: 0, events: 1 }]);
      await fill(from, APPENDS);
      const copy = await store.open('empty');
      const seen: CopyProgress[] = [];
      await copyLog(from, copy, (progress) => seen.push(progress));
      const head = await from.head();
      expect(seen.map(({ phase }) => phase)).toEqual([
        ...upTo(27).map(() => 'copying'),
        ...upTo(27).map(() => 'proving'),
      ]);
      expect(seen[0]).toEqual({ phase: 'copying', done: 2n, total: head, events: 1 });
      expect(seen.at(-1)).toEqual({ phase: 'proving', done: head, total: head, events: 27 });
    }),
  );
});

/** Both logs, of which one stops answering after some answers. */
function cutOff(
  from: EventLog,
  to: EventLog,
  what: 'before an append' | 'behind an append' | 'while reading',
  after: number,
): [EventLog, EventLog] {
  let left = after;
  const answer = () => {
    if ((left -= 1) < 0) throw new LogUnavailable('cut off', true);
  };
  const pages = logWith(from, {
    async *readLog(options) {
      for await (const page of from.readLog({ ...options, max: 3 })) {
        if (what === 'while reading') answer();
        yield page;
      }
    },
  });
  const appends = logWith(to, {
    append: async (...given) => {
      if (what === 'before an append') answer();
      const appended = await to.append(...given);
      if (what === 'behind an append') answer();
      return appended;
    },
  });
  return [pages, appends];
}
