import { InvalidArgumentError, type Command } from 'commander';
import type { CivilDate, Slug } from '#kernel';
import type { Position } from '#event-log';
import type { OnProgress } from '#projection';
import type { KnownBy } from '#referral';
import * as engine from '#engine';
import { progressLine } from '../terminal/progress.js';

export interface KnownAtFlag {
  readonly knownAt?: engine.KnownAt;
}

/** The one option that all reports share. */
export function withKnownAt(command: Command): Command {
  return command.option(
    '--known-at <when>',
    'as it was known then: by the end of a day (2026-05-31), at an instant ' +
      '(2026-05-31T17:00:00+01:00), once an event (its id) or a position of the log was there',
    knownAtArgument,
  );
}

export function knownAtArgument(text: string): engine.KnownAt {
  const knownAt = engine.readKnownAt(text);
  if (knownAt !== null) return knownAt;
  const [first = '', ...more] = engine.KNOWN_AT_FORMS;
  throw new InvalidArgumentError(`${first.toUpperCase()}${more.join('')}.`);
}

/** @throws CommandRefused when there is no such event or position */
export function knownBy(wayledger: engine.Wayledger, knownAt: engine.KnownAt): Promise<KnownBy> {
  return looking((onProgress) => engine.knownBy(wayledger, knownAt, onProgress));
}

/** The cut of one anchor's books; none where none was asked for. */
export async function knownByOf(
  wayledger: engine.Wayledger,
  anchor: Slug,
  { knownAt }: KnownAtFlag,
): Promise<Position | undefined> {
  if (knownAt === undefined) return undefined;
  return (await knownBy(wayledger, knownAt))(anchor);
}

/** The day from which one looks who knows no more than that; `null` where nobody knew anything. */
export function dayOfCut(
  wayledger: engine.Wayledger,
  knownAt: engine.KnownAt,
): Promise<CivilDate | null> {
  return looking((onProgress) => engine.dayOfCut(wayledger, knownAt, onProgress));
}

/** An event that the books do not know is looked for in the whole log. */
async function looking<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const bar = progressLine('looking for the event', 'events');
  try {
    return await work(bar.follow);
  } finally {
    bar.end();
  }
}
