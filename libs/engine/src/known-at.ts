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
} from '#kernel';
import { LOG_START, type Position } from '#event-log';
import { KnownDayQuery, KnownPositionQuery, PostedEventQuery } from '#funding';
import type { OnProgress } from '#projection';
import type { KnownBy } from '#referral';
import type { Wayledger } from './wayledger.js';

/** A point of knowledge, as it was asked for. */
export type KnownAt = { readonly text: string } & (
  { readonly at: Instant } | { readonly event: EventId } | { readonly position: Position }
);

export const KNOWN_AT_FORMS =
  'a day (2026-05-31), an instant with its offset (2026-05-31T17:00:00+01:00), ' +
  'the id of an event, or a position of the log (digits)';

const POSITION = /^\d{1,18}$/u;

/** By the end of a day, at an instant, once an event or a position was there; else `null`. */
export function readKnownAt(text: string): KnownAt | null {
  if (isCivilDate(text)) return { text, at: endOfDay(text) };
  const at = parseInstant(text);
  if (at !== null) return { text, at };
  if (isUuid(text.toLowerCase())) return { text, event: text.toLowerCase() as EventId };
  return POSITION.test(text) ? { text, position: BigInt(text) } : null;
}

/** @throws CommandRefused when there is no such event or position */
export async function knownBy(
  wayledger: Wayledger,
  knownAt: KnownAt,
  onProgress?: OnProgress,
): Promise<KnownBy> {
  if ('at' in knownAt) {
    return (anchor) => wayledger.query(new KnownPositionQuery(anchor, knownAt.at));
  }
  const position = await positionOf(wayledger, knownAt, onProgress);
  return () => Promise.resolve(position);
}

/** The day from which one looks who knows no more than that; `null` where nobody knew anything. */
export async function dayOfCut(
  wayledger: Wayledger,
  knownAt: KnownAt,
  onProgress?: OnProgress,
): Promise<CivilDate | null> {
  if ('at' in knownAt) return dayOf(knownAt.at);
  return wayledger.query(new KnownDayQuery(await positionOf(wayledger, knownAt, onProgress)));
}

function positionOf(
  wayledger: Wayledger,
  knownAt: Exclude<KnownAt, { readonly at: Instant }>,
  onProgress?: OnProgress,
): Promise<Position> {
  return 'event' in knownAt
    ? positionOfEvent(wayledger, knownAt.event, onProgress)
    : positionInLog(wayledger, knownAt.position);
}

async function positionInLog({ log }: Wayledger, position: Position): Promise<Position> {
  const head = await log.head();
  if (position <= head) return position;
  throw new CommandRefused([
    refuse('no-such-position', `The log ends at position ${head}: there is no ${position} yet.`, {
      field: 'knownAt',
    }),
  ]);
}

const PAGE_EVENTS = 1_000;

/** At once for an event that the books know, else by reading the log. */
async function positionOfEvent(
  wayledger: Wayledger,
  event: EventId,
  onProgress: OnProgress = () => undefined,
): Promise<Position> {
  const posted = await wayledger.query(new PostedEventQuery(event));
  if (posted !== null) return posted;
  const { log } = wayledger;
  const total = await log.head();
  let events = 0;
  for await (const page of log.readLog({ after: LOG_START, max: PAGE_EVENTS })) {
    const found = page.find(({ id }) => id === event);
    if (found !== undefined) return found.position;
    events += page.length;
    onProgress({ done: page.at(-1)?.position ?? total, total, events });
  }
  throw new CommandRefused([
    refuse('no-such-event', `There is no event ${event} in this log: check its id.`, {
      field: 'knownAt',
    }),
  ]);
}
