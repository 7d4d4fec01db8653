import type { StreamName } from '#kernel';
import type { EventLog, EventToStore, ExpectedVersion } from '#event-log';

const COMMITTED_TOGETHER = 500;

/**
 * The control of the crash tests: a log that answers before it commits. What it promised and did
 * not write is gone with the process, and the tests must see that.
 */
export function hasty(log: EventLog): EventLog {
  const promised: [StreamName, ExpectedVersion, readonly EventToStore[]][] = [];
  const nextOf = (expected: ExpectedVersion) => (expected === 'none' ? 0 : expected + 1);
  return {
    async append(stream, expected, events) {
      promised.push([stream, expected, events]);
      if (promised.length >= COMMITTED_TOGETHER) {
        for (const append of promised.splice(0)) await log.append(...append);
      }
      return { stream, version: nextOf(expected) + events.length - 1, position: 0n };
    },
    async *readStream(stream, { from = 0 } = {}) {
      yield* log.readStream(stream, { from });
      for (const [of, expected, events] of promised) {
        if (of !== stream) continue;
        for (const [index, event] of events.entries()) {
          const version = nextOf(expected) + index;
          if (version >= from) yield { ...event, stream, version, position: 0n };
        }
      }
    },
    readStreams: (streams) => log.readStreams(streams),
    readLog: (options) => log.readLog(options),
    subscribe: (options) => log.subscribe(options),
    head: () => log.head(),
    close: () => log.close(),
  };
}
