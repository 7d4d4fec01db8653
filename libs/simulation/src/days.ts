import {
  addDays,
  daysBetween,
  epochMs,
  instantOfEpochMs,
  startOfDay,
  type CivilDate,
  type Instant,
} from '#kernel';

/** Funds' years run from April to March; the first day is a Tuesday. */
export const FIRST_YEAR = 2025;
export const FIRST_DAY = `${FIRST_YEAR}-04-01` as CivilDate;
/** Of the first day, Monday being 0. */
const FIRST_WEEKDAY = 1;
const SATURDAY = 5;
const MS_PER_MINUTE = 60_000;
export const MINUTES_PER_DAY = 24 * 60;

/**
 * A day by its number, the first being 0, and a time by its minutes on the clock since the
 * beginning of the first day. Public holidays are days like others here.
 */
export type DayNumber = number;
export type Minute = number;

interface KnownDay {
  readonly date: CivilDate;
  readonly startMs: number;
}
/** Dates are many and days are few. */
const knownDays: KnownDay[] = [];

function known(day: DayNumber): KnownDay {
  const found = knownDays[day];
  if (found !== undefined) return found;
  const date = addDays(FIRST_DAY, day);
  return (knownDays[day] = { date, startMs: epochMs(startOfDay(date)) });
}

export const dateOf = (day: DayNumber): CivilDate => known(day).date;
export const dayNumberOf = (date: CivilDate): DayNumber => daysBetween(FIRST_DAY, date);
export const dayAt = (at: Minute): DayNumber => Math.floor(at / MINUTES_PER_DAY);
export const minuteOn = (day: DayNumber, minute: number): Minute => day * MINUTES_PER_DAY + minute;

export function instantAt(at: Minute): Instant {
  const day = dayAt(at);
  const minutes = at - day * MINUTES_PER_DAY;
  return instantOfEpochMs(known(day).startMs + minutes * MS_PER_MINUTE);
}

export const isWorkingDay = (day: DayNumber): boolean => (day + FIRST_WEEKDAY) % 7 < SATURDAY;

/** That day, or the next on which people work. */
export function workingDayFrom(day: DayNumber): DayNumber {
  let at = day;
  while (!isWorkingDay(at)) at += 1;
  return at;
}

export function addWorkingDays(day: DayNumber, days: number): DayNumber {
  let at = workingDayFrom(day);
  for (let left = days; left > 0; left -= 1) at = workingDayFrom(at + 1);
  return at;
}
