import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Slug } from '#kernel';
import { BY_COURSE, BY_SESSION } from './testing/cast.js';
import { commitmentOf, componentOf, sessionPrice, type Terms } from './terms.js';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const course = (amount: bigint): Terms => ({
  components: [{ component: 'course' as Slug, trigger: 'session-attended', amount, per: 'course' }],
});
const EVERYTHING: Terms = {
  components: [
    { component: 'start' as Slug, trigger: 'prescribed', amount: 500n },
    ...BY_SESSION.components,
    {
      component: 'fee' as Slug,
      trigger: 'session-missed',
      amount: 1_000n,
      limit: 2,
      classes: ['not-stated'],
    },
    { component: 'third' as Slug, trigger: 'nth-attendance', nth: 3, amount: 700n },
    { component: 'end' as Slug, trigger: 'completed', amount: 900n },
    { component: 'better' as Slug, trigger: 'outcome-met', amount: 1_100n },
  ],
};

describe('the price of a session', () => {
  test('by the session is the same for each, and nothing beyond the planned ones', () => {
    expect(numbers(5).map((number) => sessionPrice(BY_SESSION, 4, number))).toEqual([
      2_850n,
      2_850n,
      2_850n,
      2_850n,
      0n,
    ]);
  });

  test('by the course is an even part of it, the odd pence with the first', () => {
    const prices = numbers(5).map((number) => sessionPrice(course(2_850n), 4, number));
    expect(prices).toEqual([713n, 713n, 712n, 712n, 0n]);
  });

  test('is nothing where the terms pay for something else', () => {
    expect(sessionPrice({ components: [] }, 4, 1)).toBe(0n);
    expect(sessionPrice({ components: EVERYTHING.components.slice(0, 1) }, 4, 1)).toBe(0n);
  });
});

describe('what a prescription may cost at most', () => {
  test('is each component once, a session as often as planned, and never a fee', () => {
    expect(commitmentOf(EVERYTHING, 6)).toEqual({
      amount: 20_300n,
      components: [
        { component: 'start', amount: 500n },
        { component: 'place', amount: 17_100n },
        { component: 'third', amount: 700n },
        { component: 'end', amount: 900n },
        { component: 'better', amount: 1_100n },
      ],
    });
  });

  test('of a course is its one price, however many sessions it has', () => {
    expect(commitmentOf(BY_COURSE, 3)).toEqual({
      amount: 10_000n,
      components: [{ component: 'course', amount: 10_000n }],
    });
    expect(commitmentOf(BY_COURSE, 12).amount).toBe(10_000n);
  });

  test('is nothing without terms', () => {
    expect(commitmentOf({ components: [] }, 12)).toEqual({ amount: 0n, components: [] });
  });

  test('is what all its sessions cost together, to the penny, by session or by course', () => {
    const anyPrice = fc.bigInt({ min: 1n, max: 10_000_000n });
    const planned = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(anyPrice, planned, fc.boolean(), (amount, count, perSession) => {
        const terms: Terms = perSession
          ? {
              components: [
                {
                  component: 'place' as Slug,
                  trigger: 'session-attended',
                  amount,
                  per: 'session',
                },
              ],
            }
          : course(amount);
        // Beyond the planned ones nothing is earned, so nothing is either committed.
        const prices = numbers(count + 5).map((number) => sessionPrice(terms, count, number));
        expect(prices.reduce((a, b) => a + b)).toBe(commitmentOf(terms, count).amount);
        expect([...prices].sort((a, b) => (a > b ? -1 : 1))).toEqual(prices);
      }),
    );
  });
});

test('a component is found by what triggers it', () => {
  expect(componentOf(EVERYTHING, 'session-missed')).toMatchObject({ component: 'fee', limit: 2 });
  expect(componentOf(BY_SESSION, 'session-missed')).toBeUndefined();
});
