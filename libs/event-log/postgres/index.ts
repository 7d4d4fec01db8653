export { openPostgresEventLog, type PostgresEventLogOptions } from './postgres-event-log.js';
