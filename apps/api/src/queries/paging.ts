import { createHash } from 'node:crypto';
import { refuse } from '#kernel';
import type { Position } from '#event-log';
import { PAGE_ITEMS_DEFAULT } from '../limits.js';
import { ProblemRaised } from '../problems/problem.js';

/**
 * Where a list goes on: after which of its items, and as of which place of the log the whole of it
 * is answered, so that what comes in between neither repeats an item nor leaves one out.
 */
export interface Place {
  readonly position: Position;
  readonly after: string;
}

/** The parameters that say which page, not which list. */
const OF_PAGE = ['cursor', 'limit', 'minPosition'];

/** Which list it is: no cursor of another one goes on with it. */
export function listOf(path: string, given: Readonly<Record<string, unknown>>): string {
  const own = Object.entries(given).filter(([name]) => !OF_PAGE.includes(name));
  return JSON.stringify([path, ...own.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Nothing in it is secret: the check tells one that was damaged or is of another list. */
export function cursorOf(list: string, { position, after }: Place): string {
  const text = JSON.stringify([position.toString(), after]);
  return `${checkOf(list, text)}${Buffer.from(text).toString('base64url')}`;
}

const CHECK_LENGTH = 22;

function checkOf(list: string, text: string): string {
  const hash = createHash('sha256').update(`${list}\n${text}`).digest('base64url');
  return hash.slice(0, CHECK_LENGTH);
}

/** @throws ProblemRaised for what no page of this list gave */
export function placeIn(list: string, cursor: string): Place {
  const text = Buffer.from(cursor.slice(CHECK_LENGTH), 'base64url').toString();
  const place = cursor.startsWith(checkOf(list, text)) ? placeOf(text) : null;
  if (place !== null) return place;
  throw cursorRefused();
}

export function cursorRefused(): ProblemRaised {
  const message =
    'This cursor is not of this list: give `next` of the page before as it is, with all other ' +
    'parameters as they were, or leave it out to begin.';
  return new ProblemRaised([refuse('cursor-refused', message, { field: 'cursor' })]);
}

/** `null` for what `cursorOf` never wrote: anybody can reckon the check. */
function placeOf(text: string): Place | null {
  try {
    const [position, after] = JSON.parse(text) as [unknown, unknown];
    if (typeof position !== 'string' || typeof after !== 'string') return null;
    return /^\d{1,18}$/u.test(position) ? { position: BigInt(position), after } : null;
  } catch {
    return null;
  }
}

/** Of lists that go on after the so-manieth of something. */
export function numberOf(after = '0'): number {
  if (!/^\d{1,15}$/u.test(after)) throw cursorRefused();
  return Number(after);
}

export interface PageOf<T> {
  readonly items: readonly T[];
  /** The key of the last item, where more follow. */
  readonly after: string | null;
}

/** A page of items in the order of keys that stay theirs, whatever comes in between. */
export function pageByKey<T>(
  all: readonly T[],
  keyOf: (item: T) => string,
  {
    after = '',
    limit = PAGE_ITEMS_DEFAULT,
  }: { after?: string | undefined; limit?: number | undefined },
): PageOf<T> {
  const keyed = all.map((item) => ({ item, key: keyOf(item) })).filter(({ key }) => key > after);
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = keyed.slice(0, limit);
  const last = keyed.length > limit ? items.at(-1) : undefined;
  return { items: items.map(({ item }) => item), after: last?.key ?? null };
}

/** A page of a list that is answered as of one place of the log: it is the same every time. */
export function pageByPlace<T>(
  all: readonly T[],
  { after, limit = PAGE_ITEMS_DEFAULT }: { after?: string | undefined; limit?: number | undefined },
): PageOf<T> {
  const from = numberOf(after);
  const until = from + limit;
  return { items: all.slice(from, until), after: until < all.length ? String(until) : null };
}
