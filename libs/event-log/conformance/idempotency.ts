import { expect } from '@jest/globals';
import { VersionConflict, type ExpectedVersion } from '#event-log';
import type { Law } from './fixture.js';
import { anEvent, aStream, idsOf, readAll, someEvents, upTo } from './support.js';

export function idempotencyLaws(law: Law): void {
  law('the same append again gives the first answer and writes nothing', async (log, store) => {
    const stream = aStream();
    const appends: [ExpectedVersion, ReturnType<typeof someEvents>][] = [
      ['none', someEvents(3)],
      [2, someEvents(1)],
      [3, someEvents(4)],
    ];
    const first = [];
    for (const [expected, events] of appends) {
      first.push(await log.append(stream, expected, events));
    }
    // By now each has later ones on top, the last one excepted; and the log has gone on elsewhere.
    await log.append(aStream(), 'none', [anEvent()]);
    const head = await log.head();
    for (const handle of [log, await store.open()]) {
      for (const [index, [expected, events]] of appends.entries()) {
        expect(await handle.append(stream, expected, events)).toEqual(first[index]);
      }
    }
    expect(await log.head()).toBe(head);
    expect(await readAll(log)).toHaveLength(9);
  });

  law('what counts as the same are the ids: the first texts stay', async (log) => {
    const stream = aStream();
    const event = anEvent({ data: '{"n":1}' });
    const first = await log.append(stream, 'none', [event]);
    expect(await log.append(stream, 'none', [{ ...event, data: '{"n":2}' }])).toEqual(first);
    expect(await readAll(log)).toMatchObject([{ data: '{"n":1}' }]);
  });

  law('racing identical appends write once and all get the same answer', async (log, store) => {
    const handles = [log, await store.open(), await store.open()];
    const stream = aStream();
    await log.append(stream, 'none', someEvents(2));
    const events = someEvents(3);
    const answers = await Promise.all(
      upTo(21).map((index) => (handles[index % 3] ?? log).append(stream, 1, events)),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ stream, version: 4 });
    expect(await readAll(log)).toHaveLength(5);
  });
}

export function repetitionLimitLaws(law: Law): void {
  law('an append that overlaps in part is a conflict', async (log) => {
    const stream = aStream();
    const [a, b, c, d] = [anEvent(), anEvent(), anEvent(), anEvent()];
    await log.append(stream, 'none', [a, b]);
    for (const events of [[b], [a, b, c], [a, c], [c, b], [b, a]]) {
      await expect(log.append(stream, 'none', events)).rejects.toBeInstanceOf(VersionConflict);
    }
    await log.append(stream, 1, [c]);
    await expect(log.append(stream, 1, [c, d])).rejects.toBeInstanceOf(VersionConflict);
    expect(idsOf(await readAll(log))).toEqual(idsOf([a, b, c]));
  });

  law('the same ids at another place are a conflict', async (log) => {
    const stream = aStream();
    const events = someEvents(2);
    await log.append(stream, 'none', events);
    await log.append(stream, 1, someEvents(3));
    for (const expected of [0, 1, 2, 9]) {
      await expect(log.append(stream, expected, events)).rejects.toMatchObject({
        name: 'VersionConflict',
        expected,
        actual: 4,
      });
    }
    expect(await readAll(log)).toHaveLength(5);
  });

  law('the same ids on another stream are another append', async (log) => {
    const events = someEvents(2);
    const first = await log.append(aStream(), 'none', events);
    const second = await log.append(aStream(), 'none', events);
    expect(second.position).toBeGreaterThan(first.position);
  });
}
