import { parsePostgresAddress } from '#postgres';
import { appendAsChild } from '../../conformance/append-worker.js';
import { openPostgresEventLog } from '../index.js';

await appendAsChild((url) => openPostgresEventLog({ address: parsePostgresAddress(url) }));
