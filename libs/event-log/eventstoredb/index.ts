export {
  openEventStoreDbEventLog,
  type EventStoreDbEventLogOptions,
} from './eventstoredb-event-log.js';
export {
  bringsCredentials,
  describeConnection,
  parseConnectionString,
  type ConnectionSettings,
  type Credentials,
} from './connection-string.js';
export { CALLS_MAX, TIMINGS, type Timings } from './connection.js';
