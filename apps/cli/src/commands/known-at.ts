import { InvalidArgumentError, type Command } from 'commander';
import {
  CommandRefused,
  dayOf,
  endOfDay,
  isCivilDate,
  isUuid,
  parseInstant,
  refuse,
  type CivilDate,
  type EventId,
  type Instant,
  type Slug,
} from '#kernel';
import { LOG_START, type Position } from '#event-log';
import { KnownDayQuery, KnownPositionQuery, PostedEventQuery } from '#funding';
import { progressLine } from '../terminal/progress.js';
import type { Wayledger } from '#engine';

/** A point of knowledge, as it was asked for. */
export type KnownAt = { readonly text: string } & (
  { readonly at: Instant } | { readonly event: EventId } | { readonly position: Position }
);

export interface KnownAtFlag {
  readonly knownAt?: KnownAt;
}

const POSITION = /^\d{1,18}$/u;

/** The one option that all reports share. */
export function withKnownAt(command: Command): Command {
  return command.option(
    '--known-at <when>',
    'as it was known then: by the end of a day (2026-05-31), at an instant ' +
      '(2026-05-31T17:00:00+01:00), once an event (its id) or a position of the log was there',
    knownAtArgument,
  );
}

export function knownAtArgument(text: string): KnownAt {
  if (isCivilDate(text)) return { text, at: endOfDay(text) };
  const at = parseInstant(text);
  if (at !== null) return { text, at };
  if (isUuid(text.toLowerCase())) return { text, event: text.toLowerCase() as EventId };
  if (POSITION.test(text)) return { text, position: BigInt(text) };
  throw new InvalidArgumentError(
    'A day (2026-05-31), an instant with its offset (2026-05-31T17:00:00+01:00), ' +
      'the id of an event, or a position of the log (digits).',
  );
}

/** How far in the log an anchor knew: the same cut for books and referrals. */
export type KnownBy = (anchor: Slug) => Promise<Position>;

/** @throws CommandRefused when there is no such event or position */
export async function knownBy(wayledger: Wayledger, knownAt: KnownAt): Promise<KnownBy> {
  if ('at' in knownAt) {
    return (anchor) => wayledger.query(new KnownPositionQuery(anchor, knownAt.at));
  }
  const position = await positionOf(wayledger, knownAt);
  return () => Promise.resolve(position);
}

/** The cut of one anchor's books; none where none was asked for. */
export async function knownByOf(
  wayledger: Wayledger,
  anchor: Slug,
  { knownAt }: KnownAtFlag,
): Promise<Position | undefined> {
  if (knownAt === undefined) return undefined;
  return (await knownBy(wayledger, knownAt))(anchor);
}

/** The day from which one looks who knows no more than that; `null` where nobody knew anything. */
export async function dayOfCut(wayledger: Wayledger, knownAt: KnownAt): Promise<CivilDate | null> {
  if ('at' in knownAt) return dayOf(knownAt.at);
  return wayledger.query(new KnownDayQuery(await positionOf(wayledger, knownAt)));
}

function positionOf(
  wayledger: Wayledger,
  knownAt: Exclude<KnownAt, { readonly at: Instant }>,
): Promise<Position> {
  return 'event' in knownAt
    ? positionOfEvent(wayledger, knownAt.event)
    : positionInLog(wayledger, knownAt.position);
}

async function positionInLog({ log }: Wayledger, position: Position): Promise<Position> {
  const head = await log.head();
  if (position <= head) return position;
  throw new CommandRefused([
    refuse('no-such-position', `The log ends at position ${head}: there is no ${position} yet.`, {
      field: 'known-at',
    }),
  ]);
}

const PAGE_EVENTS = 1_000;

/** At once for an event that the books know, else by reading the log. */
async function positionOfEvent(wayledger: Wayledger, event: EventId): Promise<Position> {
  const posted = await wayledger.query(new PostedEventQuery(event));
  if (posted !== null) return posted;
  const { log } = wayledger;
  const total = await log.head();
  const bar = progressLine('looking for the event', 'events');
  let events = 0;
  try {
    for await (const page of log.readLog({ after: LOG_START, max: PAGE_EVENTS })) {
      const found = page.find(({ id }) => id === event);
      if (found !== undefined) return found.position;
      events += page.length;
      bar.follow({ done: page.at(-1)?.position ?? total, total, events });
    }
  } finally {
    bar.end();
  }
  throw new CommandRefused([
    refuse('no-such-event', `There is no event ${event} in this log: check --known-at.`, {
      field: 'known-at',
    }),
  ]);
}
