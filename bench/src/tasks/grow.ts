import type { LogPlace } from '../contestants/wayledger-log.ts';
import type { Planned } from '../inputs/again.ts';
import { copiesFor, copiesOf } from '../inputs/copies.ts';
import { fill } from '../inputs/filling.ts';
import { Questions, type Question } from '../inputs/questions.ts';
import { eventsOf } from '../inputs/spring-log.ts';
import { yearOf, yearsOf, type Year } from '../inputs/years.ts';

export interface Grown {
  readonly events: number;
  /** What would be asked about the middle of it. */
  readonly questions: readonly Question[];
}

/**
 * Fills a log with one year of a template, again and again, until it has so many events. With
 * `wider`, until it has so many as that says: then what happened happens to as many more people at
 * the same time as make at least `events`.
 */
export default async function grow({
  log: place,
  template,
  events,
  wider,
}: {
  readonly log: LogPlace;
  readonly template: string;
  readonly events: number;
  readonly wider?: number;
}): Promise<Grown> {
  const year = await yearOf(eventsOf(template));
  const planned = wider === undefined ? yearsOf(year, events) : widened(year, wider, events);
  const questions = new Questions();
  return { events: await fill(place, noting(planned, questions)), questions: questions.all() };
}

function widened(year: Year, first: number, events: number): Iterable<Planned> {
  const happened = [...yearsOf(year, first)].map(({ stream, event }) => ({ stream, ...event }));
  return copiesOf(happened, copiesFor(happened, events));
}

function* noting(planned: Iterable<Planned>, questions: Questions): Generator<Planned> {
  for (const each of planned) {
    questions.note(each.event);
    yield each;
  }
}
