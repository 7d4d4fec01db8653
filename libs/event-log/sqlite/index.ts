export { openSqliteEventLog, type SqliteEventLogOptions } from './sqlite-event-log.js';
