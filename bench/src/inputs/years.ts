import { FIRST_YEAR } from '#dist/libs/simulation/src/days.js';
import type { StoredEvent } from '#event-log';
import { Again, isOfPeople, toPlan, type Happened, type Planned } from './again.ts';

/** Of which one is taken: the years before and after it are there for the lives that overlap. */
export const YEARS = 3;
/** The second: the first begins with nobody. A year of the money, from April. */
const [FROM, TO] = [`${FIRST_YEAR + 1}-04`, `${FIRST_YEAR + 2}-04`];
const MONEY = /^(?:fund|budget|books)-/u;
const RECORDED_AT = /"recordedAt":"(?<at>[^"]+)"/u;

/** What happens again each year, and what it stands on; each in the order of time. */
export interface Year {
  readonly once: readonly Happened[];
  readonly yearly: readonly Happened[];
  readonly again: Again;
}

/**
 * One year of a log of `YEARS`: the people referred in it with all that becomes of them, be it a
 * year later, and the money of the year: its funds, budgets and closes. The directory, places and
 * agreements are there once. Other people and other years' money are left out.
 */
export async function yearOf(log: AsyncIterable<StoredEvent>): Promise<Year> {
  const [once, yearly, again] = [[] as Happened[], [] as Happened[], new Again()];
  const people = new PeopleOfYear();
  for await (const event of log) {
    if (isOfPeople(event)) {
      if (!people.has(event)) continue;
      yearly.push(event);
    } else if (!MONEY.test(event.stream)) once.push(event);
    else if (isOfYear(event)) yearly.push(event);
    // Also other years' budgets: lives that overlap draw on the next one.
    again.note(event);
  }
  return { once: inOrder(once), yearly: inOrder(yearly), again };
}

/**
 * Year after year, in the order of time, until there are so many events: the year happens again a
 * year later, to others. Lives last longer than a year, so that years overlap.
 */
export function* yearsOf(
  { once, yearly, again }: Year,
  events: number,
): Generator<Planned, void, undefined> {
  let newest = new Telling(yearly, again, 0);
  let tellings = [new Telling(once, again, 0), newest];
  for (let told = 0; told < events; told += 1) {
    let next = newest;
    for (const each of tellings) if (each.at < next.at) next = each;
    yield next.tell();
    if (next === newest) {
      newest = new Telling(yearly, again, newest.years + 1);
      tellings.push(newest);
    }
    if (next.isOver) tellings = tellings.filter((each) => each !== next);
  }
}

/** A list of facts, told once from its beginning to its end, so many years later. */
class Telling {
  readonly years: number;
  /** When the next one is recorded. */
  at = '';
  readonly #events: readonly Happened[];
  readonly #again: Again;
  #next = 0;

  constructor(events: readonly Happened[], again: Again, years: number) {
    this.years = years;
    this.#events = events;
    this.#again = again;
    this.#look();
  }

  get isOver(): boolean {
    return this.#next >= this.#events.length;
  }

  tell(): Planned {
    const event = this.#events[this.#next];
    if (event === undefined) throw new Error('There is nothing more to tell of this year');
    this.#next += 1;
    this.#look();
    const { years } = this;
    return years === 0
      ? toPlan(event)
      : this.#again.tell(event, { whose: years, yearsLater: years });
  }

  /** A fact of 29 February stays behind those that it followed, also where it falls on the 28th. */
  #look(): void {
    const event = this.#events[this.#next];
    if (event === undefined) return;
    const at = recordedAt(event);
    const year = Number(at.slice(0, 4)) + this.years;
    const moved = `${year}${at.slice(4)}`;
    if (moved > this.at) this.at = moved;
  }
}

/** Whose Referred falls into the year. Places and budgets name people's prescriptions. */
class PeopleOfYear {
  readonly #streams = new Set<string>();
  readonly #prescriptions = new Set<string>();

  has({ stream, type, data, metadata }: Happened): boolean {
    if (type === 'Referred' && isWithinYear(occurredOn(metadata))) this.#streams.add(stream);
    if (stream.startsWith('referral-')) return this.#streams.has(stream);
    const { prescription, referral } = JSON.parse(data) as Record<string, string>;
    if (prescription === undefined) return false;
    if (referral === undefined) return this.#prescriptions.has(prescription);
    if (!this.#streams.has(`referral-${referral}`)) return false;
    this.#prescriptions.add(prescription);
    return true;
  }
}

function isOfYear({ data, metadata }: Happened): boolean {
  const { month } = JSON.parse(data) as { readonly month?: string };
  return isWithinYear(month ?? occurredOn(metadata));
}

function isWithinYear(date: string): boolean {
  return date >= FROM && date < TO;
}

function occurredOn(metadata: string): string {
  return (JSON.parse(metadata) as { readonly occurredOn: string }).occurredOn;
}

function recordedAt({ metadata }: Happened): string {
  return RECORDED_AT.exec(metadata)?.groups?.['at'] ?? '';
}

/** Areas were told side by side, each in its own time. What was recorded together stays so. */
function inOrder(events: readonly Happened[]): readonly Happened[] {
  return events
    .map((event) => ({ event, at: recordedAt(event) }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ event }) => event);
}
