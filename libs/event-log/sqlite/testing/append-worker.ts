import { appendAsChild } from '../../conformance/append-worker.js';
import { openSqliteEventLog } from '../index.js';

await appendAsChild((path) => openSqliteEventLog({ path }));
