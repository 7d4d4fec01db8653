/**
 * The control of the crash tests of imports: `import --json` with a log that answers before it
 * commits. Its stores are in the folder, or all in the one database that is named after it.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { present, systemClock, type CommandAnswer, type GivenCommand } from '#kernel';
import { importFile } from '../../../apps/cli/src/importer.js';
import { printJson } from '../../../apps/cli/src/terminal/output.js';
import { WayledgerModule, givenKeys, givenLog, givenViews } from '#engine';
import { hasty } from './hasty-log.js';

const [file = '', data = '', database] = process.argv.slice(2);
const place = (name: string) => database ?? `sqlite:${data}/${name}.db`;
const log = await present(givenLog(place('log'), {}), 'it was named').open();
const keys = await present(givenKeys(place('keys')), 'they were named').open(systemClock);
const views = await present(givenViews(place('views')), 'they were named').open();
// No month is closed in this file.
const catchUp = () => Promise.reject(new Error('nothing is closed here'));
const app = await NestFactory.createApplicationContext(
  WayledgerModule.with({ log: hasty(log), keys, views, catchUp }),
  { logger: false },
);
const execute = (command: GivenCommand): Promise<CommandAnswer> =>
  app.get(CommandBus).execute(command);
await importFile({ execute }, { file }, (result) => printJson(result));
