import { Temporal } from 'temporal-polyfill';

declare const brand: unique symbol;

/** A civil date in Europe/London as `YYYY-MM-DD`: text order is date order. */
export type CivilDate = string & { readonly [brand]: 'civil-date' };
/** A moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`: text order is time order. */
export type Instant = string & { readonly [brand]: 'instant' };
/** A month of the books as `YYYY-MM`. */
export type Month = string & { readonly [brand]: 'month' };

const ZONE = 'Europe/London';
const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

export function isCivilDate(text: string): text is CivilDate {
  if (!CIVIL_DATE.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

function instantText(instant: Temporal.Instant): Instant {
  return instant.round('millisecond').toString({ fractionalSecondDigits: 3 }) as Instant;
}

/** Years of four digits: only so is text order time order. London's day may be the one before. */
const ORDERED = /^(?!0000)\d{4}-/u;

/** An instant with its offset, in one normal form; `null` when the text is not one. */
export function parseInstant(text: string): Instant | null {
  if (!INSTANT.test(text)) return null;
  try {
    const instant = instantText(Temporal.Instant.from(text));
    return ORDERED.test(instant) ? instant : null;
  } catch {
    return null;
  }
}

export function instantOfEpochMs(epochMs: number): Instant {
  return instantText(Temporal.Instant.fromEpochMilliseconds(epochMs));
}

export function epochMs(instant: Instant): number {
  return Temporal.Instant.from(instant).epochMilliseconds;
}

/** Midnight at the start of a day in London. */
export function startOfDay(date: CivilDate): Instant {
  return instantText(Temporal.PlainDate.from(date).toZonedDateTime(ZONE).toInstant());
}

const dayByHour = new Map<string, CivilDate>();
const DAYS_KEPT_MAX = 10_000;

/** Since then London has been at UTC or an hour ahead (the IANA time zone database, `europe`). */
const HOUR_AHEAD_SINCE = '1972';
/** In UTC: before it, that is the same day. */
const LAST_HOUR = '23';

/** The day that people in London call the day of this instant. */
export function dayOf(instant: Instant): CivilDate {
  if (instant >= HOUR_AHEAD_SINCE && instant.slice(11, 13) < LAST_HOUR) {
    return instant.slice(0, 10) as CivilDate;
  }
  // London's offsets are whole hours: all of one UTC hour is the same day there.
  const hour = instant.slice(0, 13);
  const known = dayByHour.get(hour);
  if (known !== undefined) return known;
  if (dayByHour.size >= DAYS_KEPT_MAX) dayByHour.clear();
  const day = londonDay(instant);
  dayByHour.set(hour, day);
  return day;
}

function londonDay(instant: Instant): CivilDate {
  return Temporal.Instant.from(instant)
    .toZonedDateTimeISO(ZONE)
    .toPlainDate()
    .toString() as CivilDate;
}

export function addDays(date: CivilDate, days: number): CivilDate {
  return Temporal.PlainDate.from(date).add({ days }).toString() as CivilDate;
}

/** One month later on the same day, or on the last day of a shorter month. */
export function addMonths(date: CivilDate, months: number): CivilDate {
  return Temporal.PlainDate.from(date).add({ months }).toString() as CivilDate;
}

/** Days from one date to another: negative when `to` lies before `from`. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: 'days' })
    .days;
}

export function monthOf(date: CivilDate): Month {
  return date.slice(0, 7) as Month;
}

export function isMonth(text: string): text is Month {
  return /^\d{4}-\d{2}$/u.test(text) && isCivilDate(`${text}-01`);
}

export function firstDayOf(month: Month): CivilDate {
  return `${month}-01` as CivilDate;
}

export function lastDayOf(month: Month): CivilDate {
  return `${month}-${Temporal.PlainYearMonth.from(month).daysInMonth}` as CivilDate;
}

export function nextMonth(month: Month): Month {
  return monthOf(addMonths(firstDayOf(month), 1));
}

/** The last moment that people in London call part of this day. */
export function endOfDay(date: CivilDate): Instant {
  return instantOfEpochMs(epochMs(startOfDay(addDays(date, 1))) - 1);
}
