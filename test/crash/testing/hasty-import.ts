/**
 * The control of the crash tests: `import --json` with a log that answers before it commits. What
 * it promised and did not write is gone with the process, and the tests must see that.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { systemClock, type CommandAnswer, type GivenCommand, type StreamName } from '#kernel';
import type { EventLog, EventToStore, ExpectedVersion, StreamLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { openSqliteKeyStore } from '#people';
import { ViewsDatabase } from '#projection';
import { importFile } from '../../../apps/cli/src/importer.js';
import { printJson } from '../../../apps/cli/src/terminal/output.js';
import { WayledgerModule } from '#engine';

const COMMITTED_TOGETHER = 500;

function hasty(log: EventLog): StreamLog {
  const promised: [StreamName, ExpectedVersion, readonly EventToStore[]][] = [];
  const nextOf = (expected: ExpectedVersion) => (expected === 'none' ? 0 : expected + 1);
  return {
    async append(stream, expected, events) {
      promised.push([stream, expected, events]);
      if (promised.length >= COMMITTED_TOGETHER) {
        for (const append of promised.splice(0)) await log.append(...append);
      }
      return { stream, version: nextOf(expected) + events.length - 1, position: 0n };
    },
    async *readStream(stream, { from = 0 } = {}) {
      yield* log.readStream(stream, { from });
      for (const [of, expected, events] of promised) {
        if (of !== stream) continue;
        for (const [index, event] of events.entries()) {
          const version = nextOf(expected) + index;
          if (version >= from) yield { ...event, stream, version, position: 0n };
        }
      }
    },
    head: () => log.head(),
  };
}

const [file = '', data = ''] = process.argv.slice(2);
const log = await openSqliteEventLog({ path: `${data}/log.db` });
const keys = await openSqliteKeyStore({ path: `${data}/keys.db`, clock: systemClock });
const views = ViewsDatabase.open(`${data}/views.db`);
// No month is closed in this file.
const catchUp = () => Promise.reject(new Error('nothing is closed here'));
const app = await NestFactory.createApplicationContext(
  WayledgerModule.with({ log: hasty(log), keys, views, catchUp }),
  { logger: false },
);
const execute = (command: GivenCommand): Promise<CommandAnswer> =>
  app.get(CommandBus).execute(command);
await importFile({ execute }, { file }, (result) => printJson(result));
