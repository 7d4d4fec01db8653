import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  addMonths,
  dayOf,
  daysBetween,
  epochMs,
  instantOfEpochMs,
  isCivilDate,
  lastDayOf,
  monthOf,
  parseInstant,
  startOfDay,
  type CivilDate,
  type Instant,
  type Month,
} from '#kernel';

// Written out in the tests below; `isCivilDate` and `parseInstant` are tested themselves.
const date = (text: string): CivilDate => text as CivilDate;
const instant = (text: string): Instant => text as Instant;
const dates = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays(date('1990-01-01'), days));

test.each([
  ['2024-02', '2024-02-29'],
  ['2025-02', '2025-02-28'],
  ['9999-12', '9999-12-31'],
])('the last day of %s is %s', (month, day) => {
  expect(lastDayOf(month as Month)).toBe(day);
});

describe('the day in London', () => {
  test.each([
    // In winter London keeps Greenwich time.
    ['2026-01-15T00:00:00.000Z', '2026-01-15'],
    ['2026-01-15T23:59:59.999Z', '2026-01-15'],
    // In summer it is an hour ahead: the day begins at 23:00 Greenwich time.
    ['2026-06-30T22:59:59.999Z', '2026-06-30'],
    ['2026-06-30T23:00:00.000Z', '2026-07-01'],
    // The clocks go forward on 29 March 2026 and back on 25 October 2026, both at 01:00 Greenwich.
    ['2026-03-28T23:30:00.000Z', '2026-03-28'],
    ['2026-03-29T22:30:00.000Z', '2026-03-29'],
    ['2026-03-29T23:30:00.000Z', '2026-03-30'],
    ['2026-10-24T23:30:00.000Z', '2026-10-25'],
    ['2026-10-25T23:30:00.000Z', '2026-10-25'],
    ['2026-10-26T00:00:00.000Z', '2026-10-26'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31'],
  ])('of %s is %s', (at, day) => {
    expect(dayOf(instant(at))).toBe(day);
  });

  test('is the one that others find', () => {
    // Years of double summer time among them.
    const moments = fc.integer({ min: epochMs(instant('1935-01-01T00:00:00.000Z')), max: 5e12 });
    const others = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' });
    fc.assert(
      fc.property(moments, (ms) => {
        expect(dayOf(instantOfEpochMs(ms))).toBe(others.format(ms));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['2026-01-15', '2026-01-15T00:00:00.000Z'],
    ['2026-07-01', '2026-06-30T23:00:00.000Z'],
    ['2026-03-29', '2026-03-29T00:00:00.000Z'],
    ['2026-03-30', '2026-03-29T23:00:00.000Z'],
    ['2026-10-25', '2026-10-24T23:00:00.000Z'],
    ['2026-10-26', '2026-10-26T00:00:00.000Z'],
  ])('%s begins at %s', (day, at) => {
    expect(startOfDay(date(day))).toBe(at);
  });

  test('begins where the day before ends', () => {
    fc.assert(
      fc.property(dates, (day) => {
        const start = startOfDay(day);
        expect(dayOf(start)).toBe(day);
        expect(dayOf(instantOfEpochMs(epochMs(start) - 1))).toBe(addDays(day, -1));
        const hours = (epochMs(startOfDay(addDays(day, 1))) - epochMs(start)) / 3_600_000;
        expect([23, 24, 25]).toContain(hours);
      }),
    );
  });
});

describe('a civil date', () => {
  test.each(['2026-02-28', '2028-02-29', '2000-02-29', '2026-12-31', '0001-01-01'])(
    '%s is one',
    (text) => {
      expect(isCivilDate(text)).toBe(true);
    },
  );

  test.each([
    '2026-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-04-31',
    '26-01-01',
    '2026-1-1',
    '20260101',
    '2026-01-01T00:00',
    '2026-01-01 ',
    '2026-01-01\n',
    '+002026-01-01',
    '',
  ])('%j is none', (text) => {
    expect(isCivilDate(text)).toBe(false);
  });

  test('counts its days', () => {
    expect(addDays(date('2026-02-27'), 2)).toBe('2026-03-01');
    expect(addDays(date('2026-01-01'), -1)).toBe('2025-12-31');
    expect(daysBetween(date('2026-03-28'), date('2026-03-30'))).toBe(2);
    expect(daysBetween(date('2026-03-30'), date('2026-03-28'))).toBe(-2);
    fc.assert(
      fc.property(dates, fc.integer({ min: -5000, max: 5000 }), (from, days) => {
        expect(daysBetween(from, addDays(from, days))).toBe(days);
      }),
    );
  });

  test('in text order is in date order', () => {
    fc.assert(
      fc.property(dates, dates, (a, b) => {
        expect(Math.sign(daysBetween(a, b))).toBe(a === b ? 0 : a < b ? 1 : -1);
      }),
    );
  });

  test('a month later is the same day, or the last one of a shorter month', () => {
    expect(addMonths(date('2026-01-15'), 1)).toBe('2026-02-15');
    expect(addMonths(date('2026-01-31'), 1)).toBe('2026-02-28');
    expect(addMonths(date('2028-01-31'), 1)).toBe('2028-02-29');
    expect(addMonths(date('2026-03-31'), -1)).toBe('2026-02-28');
    expect(addMonths(date('2026-11-30'), 14)).toBe('2028-01-30');
    expect(monthOf(date('2026-11-22'))).toBe('2026-11');
  });
});

describe('an instant', () => {
  test.each([
    ['2026-11-22T10:15:00Z', '2026-11-22T10:15:00.000Z'],
    ['2026-11-22T10:15Z', '2026-11-22T10:15:00.000Z'],
    ['2026-07-01T00:30:00+01:00', '2026-06-30T23:30:00.000Z'],
    ['2026-11-22T10:15:00.1234Z', '2026-11-22T10:15:00.123Z'],
  ])('%s has the normal form %s', (text, normal) => {
    expect(parseInstant(text)).toBe(normal);
    expect(parseInstant(normal)).toBe(normal);
  });

  test.each([
    '2026-11-22T10:15:00',
    '2026-11-22',
    '2026-02-30T10:15:00Z',
    '2026-11-22T24:01:00Z',
    '2026-11-22T10:15:00+1:00',
    '2026-11-22T10:15:00[Europe/London]',
    ' 2026-11-22T10:15:00Z',
    // Years of five digits and before the first, whose text order is not time order.
    '9999-12-31T23:59:59-12:00',
    '9999-12-31T23:59:59.9999Z',
    '0000-01-01T00:00:00Z',
    '',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test('is the same as its milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
        expect(epochMs(instantOfEpochMs(ms))).toBe(ms);
      }),
    );
  });
});
