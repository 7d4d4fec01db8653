import { expect } from '@jest/globals';
import { LOG_START, LogUnavailable, type EventLog, type Position } from '#event-log';
import type { EventToStore, StoredEvent } from '#event-log';
import type { EventLogFixture, Law } from './fixture.js';
import {
  anEvent,
  appendOneByOne,
  aStream,
  follow,
  idsOf,
  readAll,
  settle,
  someEvents,
  until,
  upTo,
} from './support.js';

export function followingLaws(law: Law): void {
  law('first comes history, then word that it has caught up, then what happens', async (log) => {
    const history = await appendOneByOne(log, 12);
    const follower = follow(log);
    await until('it has caught up', follower.hasCaughtUp);
    expect(idsOf(follower.events)).toEqual(idsOf(history));
    const said = follower.heard.filter((message) => message.kind === 'caught-up');
    expect(said).toEqual([{ kind: 'caught-up', position: await log.head() }]);
    const live = await appendOneByOne(log, 12);
    await until('the live events are there', () => follower.events.length === 24);
    await until('it has caught up again', follower.hasCaughtUp);
    expect(follower.heard.at(-1)).toEqual({ kind: 'caught-up', position: await log.head() });
    await follower.stop();
    expect(idsOf(follower.events)).toEqual(idsOf([...history, ...live]));
    expect(follower.events).toEqual(await readAll(log));
  });

  law('in an empty log it has caught up at once', async (log) => {
    const follower = follow(log);
    await until('it has caught up', follower.hasCaughtUp);
    expect(follower.heard).toEqual([{ kind: 'caught-up', position: LOG_START }]);
    await follower.stop();
  });

  law('several followers each get everything, written by whichever handle', async (log, store) => {
    const other = await store.open();
    const followers = [follow(log), follow(log), follow(other), follow(await store.open())];
    await Promise.all([appendOneByOne(log, 30), appendOneByOne(other, 30)]);
    const all = await readAll(log);
    for (const follower of followers) {
      await until('it has everything', () => follower.events.length >= all.length);
      await follower.stop();
      expect(follower.events).toEqual(all);
    }
  });

  law('a filter lets only its types through; caught up covers the others too', async (log) => {
    const wanted = someEvents(3, { type: 'WantedHappened' });
    const follower = follow(log, { filter: { types: ['WantedHappened'] } });
    for (const event of wanted) {
      await log.append(aStream(), 'none', [...someEvents(5), event, ...someEvents(5)]);
    }
    const head = await log.head();
    await until('it has caught up with the last of them', () => {
      const last = follower.heard.at(-1);
      return last?.kind === 'caught-up' && last.position >= head;
    });
    await follower.stop();
    expect(idsOf(follower.events)).toEqual(idsOf(wanted));
  });

  law('a follower ends quietly when it is told to', async (log) => {
    await appendOneByOne(log, 3);
    expect(await heardUnder(log, AbortSignal.abort())).toBe(0);
    const waiting = follow(log);
    await until('it waits for more', waiting.hasCaughtUp);
    await waiting.stop();
    const controller = new AbortController();
    let heard = 0;
    for await (const message of log.subscribe({ after: LOG_START, signal: controller.signal })) {
      heard += message.kind === 'page' ? message.events.length : 0;
      controller.abort();
    }
    expect(heard).toBeLessThanOrEqual(3);
    await log.append(aStream(), 'none', [anEvent()]);
    expect(waiting.events).toHaveLength(3);
  });
}

async function heardUnder(log: EventLog, signal: AbortSignal): Promise<number> {
  let heard = 0;
  for await (const message of log.subscribe({ after: LOG_START, signal })) {
    heard += message.kind === 'page' ? message.events.length : 1;
  }
  return heard;
}

export function pullingLaws(law: Law): void {
  law('a slow reader gets everything once while the log goes on', async (log) => {
    const stream = aStream();
    const append = async (turn: number) =>
      log.append(stream, turn === 0 ? 'none' : turn * 100 - 1, someEvents(100));
    for (const turn of upTo(6)) await append(turn);
    const events: StoredEvent[] = [];
    const controller = new AbortController();
    let turn = 6;
    for await (const message of log.subscribe({ after: LOG_START, signal: controller.signal })) {
      if (message.kind === 'page') events.push(...message.events);
      // The log grows while each page is in hand, and is not waited for by anybody.
      if (turn < 18) await append(turn++);
      else if (events.length >= 1800) controller.abort();
    }
    expect(events.map((event) => event.version)).toEqual(upTo(1800));
  });

  law('a reader that stops pulling holds up neither writers nor readers', async (log) => {
    await appendOneByOne(log, 3);
    const controller = new AbortController();
    const stuck = log.subscribe({ after: LOG_START, signal: controller.signal });
    const pulled = stuck[Symbol.asyncIterator]();
    expect(await pulled.next()).toMatchObject({ done: false });
    const follower = follow(log);
    await appendOneByOne(log, 50);
    await until('the other has everything', () => follower.events.length === 53);
    await follower.stop();
    controller.abort();
    expect(await pulled.next()).toMatchObject({ done: true });
  });

  law('a reader that throws does not wedge the log', async (log) => {
    await appendOneByOne(log, 5);
    const other = follow(log);
    const controller = new AbortController();
    const failing = (async () => {
      for await (const message of log.subscribe({ after: LOG_START, signal: controller.signal })) {
        if (message.kind === 'caught-up') throw new Error('This reader is broken');
      }
    })();
    await expect(failing).rejects.toThrow('This reader is broken');
    await appendOneByOne(log, 5);
    await until('the other has everything', () => other.events.length === 10);
    await other.stop();
    const again = follow(log);
    await until('a new reader has everything', () => again.events.length === 10);
    await again.stop();
  });
}

export function resumingLaws(law: Law): void {
  law('from any checkpoint it goes on without gap or repeat', async (log) => {
    await log.append(aStream(), 'none', someEvents(5));
    await log.append(aStream(), 'none', someEvents(3));
    const all = await readAll(log);
    for (const [index, { position }] of all.entries()) {
      const follower = follow(log, { after: position });
      await until('it has caught up', follower.hasCaughtUp);
      await follower.stop();
      expect(follower.events).toEqual(all.slice(index + 1));
    }
  });

  law('what was answered is there after a restart of the store', async (log, store) => {
    const stream = aStream();
    const events = someEvents(4);
    const first = await log.append(stream, 'none', events);
    const before = await readAll(log);
    await store.restart();
    const after = await store.open();
    expect(await readAll(after)).toEqual(before);
    expect(await after.head()).toBe(first.position);
    expect(await after.append(stream, 'none', events)).toEqual(first);
    const next = await after.append(stream, 3, [anEvent()]);
    expect(next.version).toBe(4);
    expect(next.position).toBeGreaterThan(first.position);
  });

  law('a reader with a checkpoint lives through restarts of the store', async (_, store) => {
    const EVENTS = 300;
    const reading = readThroughRestarts(store, EVENTS);
    const events = someEvents(EVENTS);
    const writing = writeThroughRestarts(store, events);
    for (const part of [EVENTS / 3, (2 * EVENTS) / 3]) {
      await until('more is written', () => writing.written() >= part);
      await store.restart();
    }
    await writing.done;
    const read = await reading;
    expect(idsOf(read)).toEqual(idsOf(events));
    expect(read).toEqual(await readAll(await store.open()));
  });
}

/** Takes up its subscription again, from the last event it has seen, whenever it ends. */
async function readThroughRestarts(store: EventLogFixture, count: number): Promise<StoredEvent[]> {
  const read: StoredEvent[] = [];
  let after: Position = LOG_START;
  while (read.length < count) {
    const controller = new AbortController();
    const turn = await settle(
      (async () => {
        const log = await store.open();
        for await (const message of log.subscribe({ after, signal: controller.signal })) {
          if (message.kind !== 'page') continue;
          read.push(...message.events);
          after = message.events.at(-1)?.position ?? after;
          if (read.length >= count) controller.abort();
        }
      })(),
    );
    if ('error' in turn) expect(turn.error).toBeInstanceOf(LogUnavailable);
  }
  return read;
}

/** Repeats each append until it is answered: that is safe, even where it was already written. */
function writeThroughRestarts(store: EventLogFixture, events: readonly EventToStore[]) {
  let written = 0;
  const stream = aStream();
  const done = (async () => {
    let log = await store.open();
    for (const event of events) {
      const expected = written === 0 ? 'none' : written - 1;
      for (;;) {
        const answer = await settle(log.append(stream, expected, [event]));
        if ('value' in answer) break;
        expect(answer.error).toBeInstanceOf(LogUnavailable);
        log = await store.open();
      }
      written += 1;
    }
  })();
  return { done, written: () => written };
}
