import 'reflect-metadata';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import {
  CommandRefused,
  systemClock,
  type Clock,
  type CommandAnswer,
  type GivenCommand,
  type Instant,
  type Refusal,
} from '#kernel';
import { Places } from '#directory';
import { Codec, type EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';
import { BudgetSettlement, Funding } from '#funding';
import { FileNames, readCommand, readLine } from '#interop';
import { openSqliteKeyStore, sealerWith } from '#people';
import { Runner, openSqliteViews } from '#projection';
import { PlaceSettlement, Referrals } from '#referral';
import {
  type Wayledger,
  WayledgerModule,
  commandCatalogue,
  eventCatalogue,
  projections,
} from '#engine';

/** A line of a command file, with the parts that never change left out. */
export interface Line {
  readonly id: string;
  readonly command: string;
  readonly at: string;
  readonly organisation?: string;
  readonly role?: string;
  readonly data: object;
}

/** What a command came to: its new or known events by type, or why not. */
export type Outcome =
  { readonly events: readonly string[] } | { readonly refused: Pick<Refusal, 'code' | 'data'> };

const NAMESPACE = 'reservations';
export const RECORDED_AT = '2026-06-01T12:00:00.000Z' as Instant;

export const names = () => new FileNames(NAMESPACE);

export async function give(
  to: { execute(command: GivenCommand): Promise<CommandAnswer> },
  { organisation = 'north', role = 'link-worker', ...line }: Line,
): Promise<Outcome> {
  const actor = { id: 'ann', role, organisation };
  const read = readLine(JSON.stringify({ ...line, actor }));
  if (!('command' in read)) throw new CommandRefused(read);
  const command = readCommand(read, commandCatalogue, names(), RECORDED_AT);
  if (!('meta' in command)) throw new CommandRefused(command);
  try {
    const { events } = await to.execute(command);
    return { events: events.map(({ type }) => type) };
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const [{ code, data }] = error.refusals;
    return { refused: { code, ...(data && { data }) } };
  }
}

/** As above, where nothing may be refused. */
export async function must(to: Parameters<typeof give>[0], line: Line): Promise<void> {
  const outcome = await give(to, line);
  if ('refused' in outcome) throw new Error(`${line.id}: ${outcome.refused.code}`);
}

export interface Engine extends Pick<Wayledger, 'log' | 'views' | 'codec' | 'runner' | 'execute'> {
  readonly funding: Funding;
  readonly referrals: Referrals;
  readonly settlement: BudgetSettlement;
  readonly placeSettlement: PlaceSettlement;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly data: string;
  readonly clock?: Clock;
  /** What the handlers and the process manager get to see of the log. */
  readonly wrap?: (log: EventLog) => EventLog;
}

/** The whole engine on one folder as the CLI wires it, with something between it and its log. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { data, clock = systemClock, wrap = (log) => log } = options;
  const log = await openSqliteEventLog({ path: join(data, 'log.db') });
  const keys = await openSqliteKeyStore({ path: join(data, 'keys.db'), clock });
  const views = await openSqliteViews(join(data, 'views.db'));
  const wrapped = wrap(log);
  const codec = new Codec(eventCatalogue, sealerWith(keys));
  const runner = new Runner({ log, codec, views, projections });
  const catchUp = () => runner.catchUp();
  const app = await NestFactory.createApplicationContext(
    WayledgerModule.with({ log: wrapped, keys, views, catchUp }),
    { logger: false, abortOnError: false },
  );
  const [funding, referrals] = [app.get(Funding), app.get(Referrals)];
  return {
    ...{ log, views, codec, runner, funding, referrals },
    execute: (command) => app.get(CommandBus).execute(command),
    settlement: new BudgetSettlement(views, funding, referrals, () => clock.now()),
    placeSettlement: new PlaceSettlement(views, app.get(Places), () => clock.now()),
    async close() {
      await app.close();
      await views.close();
      await keys.close();
      await log.close();
    },
  };
}

/** Calls `first` before each append of an event of this type. */
export function before(type: string, first: () => Promise<void>): (log: EventLog) => EventLog {
  return (log) => ({
    async append(stream, expected, events) {
      if (events.some((event) => event.type === type)) await first();
      return log.append(stream, expected, events);
    },
    readStream: (stream, options) => log.readStream(stream, options),
    readStreams: (streams) => log.readStreams(streams),
    readLog: (options) => log.readLog(options),
    subscribe: (options) => log.subscribe(options),
    head: () => log.head(),
    close: () => log.close(),
  });
}
