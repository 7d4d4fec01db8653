import type { EventLog } from '#event-log';
import type { EventStoreDbEventLogOptions } from './eventstoredb-event-log.js';

export type { EventStoreDbEventLogOptions };
export {
  bringsCredentials,
  describeConnection,
  parseConnectionString,
  type ConnectionSettings,
  type Credentials,
} from './connection-string.js';
export { CALLS_MAX, type Timings } from './limits.js';

/**
 * As in `eventstoredb-event-log.js`. The client takes 30 MB of memory: only who has such a log
 * loads it.
 */
export async function openEventStoreDbEventLog(
  options: EventStoreDbEventLogOptions,
): Promise<EventLog> {
  const { openEventStoreDbEventLog: open } = await import('./eventstoredb-event-log.js');
  return open(options);
}
