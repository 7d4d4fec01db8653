export { makeFolder } from './connections.js';
export { openSqliteEventLog, type SqliteEventLogOptions } from './sqlite-event-log.js';
