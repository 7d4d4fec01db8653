import { describe, expect, test } from '@jest/globals';
import { isRefusal, type CivilDate, type Month } from '#kernel';
import { NORTH, eventId, fundingFact, slug } from '../testing/facts.js';
import type { FundingEvent } from './events.js';
import { cutOff, evolveBooks, noCloses, postedOn, type Books } from './periods.js';

const april = '2026-04' as Month;
const may = '2026-05' as Month;
const day = (text: string) => text as CivilDate;

const cut = (month: Month): FundingEvent => ({ type: 'PeriodCutOff', data: { month } });
const closed = (month: Month): FundingEvent => ({
  type: 'PeriodClosed',
  data: { month, trialBalance: [], accounts: 0, hash: 'ab'.repeat(32), closedBy: 'nora' },
});

function given(...events: readonly FundingEvent[]): Books {
  return events.reduce(
    (books, event) => evolveBooks(books, fundingFact(event, { on: '2026-06-03', id: event.type })),
    noCloses,
  );
}

interface Asked {
  readonly first?: Month | null;
  readonly today?: string;
  readonly by?: string;
}

function closing(books: Books, month: Month, asked: Asked = {}) {
  const { first = april, today = '2026-07-01', by = 'north' } = asked;
  const actor = { id: 'nora', role: 'anchor', organisation: slug(by) } as const;
  const moment = { on: day(today), today: day(today), actor };
  const decision = cutOff(books, { anchor: NORTH, month, first }, moment);
  return isRefusal(decision) ? `${decision.code}: ${decision.message}` : decision;
}

describe('closing a month', () => {
  test('begins by cutting it off', () => {
    expect(closing(noCloses, april)).toEqual([cut(april)]);
    expect(closing(given(cut(april), closed(april)), may)).toEqual([cut(may)]);
  });

  test('goes on where a close was cut off in between', () => {
    expect(closing(given(cut(april)), april)).toEqual([]);
  });

  test.each([
    ['before the month is over', noCloses, april, { today: '2026-04-30' }, /^month-not-over/u],
    ['on the last day of a later month', noCloses, may, { today: '2026-05-31' }, /month-not-over/u],
    ['a second time', given(cut(april), closed(april)), april, {}, /month-closed.* 2026-06-03/u],
    [
      'with a gap after the last',
      given(cut(april), closed(april)),
      '2026-06',
      {},
      /close 2026-05/u,
    ],
    ['with a gap at the beginning', noCloses, may, {}, /close 2026-04 first/u],
    ['before the books begin', noCloses, '2026-03', {}, /begin in 2026-04/u],
    [
      'before the first that was closed',
      given(cut(april), closed(april)),
      '2026-03',
      {},
      /^month-out-of-turn.*has closed 2026-04 already.*2026-05 is next/u,
    ],
    [
      'before the first of several',
      given(cut(april), closed(april), cut(may), closed(may)),
      '2026-03',
      {},
      /has closed 2026-04 to 2026-05 already.*2026-06 is next/u,
    ],
    ['of empty books', noCloses, april, { first: null }, /^no-books/u],
    ['by somebody else', noCloses, april, { by: 'south' }, /^not-your-books/u],
    ['after one that is not signed', given(cut(april)), may, {}, /close 2026-04 first/u],
  ] as const)('is refused %s', (_, books, month, asked, why) => {
    expect(closing(books, month as Month, { today: '2026-08-01', ...asked })).toMatch(why);
  });

  test('is possible from the first day after it', () => {
    expect(closing(noCloses, april, { today: '2026-05-01' })).toEqual([cut(april)]);
  });
});

test('a cut-off month knows the fact that cut it off, until it is signed', () => {
  expect(given(cut(april)).cutOff).toEqual({ month: april, event: eventId('PeriodCutOff') });
  expect(given(cut(april), closed(april))).toEqual({
    closed: [{ month: april, on: '2026-06-03' }],
  });
});

describe('the day the books carry something', () => {
  test.each([
    ['2026-05-04', '2026-06-09', null, '2026-05-04'],
    ['2026-05-04', '2026-06-09', '2026-04', '2026-05-04'],
    ['2026-05-04', '2026-06-09', '2026-05', '2026-06-09'],
    ['2026-03-04', '2026-06-09', '2026-05', '2026-06-09'],
    // Recorded by a clock that runs behind: never inside a closed month.
    ['2026-05-04', '2026-05-31', '2026-05', '2026-06-01'],
    ['2026-12-04', '2026-12-30', '2026-12', '2027-01-01'],
  ])(
    'it happened %s, was recorded %s, %s is closed: %s',
    (occurred, recorded, closedTo, posted) => {
      expect(postedOn(day(occurred), day(recorded), closedTo as Month | null)).toBe(posted);
    },
  );
});
