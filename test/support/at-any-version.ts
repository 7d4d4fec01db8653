import type { EventLog } from '#event-log';
import { logWith } from '#event-log/conformance';

/** A store that shows every writer the streams as they were when it opened, and takes anything. */
export function atAnyVersion(log: EventLog): EventLog {
  const opened = log.head();
  return logWith(log, {
    async append(stream, _expected, events) {
      let last: number | 'none' = 'none';
      for await (const { version } of log.readStream(stream, { backwards: true, max: 1 })) {
        last = version;
      }
      return log.append(stream, last, events);
    },
    async *readStream(stream, options) {
      const upTo = await opened;
      for await (const event of log.readStream(stream, options)) {
        if (event.position <= upTo) yield event;
      }
    },
  });
}
