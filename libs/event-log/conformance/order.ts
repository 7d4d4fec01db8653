import { expect } from '@jest/globals';
import { LOG_START, type EventLog, type Position, type StoredEvent } from '#event-log';
import type { Law } from './fixture.js';
import {
  anEvent,
  appendOneByOne,
  aStream,
  follow,
  idsOf,
  readAll,
  someEvents,
  streamOfLog,
  until,
  upTo,
} from './support.js';

const WRITERS = 20;
const APPENDS_EACH = 25;

export function orderLaws(law: Law): void {
  law(
    'positions rise from one answered append to the next, whoever makes it',
    async (log, store) => {
      const handles = [log, await store.open()];
      let last = LOG_START;
      for (const turn of upTo(20)) {
        const { position } = await (handles[turn % 2] ?? log).append(aStream(), 'none', [
          anEvent(),
        ]);
        expect(position).toBeGreaterThan(last);
        last = position;
      }
      expect(await log.head()).toBe(last);
    },
  );

  law('twenty writers on twenty streams lose nothing', async (log) => {
    const written = await Promise.all(upTo(WRITERS).map(() => appendOneByOne(log, APPENDS_EACH)));
    const stored = await readAll(log);
    expect(idsOf(stored).sort()).toEqual(idsOf(written.flat()).sort());
    expect(risesStrictly(stored)).toBe(true);
  });

  law('every acknowledged append can be read at the place it was told', async (log, store) => {
    const other = await store.open();
    await Promise.all(
      upTo(WRITERS).map(async (writer) => {
        const stream = aStream();
        for (const turn of upTo(10)) {
          const events = [anEvent(), anEvent()];
          const expected = turn === 0 ? 'none' : turn * 2 - 1;
          const told = await (writer % 2 ? log : other).append(stream, expected, events);
          const found = await streamOfLog(log, stream, { from: told.version });
          expect(found).toMatchObject([{ id: events[1]?.id, ...told }]);
        }
      }),
    );
  });

  law(
    'so it is where one handle writes alone, and where another comes in between',
    async (log, store) => {
      const other = await store.open();
      const streams = upTo(5).map((no) => ({ stream: aStream(), last: -1, writes: no + 1 }));
      for (const turn of upTo(8)) {
        const told = await Promise.all(
          streams.map(({ stream, last, writes }) =>
            log.append(stream, last < 0 ? 'none' : last, someEvents(writes)),
          ),
        );
        for (const [index, each] of streams.entries()) {
          each.last += each.writes;
          const found = await streamOfLog(log, each.stream, { from: each.last });
          expect(found).toMatchObject([{ ...told[index], version: each.last }]);
        }
        if (turn % 3 === 2) await other.append(aStream(), 'none', someEvents(2));
      }
    },
  );

  law(
    'a reader never later finds an event at or below a position it has passed',
    async (log, store) => {
      const other = await store.open();
      const followers = [follow(log), follow(other), follow(await store.open())];
      const writing = { done: false };
      const polling = pollToTheEnd(await store.open(), writing);
      await Promise.all(
        upTo(WRITERS).map((writer) => appendOneByOne(writer % 2 ? log : other, APPENDS_EACH)),
      );
      writing.done = true;
      const all = await readAll(log);
      expect(all).toHaveLength(WRITERS * APPENDS_EACH);
      for (const follower of followers) {
        await until('a follower has everything', () => follower.events.length >= all.length);
        await follower.stop();
        expect(follower.events).toEqual(all);
      }
      expect(await polling).toEqual(all);
      expect(risesStrictly(all)).toBe(true);
    },
  );
}

/** Reads on from where it is, again and again, until the writers are done and it is at the head. */
async function pollToTheEnd(log: EventLog, writing: { done: boolean }): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  let after: Position = LOG_START;
  for (;;) {
    const last = writing.done;
    for await (const page of log.readLog({ after, max: 7 })) {
      found.push(...page);
      after = page.at(-1)?.position ?? after;
    }
    if (last) return found;
    await log.head();
  }
}

function risesStrictly(events: readonly StoredEvent[]): boolean {
  return events.every(
    (event, index) => event.position > (events[index - 1]?.position ?? LOG_START),
  );
}
