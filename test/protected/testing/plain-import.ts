import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { systemClock, type CommandAnswer, type GivenCommand } from '#kernel';
import { Codec, SEALER, type Sealer } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { openSqliteKeyStore } from '#people';
import { Runner, openSqliteViews } from '#projection';
import { importFile, type LineResult } from '../../../apps/cli/src/importer.js';
import { WayledgerModule, eventCatalogue, projections } from '#engine';

/** What a sealer must never be. */
const plain: Sealer = {
  async seal(_place, fields) {
    return Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)]),
    );
  },
};

/** The control of the search: the engine as it is, with nothing taken out of it but the sealing. */
export async function importUnsealed(file: string, data: string): Promise<LineResult[]> {
  const log = await openSqliteEventLog({ path: `${data}/log.db` });
  const keys = await openSqliteKeyStore({ path: `${data}/keys.db`, clock: systemClock });
  const views = await openSqliteViews(`${data}/views.db`);
  // No month is closed in this file.
  const catchUp = () => Promise.reject(new Error('nothing is closed here'));
  const app = await NestFactory.createApplicationContext(
    withSealer(WayledgerModule.with({ log, keys, views, catchUp }), plain),
    { logger: false },
  );
  try {
    const results: LineResult[] = [];
    const execute = (command: GivenCommand): Promise<CommandAnswer> =>
      app.get(CommandBus).execute(command);
    await importFile({ execute }, { file }, (result) => {
      results.push(result);
    });
    const codec = new Codec(eventCatalogue, plain);
    await new Runner({ log, codec, views, projections }).catchUp();
    return results;
  } finally {
    await app.close();
    await views.close();
    await keys.close();
    await log.close();
  }
}

function withSealer(module: DynamicModule, sealer: Sealer): DynamicModule {
  let replaced = 0;
  const imports = (module.imports ?? []).map((each) => {
    if (!('providers' in each)) return each;
    const providers = (each.providers ?? []).map((provider) => {
      if (!('provide' in provider) || provider.provide !== SEALER) return provider;
      replaced += 1;
      return { provide: SEALER, useValue: sealer };
    });
    return { ...each, providers };
  });
  if (replaced !== 1) throw new Error('the sealer was not where it used to be provided');
  return { ...module, imports };
}
