import { join } from 'node:path';
import { appendsBy, type Appender } from '../contestants/appender.ts';
import { emmettAppender } from '../contestants/emmett.ts';
import { postgresRows, rawPostgres, type PostgresRows } from '../contestants/raw-postgres.ts';
import { rawSqlite, sqliteRows, type LogRows } from '../contestants/raw-sqlite.ts';
import { openLog, wayledgerAppender, type LogPlace } from '../contestants/wayledger-log.ts';
import { bytesOf, referralsOf, samplesOf, type Sample } from '../inputs/samples.ts';
import { allOf, eventsOf, springLog } from '../inputs/spring-log.ts';
import { inRounds, median, type Contestant } from '../measure.ts';
import type { Context, Measured, Row } from '../row.ts';

export const CALLERS = [1, 16, 64] as const;

/** Durable appends of one event, beside raw inserts of the same rows, and beside Emmett. */
export const append: Row = {
  name: 'append',
  title: 'Durable appends of one event, by so many callers at the same time',
  async run(context) {
    const { areas, sizes } = context.options;
    const samples = samplesOf(await allOf(eventsOf(await springLog(areas, 1, context.say))));
    const contestants = [
      ...CALLERS.map((callers) => onSqlite(context, samples, callers)),
      await rawOnSqlite(context, samples),
      ...CALLERS.map((callers) => onPostgres(context, samples, callers, 'postgres')),
      await rawOnPostgres(context, samples),
      ...CALLERS.map((callers) => onPostgres(context, samples, callers, 'emmett')),
    ];
    const rates = await inRounds(contestants, sizes.rounds, context.say);
    return [...rates].map(([{ id, what }, taken]): Measured => ({
      ...{ id, what, value: median(taken), unit: 'events/s', samples: taken },
      note: `${bytesOf(samples)} bytes an event`,
    }));
  },
};

function onSqlite(context: Context, samples: readonly Sample[], callers: number): Contestant {
  return {
    id: `append/sqlite/${callers}`,
    what: `SQLite log, ${callersOf(callers)}`,
    async round() {
      const file = join(context.folder(), 'log.db');
      return rateOf(context, samples, callers, await wayledgerAppender({ file }));
    },
  };
}

const NAMES = { postgres: 'PostgreSQL log', emmett: 'Emmett' } as const;

function onPostgres(
  context: Context,
  samples: readonly Sample[],
  callers: number,
  whose: keyof typeof NAMES,
): Contestant {
  return {
    id: `append/${whose}/${callers}`,
    what: `${NAMES[whose]}, ${callersOf(callers)}`,
    round: () =>
      inDatabase(context, async (address) => {
        const open = { postgres: () => wayledgerAppender({ address }), emmett: emmettAppender };
        return rateOf(context, samples, callers, await open[whose](address));
      }),
  };
}

async function rawOnSqlite(context: Context, samples: readonly Sample[]): Promise<Contestant> {
  const file = join(context.folder(), 'rows.db');
  await write({ file }, samples, context.options.sizes.rawEvents);
  const rows: LogRows = sqliteRows(file);
  return {
    id: 'append/sqlite/raw',
    what: 'raw inserts into the same SQLite tables, 64 a commit',
    round: () => rawSqlite(join(context.folder(), 'log.db'), rows),
  };
}

async function rawOnPostgres(context: Context, samples: readonly Sample[]): Promise<Contestant> {
  const rows: PostgresRows = await inDatabase(context, async (address) => {
    await write({ address }, samples, context.options.sizes.rawEvents);
    return postgresRows(address);
  });
  return {
    id: 'append/postgres/raw',
    what: 'raw inserts into the same PostgreSQL tables, 64 a commit',
    round: () => inDatabase(context, (address) => rawPostgres(address, rows)),
  };
}

/** What 64 callers of the log would have written. */
async function write(place: LogPlace, samples: readonly Sample[], events: number): Promise<void> {
  const log = await openLog(place);
  const callers = CALLERS.at(-1) ?? 1;
  const caller = async (): Promise<void> => {
    const referrals = referralsOf(samples);
    for (let done = 0; done < Math.ceil(events / callers); done += 1) {
      const { stream, version, sample } = referrals.next().value;
      await log.append(stream, version === 0 ? 'none' : version - 1, [sample.event]);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  await log.close();
}

async function rateOf(
  { options: { sizes } }: Context,
  samples: readonly Sample[],
  callers: number,
  appender: Appender,
): Promise<number> {
  const seconds = { warmUp: sizes.warmUpSeconds, measured: sizes.seconds };
  try {
    return (await appendsBy(callers, seconds, samples, appender)).perSecond;
  } finally {
    await appender.close();
  }
}

async function inDatabase<T>(
  { postgres }: Context,
  work: (address: string) => Promise<T>,
): Promise<T> {
  const address = await postgres.make();
  try {
    return await work(address);
  } finally {
    await postgres.drop(address);
  }
}

function callersOf(callers: number): string {
  return callers === 1 ? '1 caller' : `${callers} callers`;
}
