import { describe, expect, test } from '@jest/globals';
import type { Component } from '#referral';
import { compareBooks } from './books-checks.js';
import { auditorOf, booksOf, entriesOf } from './testing/books.js';
import { attended, completed, prescribed, told, voided } from './testing/given.js';
import { dayAt, slug, type Recorded } from './testing/log.js';

const NORTH = slug('north');
const course: Component = {
  ...{ component: slug('sessions'), trigger: 'session-attended', amount: 20_00n, per: 'course' },
};
const first: Component = {
  ...{ component: slug('nth'), trigger: 'nth-attendance', nth: 1, amount: 20_00n },
};

function differencesOn(day: number, history: readonly Recorded[]) {
  const { moves } = auditorOf(history);
  const cut = { occurredBy: dayAt(day) };
  return compareBooks(booksOf(entriesOf(history), NORTH, cut), booksOf(moves, NORTH, cut));
}

const committedOn = (day: number, history: readonly Recorded[]) => {
  const books = booksOf(auditorOf(history).moves, NORTH, { occurredBy: dayAt(day) });
  const committed = [...books].filter(([account]) => account.includes(':committed:'));
  return committed.reduce((total, [, amount]) => total - amount, 0n);
};

/**
 * An end that is voided after its prescription was corrected: on every day in between, what was
 * still to come is committed, as if all had been known at once. Now, ledger and auditor agree.
 */
describe('an end is voided after something was learned in between', () => {
  const correctedThenRevived = told(
    [0, prescribed(course)],
    [4, attended],
    [20, completed],
    [25, voided(1)],
    [26, voided(2)],
  );
  const lateThenRevivedTwice = told(
    [0, prescribed(first)],
    [20, completed],
    [4, attended, 21],
    [25, voided(1)],
    [26, voided(3)],
    [27, voided(1)],
  );

  test.each([
    ['a session was voided', correctedThenRevived],
    ['a session came late, and the void was voided and made again', lateThenRevivedTwice],
  ])('%s: as of now the ledger agrees', (_, history) => {
    expect(differencesOn(27, history)).toEqual([]);
  });

  test('the second model: the voided session is to come, on its day and ever after', () => {
    expect([0, 4, 19, 20, 27].map((day) => committedOn(day, correctedThenRevived))).toEqual(
      Array.from({ length: 5 }, () => 20_00n),
    );
    expect([0, 3].map((day) => committedOn(day, lateThenRevivedTwice))).toEqual([20_00n, 20_00n]);
    expect([4, 20, 27].map((day) => committedOn(day, lateThenRevivedTwice))).toEqual([0n, 0n, 0n]);
  });

  test('a session was voided: on its day the ledger agrees', () => {
    expect(differencesOn(4, correctedThenRevived)).toEqual([]);
  });
  test('a session came late: on its day the ledger agrees', () => {
    expect(differencesOn(4, lateThenRevivedTwice)).toEqual([]);
  });
});
