import type { Case, Course } from './case.js';
import { addWorkingDays, dayAt, type Minute } from './days.js';
import { DROP_OUT_REASONS, NO_REASON } from './parameters.js';
import type { Draws } from './random.js';

/** An end once, whatever comes first. */
export function endCourse(
  one: Case,
  course: Course,
  at: Minute,
  command: string,
  data: Readonly<Record<string, unknown>>,
): void {
  if (!course.isLive) return;
  course.isLive = false;
  const then = (now: Minute) => {
    course.leave(now);
  };
  one.tell(at, command, { prescription: course.id, ...data }, { then });
  one.courseEnded(at);
}

/** The person stops altogether: whatever is live ends with it. */
export function dropOutAltogether(one: Case, at: Minute): void {
  const { live } = one;
  for (const course of live) course.isLive = false;
  const then = (now: Minute) => {
    for (const course of live) course.leave(now);
  };
  one.tell(at, 'RecordDropOut', reasonOf(one.draws), { then });
}

export function reasonOf(draws: Draws): { readonly reason?: string } {
  return draws.chance(NO_REASON) ? {} : { reason: draws.weighted(DROP_OUT_REASONS) };
}

/** A link worker hears of it some days later. */
export const heardOf = (one: Case, at: Minute): Minute =>
  one.onWorkingDay(addWorkingDays(dayAt(at), one.draws.whole(1, 3)));
