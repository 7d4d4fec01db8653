import type { StreamName } from '#kernel';
import { VersionConflict } from './errors.js';
import type { ExpectedVersion } from './place.js';
import type { EventLog } from './port.js';
import type { EventToStore, StoredEvent } from './stored-event.js';
import type { StreamLog } from './streams.js';

/**
 * The streams of a log with whatever is appended going elsewhere: what a dry run decides on. The
 * base is only read.
 */
export function overlayStreams(base: StreamLog, scratch: EventLog): StreamLog {
  const lastOf = async (stream: StreamName): Promise<number> => {
    for await (const { version } of base.readStream(stream, { backwards: true, max: 1 })) {
      return version;
    }
    return -1;
  };
  return {
    async append(stream: StreamName, expected: ExpectedVersion, events: readonly EventToStore[]) {
      const last = await lastOf(stream);
      const below = expected === 'none' ? -1 - last : expected - last;
      const known = (version: ExpectedVersion) => (version === 'none' ? last : version + last + 1);
      if (below < 0) throw new VersionConflict(stream, expected, last);
      try {
        const appended = await scratch.append(stream, below === 0 ? 'none' : below - 1, events);
        return { ...appended, version: appended.version + last + 1 };
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        throw new VersionConflict(stream, expected, known(error.actual));
      }
    },
    async *readStream(stream, options = {}): AsyncIterable<StoredEvent> {
      const { from = 0 } = options;
      let last = -1;
      for await (const event of base.readStream(stream, { from: 0 })) {
        last = event.version;
        if (event.version >= from) yield event;
      }
      for await (const event of scratch.readStream(stream)) {
        const version = event.version + last + 1;
        if (version >= from) yield { ...event, version };
      }
    },
    head: () => base.head(),
  };
}
