import { InvalidArgumentError } from 'commander';
import {
  isCivilDate,
  isMonth,
  isSlug,
  messageOf,
  type CivilDate,
  type Month,
  type Slug,
} from '#kernel';
import { LogUnavailable } from '#event-log';
import type { Settled } from '#funding';
import { type OpenOptions, Wayledger, givenKeys, givenLog, givenViews } from '#engine';
import { ViewsUnavailable } from '#projection';
import { notice } from '../terminal/output.js';
import { progressLine } from '../terminal/progress.js';

export interface CommonOptions {
  readonly data: string;
  /** These three are in the data folder unless given. */
  readonly log?: string;
  readonly keys?: string;
  readonly views?: string;
  readonly json?: boolean;
}

export function folderArgument(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('The name of a folder.');
}

export function slugArgument(text: string): Slug {
  if (isSlug(text)) return text;
  throw new InvalidArgumentError('A slug has lower-case letters, digits and single dashes.');
}

export function dateArgument(text: string): CivilDate {
  if (isCivilDate(text)) return text;
  throw new InvalidArgumentError('A date that exists, as YYYY-MM-DD.');
}

export function monthArgument(text: string): Month {
  if (isMonth(text)) return text;
  throw new InvalidArgumentError('A month, as YYYY-MM.');
}

/** What a command line and its environment say about the stores. */
export function storesOf(flags: CommonOptions, environment = process.env): OpenOptions {
  const log = givenLog(flags.log, environment);
  const keys = givenKeys(flags.keys);
  const views = givenViews(flags.views);
  const { data } = flags;
  return {
    data,
    ...(log && { log }),
    ...(keys && { keys }),
    ...(views && { views }),
    onWaiting: notice,
  };
}

/** As `withWayledger`, for what only reads: it makes no store where there is none. */
export function withExisting<T>(
  flags: CommonOptions,
  work: (wayledger: Wayledger) => Promise<T>,
): Promise<T> {
  return withWayledger({ ...storesOf(flags), existing: true }, work);
}

/** Opens the stores, does the work, and closes them whatever happens. */
export async function withWayledger<T>(
  options: OpenOptions,
  work: (wayledger: Wayledger) => Promise<T>,
): Promise<T> {
  const wayledger = await Wayledger.open(options);
  try {
    return await work(wayledger);
  } finally {
    await wayledger.close();
  }
}

/** Brings the read models up to the log, with a bar when that takes its time. */
export async function catchUpShown(wayledger: Wayledger, how: 'settle'): Promise<Settled>;
export async function catchUpShown(wayledger: Wayledger, how: 'read'): Promise<null>;
export async function catchUpShown(
  wayledger: Wayledger,
  how: 'settle' | 'read',
): Promise<Settled | null> {
  const bar = progressLine('reading the log', 'events');
  try {
    if (how === 'settle') return await wayledger.settle(bar.follow);
    await wayledger.catchUp(bar.follow);
    return null;
  } finally {
    bar.end();
  }
}

/** For work that goes on where it was when it is done again: who is cut off is told so. */
export async function goesOn<T>(how: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = `${messageOf(error).replace(/\.$/u, '')}. ${how}`;
    if (error instanceof ViewsUnavailable) throw new ViewsUnavailable(message, { cause: error });
    if (!(error instanceof LogUnavailable)) throw error;
    throw new LogUnavailable(message, error.mayBeWritten, { cause: error });
  }
}
