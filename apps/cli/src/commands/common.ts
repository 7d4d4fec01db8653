import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { isCivilDate, isSlug, type CivilDate, type Slug } from '#kernel';
import type { Settled } from '#funding';
import { DataRefused, Wayledger, type OpenOptions } from '../wayledger.js';
import { progressLine } from '../terminal/progress.js';

export interface CommonOptions {
  readonly data: string;
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

/** As `withWayledger`, for what only reads: it makes no store where there is none. */
export async function withExisting<T>(
  { data }: Pick<OpenOptions, 'data'>,
  work: (wayledger: Wayledger) => Promise<T>,
): Promise<T> {
  if (!existsSync(join(data, 'log.db'))) {
    throw new DataRefused(
      `There is no store in "${data}": import something into it first, or check --data.`,
    );
  }
  return withWayledger({ data }, work);
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
  const update = ({ done, total }: { done: bigint; total: bigint }) => {
    bar.update(Number(done), Number(total));
  };
  try {
    if (how === 'settle') return await wayledger.settle(update);
    await wayledger.catchUp(update);
    return null;
  } finally {
    bar.end();
  }
}
