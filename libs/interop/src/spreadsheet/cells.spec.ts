import { describe, expect, test } from '@jest/globals';
import { isRefusal, type CivilDate } from '#kernel';
import {
  isBlankMark,
  readIdentifier,
  readList,
  readMinutes,
  readName,
  readWhole,
  spoiled,
  yesOrNo,
} from './cells.js';
import { monthFirst, readDate } from './dates.js';

const TODAY = '2026-11-01' as CivilDate;
const codeOf = (value: unknown) => (isRefusal(value) ? value.code : value);
const day = (cell: string) => codeOf(readDate(cell, 'event', TODAY));
const birth = (cell: string) => codeOf(readDate(cell, 'birth', TODAY));

describe('a date', () => {
  test.each([
    ['31/03/2026', '2026-03-31'],
    ['5/4/26', '2026-04-05'],
    ['05.04.2026', '2026-04-05'],
    ['20.3.2026', '2026-03-20'],
    ['5-4-2026', '2026-04-05'],
    ['26-Jan-26', '2026-01-26'],
    ['26 JAN 2026', '2026-01-26'],
    ['26Jan26', '2026-01-26'],
    ["3 Sept '26", '2026-09-03'],
    ['5 April 2026', '2026-04-05'],
    ['5th of April 2026', '2026-04-05'],
    ['April 5, 2026', '2026-04-05'],
    ['Tue 31 March 2026', '2026-03-31'],
    ['Tuesday, 31 March 2026', '2026-03-31'],
    ['2026-03-20', '2026-03-20'],
    ['2026/3/20', '2026-03-20'],
    ['20260320', '2026-03-20'],
    ['46095', '2026-03-14'],
    ['46095.75', '2026-03-14'],
    ['31/03/2026 14:30', '2026-03-31'],
    ['31/03/2026 2:30 PM', '2026-03-31'],
    ['2026-03-20T10:00:00Z', '2026-03-20'],
    ['2026-03-20 00:00:00', '2026-03-20'],
    ['2026-03-20T10:00:00.000+01:00', '2026-03-20'],
    ['29/02/2024', '2024-02-29'],
  ])('%s is %s', (cell, expected) => {
    expect(day(cell)).toBe(expected);
  });

  test.each([
    ['31/02/2026', 'no-such-day'],
    ['29/02/2026', 'no-such-day'],
    ['00/01/2026', 'no-such-day'],
    ['13/14/2026', 'no-such-day'],
    ['03/25/2026', 'month-first'],
    ['soon', 'not-a-date'],
    ['2026', 'not-a-date'],
    ['Mar-26', 'not-a-date'],
    ['1/2', 'not-a-date'],
    ['31/03/226', 'not-a-date'],
    ['12345678901', 'not-a-date'],
  ])('%s is refused: %s', (cell, code) => {
    expect(day(cell)).toBe(code);
  });

  test('of birth with a year of two digits lies in the past, up to the day it is asked for', () => {
    expect(birth('07-Jan-57')).toBe('1957-01-07');
    expect(birth('06-Jun-36')).toBe('1936-06-06');
    expect(birth('1/11/26')).toBe('2026-11-01');
    expect(birth('2/11/26')).toBe('1926-11-02');
    expect(birth('29/02/00')).toBe('2000-02-29');
    expect(birth('15000')).toBe('1941-01-24');
  });

  test('column puts the month first where cells say so and none says otherwise', () => {
    expect(monthFirst(['03/25/2026', '04/05/2026'])).toBe(true);
    expect(monthFirst(['03/25/2026', '25/03/2026'])).toBe(false);
    expect(monthFirst(['13/14/2026', '04/05/2026'])).toBe(false);
    expect(monthFirst(['04/05/2026', '2026-03-25', 'soon'])).toBe(false);
  });
});

describe('minutes', () => {
  test.each([
    ['90', 90],
    ['90.0', 90],
    ['2h', 120],
    ['2 hrs', 120],
    ['1:30', 90],
    ['1:30:00', 90],
    ['1h30', 90],
    ['1 hr 30 min', 90],
    ['1 hour and 5 minutes', 65],
    ['45 mins', 45],
    ["45'", 45],
    ['1.5 h', 90],
    ['1,5h', 90],
    ['0', 0],
  ])('%s are %d', (cell, minutes) => {
    expect(readMinutes(cell)).toBe(minutes);
  });

  test.each(['1.5', 'long', '1:75', '-5', '1h99', '0.333 h', '', '9999999'])(
    '%s are none',
    (cell) => {
      expect(codeOf(readMinutes(cell))).toBe('not-minutes');
    },
  );
});

describe('yes and no', () => {
  test.each(['Y', 'yes ', 'TRUE', '1', 'x', '✓', 'Yes.'])('%s is yes', (cell) => {
    expect(yesOrNo(cell)).toBe(true);
  });
  test.each(['N', 'no', 'FALSE', '0', '✗'])('%s is no', (cell) => {
    expect(yesOrNo(cell)).toBe(false);
  });
  test.each(['maybe', '', '?', 'late'])('%s is neither', (cell) => {
    expect(yesOrNo(cell)).toBeNull();
  });
});

describe('a number that somebody is known by', () => {
  test('is taken with spaces and dashes, and checked', () => {
    expect(readIdentifier('999 517 6009', 'nhsNumber')).toBe('9995176009');
    expect(readIdentifier('999-517\u00a06009', 'nhsNumber')).toBe('9995176009');
    expect(codeOf(readIdentifier('999 123 4560', 'nhsNumber'))).toBe('wrong-identifier');
    expect(codeOf(readIdentifier('9995176009', 'chiNumber'))).toBe('wrong-identifier');
  });

  test('that lost its first zero is told so, without saying it back', () => {
    const refused = readIdentifier('101010034', 'nhsNumber');
    expect(isRefusal(refused) && refused.message).not.toMatch(/\d{3}/u);
  });
});

describe('what a cell may hold anywhere', () => {
  test.each([
    ['#N/A', 'formula-error'],
    ['#REF!', 'formula-error'],
    ['#DIV/0!', 'formula-error'],
    ['########', 'formula-error'],
    ['9.99E+09', 'digits-lost'],
    ['1E+09', 'digits-lost'],
  ])('is not %s: %s', (cell, code) => {
    expect(spoiled(cell)?.code).toBe(code);
  });

  test.each(['E+9', '#1', '# 4', '12', 'x'])('is %s', (cell) => {
    expect(spoiled(cell)).toBeNull();
  });
});

describe('other cells', () => {
  test('hold names either way round, several things, and whole numbers', () => {
    expect(readName('Kerr, Mairi')).toBe('Mairi Kerr');
    expect(readName('Mairi Kerr')).toBe('Mairi Kerr');
    expect(readName('Kerr, Mairi, Dr')).toBe('Kerr, Mairi, Dr');
    expect(readList('debt; housing ;debt')).toEqual(['debt', 'housing']);
    expect(readList('debt, housing')).toEqual(['debt', 'housing']);
    expect(readWhole('8.0')).toBe(8);
    expect(readWhole('#3')).toBe(3);
    expect(codeOf(readWhole('8.5'))).toBe('not-a-number');
    expect(codeOf(readWhole('ten'))).toBe('not-a-number');
  });
});

describe('a mark in place of nothing', () => {
  test.each(['-', '–', '?', '??', 'n/a', 'N/A', 'tbc', 'TBA', 'unknown', 'not known', 'NA'])(
    '%s is one',
    (cell) => {
      expect(isBlankMark(cell, 'dateOfBirth')).toBe(true);
    },
  );

  test.each(['N', '0', 'none', '-5', 'no reason', 'x'])('%s is none', (cell) => {
    expect(isBlankMark(cell, 'notes')).toBe(false);
  });

  test('is no name: there are people called Na', () => {
    expect(isBlankMark('Na', 'surname')).toBe(false);
    expect(isBlankMark('n/a', 'surname')).toBe(true);
  });
});
