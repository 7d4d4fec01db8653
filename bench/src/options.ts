import { parseArgs } from 'node:util';

export interface Options {
  /** Names of rows; all where empty. */
  readonly only: readonly string[];
  /** Small sizes, to see that all of it runs: its figures are no claim. */
  readonly quick: boolean;
  readonly areas: number;
  readonly years: number;
  readonly million: boolean;
  readonly tenMillion: boolean;
  readonly sizes: Sizes;
}

/** How much of everything. */
export interface Sizes {
  readonly rounds: number;
  /** Of one contestant's turn. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Events that raw inserts write in their turn. */
  readonly rawEvents: number;
  /** Events that the peer's consumer projects; ours are given as many to compare. */
  readonly peerEvents: number;
  readonly referrals: readonly number[];
  readonly growthEvents: readonly number[];
  /** Of the log that grows by more people at a time. */
  readonly widerEvents: number;
}

export const HELP = `npm run bench -- [options]

Measures Wayledger beside peers and beside the limit of this machine, prints one table, and leaves
all figures and a chart in bench/results/. The first run builds a log of three years through the real
handlers and keeps it in bench/.cache: that takes some minutes more.

  --only ROWS      append, command, rebuild, ledger, as-known, lag, growth; several with commas
  --quick          small sizes, to see that everything runs; no figure of it means anything
  --areas N        of the simulated SPRING log (15)
  --years N        of the simulated SPRING log (3)
  --million        as-known balances and statements also at 1,000,000 referrals
  --ten-million    growth also by more years to 10,000,000 events: some 12 GB of disk for each
                   store; by more people at a time it stays at 1,000,000
  --help

WAYLEDGER_BENCH_POSTGRES=postgres://… names a server to measure on, with a user that may create
databases; otherwise one of its own is started, with PostgreSQL's default settings.
`;

/** What was given on the command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const FULL = {
  rounds: 5,
  seconds: 2,
  warmUpSeconds: 0.3,
  rawEvents: 40_000,
  peerEvents: 20_000,
} as const;
const QUICK = {
  rounds: 1,
  seconds: 0.3,
  warmUpSeconds: 0.1,
  rawEvents: 2_000,
  peerEvents: 1_000,
} as const;

/** `null` asks for help. @throws UsageError */
export function readOptions(args: readonly string[], rows: readonly string[]): Options | null {
  const given = parsed(args);
  if (given.help === true) return null;
  const quick = given.quick === true;
  const only = (given.only ?? '').split(',').filter((name) => name !== '');
  const unknown = only.find((name) => !rows.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no row "${unknown}"; there are ${rows.join(', ')}.`);
  }
  const million = given.million === true;
  const tenMillion = given['ten-million'] === true;
  const referrals = quick ? [500, 1_000] : [10_000, 100_000, ...(million ? [1_000_000] : [])];
  const growthEvents = quick
    ? [5_000, 20_000]
    : [100_000, 1_000_000, ...(tenMillion ? [10_000_000] : [])];
  const widerEvents = quick ? 20_000 : 1_000_000;
  return {
    ...{ only, quick, million, tenMillion },
    areas: whole('areas', given.areas, quick ? 2 : 15),
    years: whole('years', given.years, quick ? 1 : 3),
    sizes: { ...(quick ? QUICK : FULL), referrals, growthEvents, widerEvents },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean' },
        areas: { type: 'string' },
        years: { type: 'string' },
        million: { type: 'boolean' },
        'ten-million': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,3}$/u.test(text)) throw new UsageError(`--${name} is a whole number, from 1.`);
  return Number(text);
}
