/**
 * The control of the crash tests of imports: `import --json` with a log that answers before it
 * commits.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { systemClock, type CommandAnswer, type GivenCommand } from '#kernel';
import { openSqliteEventLog } from '#event-log/sqlite';
import { openSqliteKeyStore } from '#people';
import { openSqliteViews } from '#projection';
import { importFile } from '../../../apps/cli/src/importer.js';
import { printJson } from '../../../apps/cli/src/terminal/output.js';
import { WayledgerModule } from '#engine';
import { hasty } from './hasty-log.js';

const [file = '', data = ''] = process.argv.slice(2);
const log = await openSqliteEventLog({ path: `${data}/log.db` });
const keys = await openSqliteKeyStore({ path: `${data}/keys.db`, clock: systemClock });
const views = await openSqliteViews(`${data}/views.db`);
// No month is closed in this file.
const catchUp = () => Promise.reject(new Error('nothing is closed here'));
const app = await NestFactory.createApplicationContext(
  WayledgerModule.with({ log: hasty(log), keys, views, catchUp }),
  { logger: false },
);
const execute = (command: GivenCommand): Promise<CommandAnswer> =>
  app.get(CommandBus).execute(command);
await importFile({ execute }, { file }, (result) => printJson(result));
