import { expect } from '@jest/globals';
import { LogUnavailable } from '#event-log';
import type { Law } from './fixture.js';
import {
  anEvent,
  aStream,
  follow,
  readAll,
  someEvents,
  streamOfLog,
  until,
  upTo,
} from './support.js';

export function closingLaws(law: Law): void {
  law('appends that were under way when it closed have their answers', async (log, store) => {
    const streams = upTo(30).map(aStream);
    const answers = streams.map((stream) => log.append(stream, 'none', someEvents(2)));
    await log.close();
    for (const answer of await Promise.all(answers)) expect(answer.version).toBe(1);
    expect(await readAll(await store.open())).toHaveLength(60);
  });

  law('a closed log says that it is closed, and what is surely not written', async (log) => {
    const stream = aStream();
    await log.append(stream, 'none', [anEvent()]);
    await log.close();
    await log.close();
    const refused = expect.objectContaining({ name: 'LogUnavailable', mayBeWritten: false });
    await expect(log.append(stream, 0, [anEvent()])).rejects.toEqual(refused);
    await expect(log.head()).rejects.toBeInstanceOf(LogUnavailable);
    await expect(streamOfLog(log, stream)).rejects.toBeInstanceOf(LogUnavailable);
    await expect(readAll(log)).rejects.toBeInstanceOf(LogUnavailable);
  });

  law('followers end when their handle closes; those of others go on', async (log, store) => {
    const other = await store.open();
    const [ending, staying] = [follow(log), follow(other)];
    await until('both wait', () => ending.hasCaughtUp() && staying.hasCaughtUp());
    await log.close();
    await ending.ended;
    await other.append(aStream(), 'none', [anEvent()]);
    await until('the other hears of it', () => staying.events.length === 1);
    await staying.stop();
  });
}
