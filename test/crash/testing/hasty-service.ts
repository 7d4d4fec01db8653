/**
 * The control of the crash tests of the service: the service with a log that answers before it
 * commits.
 */
import { logInFolder } from '#engine';
import { readConfig } from '../../../apps/api/src/config.js';
import { openLogger } from '../../../apps/api/src/logging.js';
import { startService } from '../../../apps/api/src/service.js';
import { openToken } from '../../../apps/api/src/token.js';
import { hasty } from './hasty-log.js';

const config = readConfig(process.env);
const { data } = config.stores;
const log = logInFolder(data);
const hastily = { ...log, open: async () => hasty(await log.open()) };
const token = openToken(data);
process.stderr.write(`  ${token.made ?? ''}\n`);
const { url } = await startService(
  { ...config, stores: { data, log: hastily } },
  token,
  openLogger(config.verbosity),
);
process.stderr.write(`Wayledger answers at ${url}: it does not keep its word.\n`);
