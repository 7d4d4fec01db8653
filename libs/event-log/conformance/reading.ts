import { expect } from '@jest/globals';
import { LOG_START, type EventLog, type StoredEvent } from '#event-log';
import type { Law } from './fixture.js';
import {
  anEvent,
  aStream,
  collect,
  idsOf,
  readAll,
  someEvents,
  streamOfLog,
  upTo,
} from './support.js';

export function streamReadingLaws(law: Law): void {
  law('a stream that does not exist is empty', async (log) => {
    await log.append(aStream(), 'none', [anEvent()]);
    expect(await streamOfLog(log, aStream())).toEqual([]);
    expect(await streamOfLog(log, aStream(), { backwards: true, max: 1 })).toEqual([]);
  });

  law('a stream is read from a version, forwards and backwards, so many events', async (log) => {
    const stream = aStream();
    await log.append(stream, 'none', someEvents(10));
    await log.append(aStream(), 'none', someEvents(3));
    const versions = async (options: Parameters<EventLog['readStream']>[1]) =>
      (await streamOfLog(log, stream, options)).map((event) => event.version);
    expect(await versions({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await versions({ from: 7 })).toEqual([7, 8, 9]);
    expect(await versions({ from: 10 })).toEqual([]);
    expect(await versions({ max: 3 })).toEqual([0, 1, 2]);
    expect(await versions({ from: 2, max: 2 })).toEqual([2, 3]);
    expect(await versions({ backwards: true })).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await versions({ backwards: true, max: 1 })).toEqual([9]);
    expect(await versions({ backwards: true, from: 3 })).toEqual([3, 2, 1, 0]);
    expect(await versions({ backwards: true, from: 99, max: 2 })).toEqual([9, 8]);
    expect(await versions({ max: 0 })).toEqual([]);
  });

  law('a long stream is read to its end, both ways', async (log) => {
    const stream = aStream();
    for (const turn of upTo(3)) {
      await log.append(stream, turn === 0 ? 'none' : turn * 450 - 1, someEvents(450));
    }
    const forwards = await streamOfLog(log, stream);
    expect(forwards.map((event) => event.version)).toEqual(upTo(1350));
    expect(await streamOfLog(log, stream, { backwards: true })).toEqual(forwards.toReversed());
    expect(await streamOfLog(log, stream, { from: 1, max: 1200 })).toEqual(forwards.slice(1, 1201));
  });

  law('streams are read whole, one after the other as they are named', async (log) => {
    const streams = upTo(20).map(() => aStream());
    for (const round of upTo(2)) {
      for (const [index, stream] of streams.entries()) {
        await log.append(stream, round === 0 ? 'none' : index, someEvents(index + 1));
      }
    }
    const named = [...streams.toReversed(), aStream()];
    const read = await collect(log.readStreams(named));
    const each = await Promise.all(named.map((stream) => streamOfLog(log, stream)));
    expect(read.flat()).toEqual(each.flat());
    expect(read.every((page) => page.length > 0)).toBe(true);
    expect(await collect(log.readStreams([]))).toEqual([]);
    expect(await collect(log.readStreams([aStream()]))).toEqual([]);
  });

  law('a long stream among others is read to its end', async (log) => {
    const [short, long, last] = [aStream(), aStream(), aStream()];
    await log.append(short, 'none', someEvents(2));
    for (const turn of upTo(3)) {
      await log.append(long, turn === 0 ? 'none' : turn * 500 - 1, someEvents(500));
    }
    // Of this size a page ends by what is in it.
    const large = { data: JSON.stringify({ text: 'x'.repeat(500_000) }) };
    for (const turn of upTo(12))
      await log.append(last, turn === 0 ? 'none' : turn - 1, [anEvent(large)]);
    const read = (await collect(log.readStreams([short, long, last]))).flat();
    const seen = read.map(({ stream, version }) => [stream, version]);
    const all = [
      ...upTo(2).map((version) => [short, version]),
      ...upTo(1500).map((version) => [long, version]),
      ...upTo(12).map((version) => [last, version]),
    ];
    expect(seen).toEqual(all);
  });

  law('a reader may stop in the middle', async (log) => {
    const stream = aStream();
    await log.append(stream, 'none', someEvents(20));
    for await (const page of log.readStreams([stream])) if (page.length > 0) break;
    for await (const event of log.readStream(stream)) if (event.version === 4) break;
    for await (const page of log.readLog({ after: LOG_START, max: 3 })) if (page.length > 0) break;
    expect(await streamOfLog(log, stream)).toHaveLength(20);
  });
}

export function logReadingLaws(law: Law): void {
  law('an empty log has its head at the start and nothing to read', async (log) => {
    expect(await log.head()).toBe(LOG_START);
    expect(await readAll(log)).toEqual([]);
  });

  law('the head is the position of the newest event', async (log) => {
    const { position } = await log.append(aStream(), 'none', someEvents(3));
    expect(await log.head()).toBe(position);
    expect((await readAll(log)).at(-1)?.position).toBe(position);
  });

  law('pages hold at most what was asked for, in order; one may split an append', async (log) => {
    await log.append(aStream(), 'none', someEvents(7));
    await log.append(aStream(), 'none', someEvents(7));
    const all = await readAll(log);
    expect(all).toHaveLength(14);
    for (const max of [1, 3, 5, 14, 1000]) {
      const pages = await collect(log.readLog({ after: LOG_START, max }));
      expect(pages.flat()).toEqual(all);
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(max);
      expect(Math.min(...pages.map((page) => page.length))).toBeGreaterThan(0);
    }
  });

  law('reading goes on after any position, without gap or repeat', async (log) => {
    await log.append(aStream(), 'none', someEvents(4));
    await log.append(aStream(), 'none', someEvents(1));
    await log.append(aStream(), 'none', someEvents(4));
    const all = await readAll(log);
    for (const [index, event] of all.entries()) {
      expect(await readAll(log, event.position)).toEqual(all.slice(index + 1));
    }
  });

  law('a filter lets only its types through', async (log) => {
    const types = ['ThisHappened', 'ThatHappened', 'OtherHappened'];
    const stream = aStream();
    const events = upTo(60).map((index) => anEvent({ type: types[index % 3] ?? '' }));
    await log.append(stream, 'none', events);
    const all = await readAll(log);
    for (const wanted of [['ThisHappened'], ['OtherHappened', 'ThatHappened'], ['NeverHappened']]) {
      const chosen = (event: StoredEvent) => wanted.includes(event.type);
      const options = { after: LOG_START, max: 7, filter: { types: wanted } };
      const pages = await collect(log.readLog(options));
      expect(pages.flat()).toEqual(all.filter(chosen));
      expect(pages.every((page) => page.length > 0 && page.length <= 7)).toBe(true);
      const after = all[30]?.position ?? LOG_START;
      const rest = await collect(log.readLog({ ...options, after }));
      expect(rest.flat()).toEqual(all.slice(31).filter(chosen));
    }
  });

  law('the log is the streams, each in its own order', async (log) => {
    const streams = upTo(5).map(aStream);
    for (const turn of upTo(4)) {
      for (const stream of streams) {
        await log.append(stream, turn === 0 ? 'none' : turn * 2 - 1, someEvents(2));
      }
    }
    const all = await readAll(log);
    for (const stream of streams) {
      const own = all.filter((event) => event.stream === stream);
      expect(own).toEqual(await streamOfLog(log, stream));
      expect(idsOf(own)).toHaveLength(8);
    }
  });
}
