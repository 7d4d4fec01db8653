import { addDays, isCivilDate, refuse, type CivilDate, type Refusal } from '#kernel';

/** What a column of dates is for: births lie in the past, everything else in this century. */
export type DateKind = 'event' | 'birth';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+/u;
/** With seconds, fractions, a zone, or am and pm: only the day counts. */
const TIME = new RegExp(
  '(?:[t\\s]|,\\s*)\\d{1,2}[:.]\\d{2}(?:[:.]\\d{2})?(?:\\.\\d+)?\\s*' +
    '(?:[ap]\\.?m\\.?)?(?:z|[+-]\\d{2}:?\\d{2})?$',
  'u',
);
const SEP = '[\\s./-]';
const ISO = /^(\d{4})[./-](\d{1,2})[./-](\d{1,2})$/u;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/u;
const NUMBERS = /^(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{2}|\d{4})$/u;
const DAY_MONTH = new RegExp(
  `^(\\d{1,2})(?:st|nd|rd|th)?(?:\\s+of)?${SEP}*${MONTH}${SEP}*,?\\s*'?(\\d{4}|\\d{2})$`,
  'u',
);
const MONTH_DAY = new RegExp(`^${MONTH}\\s+(\\d{1,2})(?:st|nd|rd|th)?,?\\s+(\\d{4})$`, 'u');
/** Days since the last of 1899: how Excel keeps a date (1900 system). From 1927 to 2173. */
const SERIAL = /^(\d{5})(?:[.,]\d+)?$/u;
const SERIAL_DAY_ZERO = '1899-12-30' as CivilDate;

/** Whether a column puts the month first, by the cells of it that can be read in one way only. */
export function monthFirst(cells: Iterable<string>): boolean {
  let found = false;
  for (const cell of cells) {
    const [, first, second] = NUMBERS.exec(plain(cell)) ?? [];
    if (Number(first) > 12) return false;
    if (Number(second) > 12 && Number(second) <= 31) found = true;
  }
  return found;
}

/**
 * A day as people type it, day first. `latest` is the last day it can be: a birth with a year of
 * two digits lies on or before it, any other such year is of this century.
 */
export function readDate(cell: string, kind: DateKind, latest: CivilDate): CivilDate | Refusal {
  const text = plain(cell);
  const [, serial] = SERIAL.exec(text) ?? [];
  if (serial !== undefined) return addDays(SERIAL_DAY_ZERO, Number(serial));
  const parts = partsOf(text);
  if (parts === null) return notADate(text);
  const [yearText, month, day] = parts;
  const made = (year: number) => dateOf(year, month, day);
  if (yearText.length === 4) return made(Number(yearText)) ?? noSuchDay(text, month, day);
  const recent = made(2000 + Number(yearText));
  if (kind === 'event') return recent ?? noSuchDay(text, month, day);
  if (recent !== null && recent <= latest) return recent;
  return made(1900 + Number(yearText)) ?? noSuchDay(text, month, day);
}

function plain(cell: string): string {
  const text = cell.toLowerCase().replace(WEEKDAY, '');
  return text.replace(TIME, '').trim();
}

type Parts = readonly [year: string, month: number, day: number];

function partsOf(text: string): Parts | null {
  const iso = ISO.exec(text) ?? COMPACT.exec(text);
  if (iso !== null) {
    const [, year = '', month, day] = iso;
    return [year, Number(month), Number(day)];
  }
  const numbers = NUMBERS.exec(text);
  if (numbers !== null) {
    const [, day, month, year = ''] = numbers;
    return [year, Number(month), Number(day)];
  }
  const named = DAY_MONTH.exec(text);
  if (named !== null) {
    const [, day, month = '', year = ''] = named;
    return [year, MONTHS.indexOf(month) + 1, Number(day)];
  }
  const other = MONTH_DAY.exec(text);
  if (other === null) return null;
  const [, month = '', day, year = ''] = other;
  return [year, MONTHS.indexOf(month) + 1, Number(day)];
}

function dateOf(year: number, month: number, day: number): CivilDate | null {
  const two = (part: number) => String(part).padStart(2, '0');
  const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return isCivilDate(text) ? text : null;
}

const MONTH_NAMES =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** Without the year: a date of birth is never said back whole. */
function noSuchDay(text: string, month: number, day: number): Refusal {
  if (NUMBERS.test(text) && month > 12 && month <= 31 && day <= 12) {
    return refuse(
      'month-first',
      `There is no month ${month}: the month seems to stand first. Dates are read day first; write ` +
        'them as 2026-03-31 to be sure.',
    );
  }
  const name = MONTH_NAMES[month - 1];
  const leap = day === 29 && month === 2 ? ' in that year' : '';
  const what = name === undefined ? `There is no month ${month}` : `${day} ${name} does not exist`;
  return refuse('no-such-day', `${what}${leap}: correct the date.`);
}

function notADate(text: string): Refusal {
  if (/^\d{4}$/u.test(text) || new RegExp(`^${MONTH}${SEP}*\\d{2,4}$`, 'u').test(text)) {
    return refuse('not-a-date', 'This date has no day: write it whole, as 31/03/2026.');
  }
  return refuse('not-a-date', 'This is not a date: write it as 31/03/2026 or 2026-03-31.');
}
