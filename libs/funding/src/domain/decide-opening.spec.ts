import { describe, expect, test } from '@jest/globals';
import { isRefusal } from '#kernel';
import { NAMED, free, now, then, threePots } from '../testing/decisions.js';
import { ALLOT, slug } from '../testing/facts.js';
import { recordOpeningBalance } from './decide.js';
import type { Category } from './events.js';

type Balances = Parameters<typeof recordOpeningBalance>[2];

const spent = (pot: string, category: Category, amount: bigint) => {
  return { pot: slug(pot), category, amount };
};
const owed = (payee: string, amount: bigint) => ({ payee: slug(payee), amount });
const BALANCES: Balances = {
  bank: 200_000n,
  accrued: [owed('allot', 1250n)],
  consumed: [
    spent('prescribing', 'delivery', 90_000n),
    spent('prescribing', 'noshow', 500n),
    spent('grants', 'capacity', 40_000n),
  ],
};
const record = (change: Partial<Balances> = {}, state = threePots) =>
  recordOpeningBalance(state, NAMED, { ...BALANCES, ...change }, now);

describe('an opening balance', () => {
  test('takes what was spent before out of the pots, and knows how money is recognised', () => {
    const decided = record();
    const of = { fund: 'lottery', year: 2026, funder: 'tnlcf', recognition: 'restricted' };
    expect(decided).toEqual([{ type: 'OpeningBalanceRecorded', data: { ...BALANCES, ...of } }]);
    expect(free(then(threePots, decided))).toEqual({
      ...{ prescribing: 209_500n, 'men-s-health': 0n },
      ...{ grants: 50_000n, courses: 50_000n },
    });
  });

  test('is recorded once', () => {
    const begun = then(threePots, record({ consumed: [], accrued: [] }));
    expect(record({}, begun)).toMatchObject({ code: 'opening-recorded', field: 'year' });
  });

  test('takes no pot below zero, whatever its lines are called', () => {
    const whole = [
      spent('prescribing', 'delivery', 200_000n),
      spent('prescribing', 'outcomes', 100_000n),
    ];
    expect(isRefusal(record({ consumed: whole }))).toBe(false);
    const more = [...whole, spent('prescribing', 'noshow', 1n)];
    expect(record({ consumed: more })).toMatchObject({
      code: 'pot-exhausted',
      field: 'consumed',
      data: { freePence: 300_000, askedPence: 300_001 },
    });
  });

  test.each([
    ['no-such-pot', 'consumed', { consumed: [spent('holidays', 'delivery', 1n)] }],
    ['ring-fenced', 'consumed', { consumed: [spent('prescribing', 'training', 1n)] }],
    ['ring-fenced', 'consumed', { consumed: [spent('grants', 'delivery', 1n)] }],
    ['payee-twice', 'accrued', { accrued: [owed('allot', 1n), owed('allot', 2n)] }],
    ['owed-to-itself', 'accrued', { accrued: [owed('north', 1n)] }],
  ])('is refused, %s', (code, field, change) => {
    expect(record(change)).toMatchObject({ refused: true, code, field });
  });

  test('is refused where more is owed than was ever received', () => {
    const accrued = [{ payee: ALLOT, amount: 40_001n }];
    const consumed = [spent('grants', 'capacity', 40_000n)];
    expect(isRefusal(record({ bank: 1n, consumed, accrued }))).toBe(false);
    expect(record({ bank: 0n, consumed, accrued })).toMatchObject({
      code: 'more-owed-than-received',
      field: 'bank',
      message: expect.stringContaining('0.00 in the bank and 400.00 spent do not explain'),
    });
    // More was paid out than came in, and nothing was spent on it.
    expect(record({ bank: -1n, consumed: [], accrued: [] })).toMatchObject({
      code: 'more-owed-than-received',
    });
  });
});
