import 'reflect-metadata';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus, type Query } from '@nestjs/cqrs';
import {
  systemClock,
  type Clock,
  type CommandAnswer,
  type CommandCatalogue,
  type EventCatalogue,
  type GivenCommand,
} from '#kernel';
import { Codec, overlayStreams, LOG_START, type EventLog, type StreamLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { directoryCommands, directoryEvents } from '#directory';
import {
  BudgetSettlement,
  Funding,
  fundingCommands,
  fundingEvents,
  ledger,
  type Settled,
} from '#funding';
import { openSqliteKeyStore, overlayKeyStore, sealerWith, type KeyStore } from '#people';
import { Runner, ViewsDatabase, type OnProgress, type Projection } from '#projection';
import { Referrals, caseload, referral, referralCommands, referralEvents } from '#referral';
import { WayledgerModule } from './wayledger.module.js';

export const commandCatalogue: CommandCatalogue = {
  ...directoryCommands,
  ...fundingCommands,
  ...referralCommands,
};
export const eventCatalogue: EventCatalogue = {
  ...directoryEvents,
  ...fundingEvents,
  ...referralEvents,
};
export const projections = [referral, caseload, ledger] as unknown as readonly Projection[];

/** The folder cannot be used as it is; the message says what to do. */
export class DataRefused extends Error {
  override readonly name = 'DataRefused';
}

export interface OpenOptions {
  /** The folder of the embedded store. */
  readonly data: string;
  /** Decide on everything, write nothing. */
  readonly dryRun?: boolean;
  readonly clock?: Clock;
}

/** The whole engine on one folder: commands in, queries out. */
export class Wayledger {
  readonly runner: Runner;

  private constructor(
    readonly log: EventLog,
    readonly keys: KeyStore,
    readonly views: ViewsDatabase,
    readonly codec: Codec<EventCatalogue>,
    private readonly app: INestApplicationContext,
    private readonly clock: Clock,
    private readonly cleanUp: () => Promise<void>,
  ) {
    this.runner = new Runner({ log, codec, views, projections });
  }

  /** @throws DataRefused */
  static async open(options: OpenOptions): Promise<Wayledger> {
    const { data, dryRun = false, clock = systemClock } = options;
    const scratch = dryRun ? mkdtempSync(join(tmpdir(), 'wayledger-')) : null;
    // A dry run on a folder that is not there must not make one.
    const folder = scratch !== null && !existsSync(data) ? scratch : data;
    const log = await openSqliteEventLog({ path: join(folder, 'log.db') });
    const isNew = (await log.head()) === LOG_START;
    const keyFile = join(folder, 'keys.db');
    if (!isNew && !existsSync(keyFile)) {
      await log.close();
      throw new DataRefused(
        `${folder} holds a log and no keys.db: without its keys everything personal in it is lost. ` +
          'Put keys.db back from its own backup, then try again.',
      );
    }
    const keys = await openSqliteKeyStore({ path: keyFile, clock });
    const overlaid =
      scratch === null
        ? { keys, streams: log, toClose: [] }
        : await overlay(log, keys, scratch, clock);
    const views = ViewsDatabase.open(join(scratch ?? folder, 'views.db'));
    const engine = WayledgerModule.with({ log: overlaid.streams, keys: overlaid.keys, views });
    const quiet = { logger: false, abortOnError: false } as const;
    const app = await NestFactory.createApplicationContext(engine, quiet);
    const codec = new Codec(eventCatalogue, sealerWith(overlaid.keys));
    return new Wayledger(log, overlaid.keys, views, codec, app, clock, async () => {
      await app.close();
      views.close();
      for (const store of overlaid.toClose) await store.close();
      await keys.close();
      await log.close();
      if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
    });
  }

  /** @throws CommandRefused */
  execute(command: GivenCommand): Promise<CommandAnswer> {
    return this.app.get(CommandBus).execute(command);
  }

  query<T>(query: Query<T>): Promise<T> {
    return this.app.get(QueryBus).execute(query);
  }

  /** Brings the read models up to the log. */
  async catchUp(onProgress?: OnProgress): Promise<void> {
    await this.runner.catchUp(onProgress);
  }

  /** What every writing command does before it ends: read models, then what a crash left out. */
  async settle(onProgress?: OnProgress): Promise<Settled> {
    await this.catchUp(onProgress);
    const process = new BudgetSettlement(
      this.views,
      this.app.get(Funding),
      this.app.get(Referrals),
      () => this.clock.now(),
    );
    const settled = await process.run();
    await this.catchUp();
    return settled;
  }

  async close(): Promise<void> {
    await this.cleanUp();
  }
}

interface Overlaid {
  readonly keys: KeyStore;
  readonly streams: StreamLog;
  readonly toClose: readonly { close(): Promise<void> }[];
}

async function overlay(
  log: EventLog,
  keys: KeyStore,
  scratch: string,
  clock: Clock,
): Promise<Overlaid> {
  const scratchLog = await openSqliteEventLog({ path: join(scratch, 'scratch.db') });
  const overlaid = overlayKeyStore(keys, await openSqliteKeyStore({ path: ':memory:', clock }));
  const streams = overlayStreams(log, scratchLog);
  return { streams, keys: overlaid, toClose: [scratchLog, overlaid] };
}
