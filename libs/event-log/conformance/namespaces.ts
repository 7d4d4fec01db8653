import { expect } from '@jest/globals';
import { EventRefused, LOG_START } from '#event-log';
import type { Law } from './fixture.js';
import {
  anEvent,
  aStream,
  follow,
  idsOf,
  readAll,
  someEvents,
  streamOfLog,
  until,
} from './support.js';

export function namespaceLaws(law: Law): void {
  law('logs in different namespaces see only their own events', async (log, store) => {
    const [east, west] = [await store.open('east'), await store.open('west')];
    const stream = aStream();
    const inEast = someEvents(3);
    const inWest = someEvents(2);
    await east.append(stream, 'none', inEast);
    await west.append(stream, 'none', inWest);
    for (const [handle, events] of [
      [log, []],
      [east, inEast],
      [west, inWest],
      [await store.open('east'), inEast],
    ] as const) {
      expect(idsOf(await streamOfLog(handle, stream))).toEqual(idsOf(events));
      const all = await readAll(handle);
      expect(idsOf(all)).toEqual(idsOf(events));
      expect(await handle.head()).toBe(all.at(-1)?.position ?? LOG_START);
    }
  });

  law('an append is repeated, or in conflict, within its namespace alone', async (log, store) => {
    const east = await store.open('east');
    const stream = aStream();
    const events = someEvents(2);
    const first = await log.append(stream, 'none', events);
    const second = await east.append(stream, 'none', events);
    expect(second.version).toBe(1);
    expect(await log.append(stream, 'none', events)).toEqual(first);
    expect(await east.append(stream, 'none', events)).toEqual(second);
    await expect(east.append(stream, 'none', [anEvent()])).rejects.toMatchObject({ actual: 1 });
  });

  law('followers hear of their own namespace alone', async (log, store) => {
    const [east, west] = [await store.open('east'), await store.open('west')];
    const followers = [follow(log), follow(east), follow(west)] as const;
    const [plain, inEast, inWest] = [someEvents(1), someEvents(2), someEvents(3)];
    await log.append(aStream(), 'none', plain);
    await east.append(aStream(), 'none', inEast);
    await west.append(aStream(), 'none', inWest);
    for (const [index, events] of [plain, inEast, inWest].entries()) {
      const follower = followers[index];
      await until('its events are there', () => follower?.events.length === events.length);
      await follower?.stop();
      expect(idsOf(follower?.events ?? [])).toEqual(idsOf(events));
    }
  });

  law('a name that could not prefix a category is no namespace', async (_, store) => {
    for (const bad of ['East', 'e-w', 'a b', '1st', 'x'.repeat(33)]) {
      await expect(store.open(bad)).rejects.toBeInstanceOf(EventRefused);
    }
  });
}
