import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
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
  type Instant,
} from '#kernel';
import {
  Codec,
  overlay,
  LOG_START,
  type EventLog,
  type ReadableLog,
  type StreamLog,
} from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { Places, directoryCommands, directoryEvents, placeEvents } from '#directory';
import {
  BudgetSettlement,
  ChangeTerms,
  Funding,
  Repricing,
  followers,
  fundingCommands,
  fundingEvents,
  learned,
  ledger,
  type Settled,
} from '#funding';
import { openSqliteKeyStore, overlayKeyStore, sealerWith, type KeyStore } from '#people';
import { Runner, type OnProgress, type Projection, type ViewsDatabase } from '#projection';
import {
  Clocks,
  PlaceSettlement,
  Referrals,
  referral,
  referralCommands,
  referralEvents,
  type Fired,
  volumes,
} from '#referral';
import { keysInFolder, type KeysAddress } from './keys-address.js';
import { logInFolder, type LogAddress, type OnWaiting } from './log-address.js';
import { viewsInFolder, type ViewsAddress } from './views-address.js';
import { WayledgerModule } from './wayledger.module.js';

/** The commands of each slice. */
export const commandSlices = {
  directory: directoryCommands,
  referral: referralCommands,
  funding: fundingCommands,
} as const satisfies Readonly<Record<string, CommandCatalogue>>;
export const commandCatalogue: CommandCatalogue = {
  ...directoryCommands,
  ...fundingCommands,
  ...referralCommands,
};
export const eventCatalogue: EventCatalogue = {
  ...directoryEvents,
  ...placeEvents,
  ...fundingEvents,
  ...referralEvents,
};
export const projections = [
  referral,
  volumes,
  learned,
  ledger,
  followers,
] as unknown as readonly Projection[];

/** The folder cannot be used as it is; the message says what to do. */
export class DataRefused extends Error {
  override readonly name = 'DataRefused';
}

export interface OpenOptions {
  /** The folder of log, keys and read models, but for those that are elsewhere. */
  readonly data: string;
  readonly log?: LogAddress;
  readonly keys?: KeysAddress;
  readonly views?: ViewsAddress;
  /** Refuses a log that is not there, or empty, and makes nothing. */
  readonly existing?: boolean;
  /** Decide on everything, write nothing. */
  readonly dryRun?: boolean;
  readonly clock?: Clock;
  readonly onWaiting?: OnWaiting;
}

/** The whole engine on one log: commands in, queries out. */
export class Wayledger {
  private constructor(
    readonly log: EventLog,
    readonly keys: KeyStore,
    readonly views: ViewsDatabase,
    readonly codec: Codec<EventCatalogue>,
    readonly runner: Runner,
    private readonly app: INestApplicationContext,
    readonly clock: Clock,
    private readonly opened: Opened,
    private readonly dryRun: boolean,
  ) {}

  /** @throws DataRefused */
  static async open(options: OpenOptions): Promise<Wayledger> {
    const opened = new Opened();
    try {
      return await Wayledger.assemble(options, opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  private static async assemble(options: OpenOptions, opened: Opened): Promise<Wayledger> {
    const { data, dryRun = false, clock = systemClock } = options;
    const scratch = dryRun ? opened.keep(scratchFolder()).path : null;
    const log = opened.keep(await openLog(options, scratch));
    const keysAt = await keysOf(options, log, scratch);
    const stored = opened.keep(await keysAt.open(clock));
    let written: StreamLog & ReadableLog = log;
    let keys = stored;
    if (scratch !== null) {
      const path = join(scratch, 'scratch.db');
      const apart = opened.keep(await openSqliteEventLog({ path }));
      written = overlay(log, apart, await log.head());
      const inMemory = await openSqliteKeyStore({ path: ':memory:', clock });
      keys = opened.keep(overlayKeyStore(stored, inMemory));
    }
    const given = scratch === null ? options.views : undefined;
    const views = opened.keep(await (given ?? viewsInFolder(scratch ?? data)).open());
    const codec = new Codec(eventCatalogue, sealerWith(keys));
    const runner = new Runner({ log: written, codec, views, projections });
    const catchUp = () => runner.catchUp();
    const engine = WayledgerModule.with({ log: written, keys, views, catchUp });
    const quiet = { logger: false, abortOnError: false } as const;
    const app = opened.keep(await NestFactory.createApplicationContext(engine, quiet));
    return new Wayledger(log, keys, views, codec, runner, app, clock, opened, dryRun);
  }

  /** @throws CommandRefused */
  async execute(command: GivenCommand): Promise<CommandAnswer> {
    const answer: CommandAnswer = await this.app.get(CommandBus).execute(command);
    // New terms reach what they concern before anything else is recorded of it. A dry run writes
    // nothing that its read models could see.
    if (command instanceof ChangeTerms && !this.dryRun) {
      await this.catchUp();
      await this.reprice();
    }
    return answer;
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
    if ((await this.reprice()) > 0) await this.catchUp();
    const now = () => this.clock.now();
    const { views, app } = this;
    const referrals = app.get(Referrals);
    const settled = await new BudgetSettlement(views, app.get(Funding), referrals, now).run();
    await new PlaceSettlement(views, app.get(Places), now).run();
    await this.catchUp();
    return settled;
  }

  private reprice(): Promise<number> {
    return new Repricing(this.views, this.app.get(Referrals)).run();
  }

  /** What fell due by itself before this moment; the clock's unless given. */
  async runClocks(now: Instant = this.clock.now()): Promise<Fired[]> {
    const catchUp = () => this.catchUp();
    return new Clocks(this.views, this.app.get(Referrals), catchUp).run(now);
  }

  async close(): Promise<void> {
    await this.opened.close();
  }
}

interface Closable {
  close(): unknown;
}

/** What was opened, to be closed in the opposite order. */
class Opened {
  private readonly all: Closable[] = [];

  keep<T extends Closable>(store: T): T {
    this.all.push(store);
    return store;
  }

  async close(): Promise<void> {
    for (let last = this.all.pop(); last !== undefined; last = this.all.pop()) await last.close();
  }
}

function scratchFolder(): Closable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'wayledger-'));
  return {
    path,
    close: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function openLog(options: OpenOptions, scratch: string | null): Promise<EventLog> {
  const log = options.log ?? logInFolder(options.data);
  if (log.exists()) return log.open(options.onWaiting);
  if (options.existing === true) {
    throw new DataRefused(`There is no store in ${placeOf(options)}: ${whatToDo(options)}`);
  }
  // A dry run on a log that is not there must not make one.
  return (scratch === null ? log : logInFolder(scratch)).open(options.onWaiting);
}

/** Where the keys of this log are; a log that has events has some. */
async function keysOf(
  options: OpenOptions,
  log: EventLog,
  scratch: string | null,
): Promise<KeysAddress> {
  const { data, existing = false, keys = keysInFolder(data) } = options;
  const isEmpty = (await log.head()) === LOG_START;
  if (existing && isEmpty) {
    throw new DataRefused(`The log in ${placeOf(options)} is empty: ${whatToDo(options)}`);
  }
  if (await keys.exists()) return keys;
  if (!isEmpty) {
    throw new DataRefused(
      `${placeOf(options)} holds a log, and its keys are not in ${keys.describe()}: without them ` +
        'everything personal in it is lost. Put them back from their own backup, or from where the ' +
        'log was copied, or say where they are (--keys or WAYLEDGER_KEYS); then try again.',
    );
  }
  return scratch === null ? keys : keysInFolder(scratch);
}

function placeOf({ data, log }: OpenOptions): string {
  return log === undefined ? `"${data}"` : log.describe();
}

function whatToDo({ log }: OpenOptions): string {
  return `import something into it first, or check ${log === undefined ? '--data' : '--log'}.`;
}
