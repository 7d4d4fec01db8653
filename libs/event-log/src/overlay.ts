import type { StreamName } from '#kernel';
import { VersionConflict } from './errors.js';
import { LOG_START, type ExpectedVersion, type Position } from './place.js';
import type { EventLog } from './port.js';
import type { StoredEvent } from './stored-event.js';
import type { StreamLog } from './streams.js';

/** What projections need of a log. */
export type ReadableLog = Pick<EventLog, 'readStream' | 'readStreams' | 'readLog' | 'head'>;

/**
 * A log as it stood at `end`, with whatever is appended going elsewhere: what a dry run decides on.
 * The base is only read, and what it gains meanwhile is not seen.
 */
export function overlay(
  base: ReadableLog,
  scratch: EventLog,
  end: Position,
): StreamLog & ReadableLog {
  const lastOf = async (stream: StreamName): Promise<number> => {
    for await (const { version, position } of base.readStream(stream, { backwards: true })) {
      if (position <= end) return version;
    }
    return -1;
  };
  const placed = (event: StoredEvent, last: number): StoredEvent => {
    return { ...event, version: event.version + last + 1, position: event.position + end };
  };
  const log: StreamLog & ReadableLog = {
    async append(stream, expected, events) {
      const last = await lastOf(stream);
      const below = expected === 'none' ? -1 - last : expected - last;
      const known = (version: ExpectedVersion) => (version === 'none' ? last : version + last + 1);
      if (below < 0) throw new VersionConflict(stream, expected, last);
      try {
        const appended = await scratch.append(stream, below === 0 ? 'none' : below - 1, events);
        const position = appended.position + end;
        return { ...appended, version: appended.version + last + 1, position };
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        throw new VersionConflict(stream, expected, known(error.actual));
      }
    },
    async *readStream(stream, options = {}): AsyncIterable<StoredEvent> {
      const { from = 0 } = options;
      let last = -1;
      for await (const event of base.readStream(stream, { from: 0 })) {
        if (event.position > end) break;
        last = event.version;
        if (event.version >= from) yield event;
      }
      for await (const event of scratch.readStream(stream)) {
        if (event.version + last + 1 >= from) yield placed(event, last);
      }
    },
    async *readStreams(streams): AsyncIterable<readonly StoredEvent[]> {
      for (const stream of streams) {
        const events: StoredEvent[] = [];
        for await (const event of log.readStream(stream)) events.push(event);
        if (events.length > 0) yield events;
      }
    },
    async *readLog({ after, ...options }): AsyncIterable<readonly StoredEvent[]> {
      if (after < end) {
        for await (const page of base.readLog({ after, ...options })) {
          const seen = page.filter(({ position }) => position <= end);
          if (seen.length > 0) yield seen;
          if (seen.length < page.length) break;
        }
      }
      const from = after > end ? after - end : LOG_START;
      for await (const page of scratch.readLog({ after: from, ...options })) {
        const all: StoredEvent[] = [];
        for (const event of page) all.push(placed(event, await lastOf(event.stream)));
        yield all;
      }
    },
    async head() {
      return end + (await scratch.head());
    },
  };
  return log;
}
