import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { CommandRefused, sum } from '#kernel';
import type { Terms } from '#referral';
import { ChangeTerms } from './change-terms.js';
import { termsOf } from './priced-terms.js';

/** As a command gives them: JSON, checked against its fields. */
function given(terms: object): ChangeTerms {
  const all = { agreement: 'swim', payer: 'north', from: '2026-07-01', ...terms };
  return plainToInstance(ChangeTerms, all);
}

const read = (terms: object): Terms => termsOf(given(terms));

/** The field that the command's own checks find wrong, `components.0.outcome.atLeast`. */
function invalid(terms: object): string[] {
  const paths: string[] = [];
  const walk = (errors: ReturnType<typeof validateSync>, before: string) => {
    for (const { property, children = [] } of errors) {
      const path = before === '' ? property : `${before}.${property}`;
      if (children.length === 0) paths.push(path);
      walk(children, path);
    }
  };
  walk(validateSync(given(terms)), '');
  return paths;
}

/** Why terms that are well-formed are refused, and where. */
function refusal(terms: object) {
  expect(invalid(terms)).toEqual([]);
  try {
    read(terms);
  } catch (error) {
    if (error instanceof CommandRefused) return error.refusals[0];
    throw error;
  }
  throw new Error('Nothing was refused');
}

const sessions = { component: 'sessions', trigger: 'session-attended' };
const better = { component: 'better', trigger: 'outcome-met' };
const fee = { component: 'fee', trigger: 'session-missed', limit: 1 };

describe('a price that is split', () => {
  test('is split by largest remainder, and the terms keep how', () => {
    const components = [
      { ...sessions, share: 35 },
      { ...better, share: 65 },
    ];
    expect(read({ price: 9999, components })).toEqual({
      components: [
        { ...sessions, amount: 3500n, per: 'course' },
        { ...better, amount: 6499n },
      ],
      split: {
        price: 9999n,
        shares: [
          { component: 'sessions', percent: 35 },
          { component: 'better', percent: 65 },
        ],
      },
    });
  });

  test('gives the odd penny of a tie to the first component', () => {
    for (const [first, second] of [
      [sessions, better],
      [better, sessions],
    ] as const) {
      const components = [
        { ...first, share: 50 },
        { ...second, share: 50 },
      ];
      const amounts = read({ price: 101, components }).components.map(({ amount }) => amount);
      expect(amounts).toEqual([51n, 50n]);
    }
  });

  test('loses no penny, whatever the shares', () => {
    const prices = fc.integer({ min: 1_000, max: 10_000_000 });
    fc.assert(
      fc.property(
        prices,
        fc.integer({ min: 1, max: 98 }),
        fc.integer({ min: 1 }),
        (price, a, at) => {
          const b = 1 + (at % (99 - a));
          const shares = [a, b, 100 - a - b].filter((share) => share > 0);
          const triggers = ['prescribed', 'completed', 'outcome-met'];
          const components = shares.map((share, index) => {
            return { component: `part-${index}`, trigger: triggers[index], share };
          });
          const amounts = read({ price, components }).components.map(({ amount }) => amount);
          expect(sum(amounts)).toBe(BigInt(price));
          // Nobody is a whole penny away from an exact share.
          for (const [index, share] of shares.entries()) {
            const off = (amounts[index] ?? 0n) * 100n - BigInt(price) * BigInt(share);
            expect(off < 100n && off > -100n).toBe(true);
          }
        },
      ),
    );
  });

  test('stands beside amounts of their own', () => {
    const components = [
      { ...sessions, share: 100 },
      { ...fee, amount: 50 },
    ];
    const terms = read({ price: 1000, components });
    expect(terms.components.map(({ amount }) => amount)).toEqual([1000n, 50n]);
  });

  test.each([
    ['components', 'they are 99', { price: 1000, components: [{ ...sessions, share: 99 }] }],
    ['components', 'no component', { price: 1000, components: [{ ...sessions, amount: 1 }] }],
    ['price', 'Say of what price', { components: [{ ...sessions, share: 100 }] }],
    [
      'components.0.share',
      'not both',
      { price: 1000, components: [{ ...sessions, share: 100, amount: 1 }] },
    ],
    [
      'components.0.per',
      'course',
      { price: 9, components: [{ ...sessions, share: 100, per: 'session' }] },
    ],
    [
      'components.0.share',
      'no part of the price',
      { price: 9, components: [{ ...fee, share: 100 }] },
    ],
    [
      'components.0.share',
      'no part of the price',
      { price: 9, components: [{ component: 'least', trigger: 'drop-out-minimum', share: 100 }] },
    ],
    [
      'components.1.component',
      'twice',
      {
        price: 9,
        components: [
          { ...better, share: 50 },
          { ...better, share: 50 },
        ],
      },
    ],
    [
      'price',
      '1 percent of it for better',
      {
        price: 10,
        components: [
          { ...sessions, share: 99 },
          { ...better, share: 1 },
        ],
      },
    ],
    ['components.0.amount', 'an amount, or a share', { components: [{ ...better }] }],
  ])('is refused in %s: %s', (field, words, terms) => {
    expect(refusal(terms)).toMatchObject({
      code: 'wrong-terms',
      field,
      message: expect.stringContaining(words),
    });
  });
});

describe('an outcome', () => {
  const outcome = { instrument: 'swemwbs', change: 'rise', atLeast: 2.5, windowDays: 120 };
  const component = (change: object) => ({
    ...better,
    amount: 100,
    outcome: { ...outcome, ...change },
  });
  const hundredths = (atLeast: number) => {
    const [read1] = read({ components: [component({ atLeast })] }).components;
    return read1?.trigger === 'outcome-met' ? read1.outcome?.atLeastHundredths : undefined;
  };

  test('is kept in hundredths of a point', () => {
    expect(read({ components: [{ ...component({}), survives: ['dropped-out'] }] })).toEqual({
      components: [
        {
          ...better,
          amount: 100n,
          outcome: {
            instrument: 'swemwbs',
            change: 'rise',
            atLeastHundredths: 250,
            windowDays: 120,
          },
          survives: ['dropped-out'],
        },
      ],
    });
    // 0.29, 1.1 and 4.35 times a hundred are not whole in floats.
    expect([0.01, 0.29, 1.1, 4.35, 3].map(hundredths)).toEqual([1, 29, 110, 435, 300]);
  });

  test('may only be committed, without a measure', () => {
    const terms = read({ components: [{ ...better, amount: 100 }] });
    expect(terms).toEqual({ components: [{ ...better, amount: 100n }] });
  });

  test.each([
    ['atLeast', { atLeast: 1.005 }],
    ['atLeast', { atLeast: 0 }],
    ['atLeast', { atLeast: -1 }],
    ['atLeast', { atLeast: '2' }],
    ['change', { change: 'up' }],
    ['windowDays', { windowDays: 0 }],
    ['instrument', { instrument: undefined }],
  ])('is refused by its field %s', (field, change) => {
    expect(invalid({ components: [component(change)] })).toEqual([`components.0.outcome.${field}`]);
  });
});

describe('a component', () => {
  test('that is a drop-out minimum is for dropping out unless it says more', () => {
    const least = { component: 'least', trigger: 'drop-out-minimum', amount: 100 };
    expect(read({ components: [least] }).components).toMatchObject([{ ends: ['dropped-out'] }]);
    const ends = ['dropped-out', 'cancelled'];
    expect(read({ components: [{ ...least, ends }] }).components).toMatchObject([{ ends }]);
  });

  test.each([
    ['per', 'session-attended', { ...better, per: 'course' }],
    ['limit', 'session-missed', { ...better, limit: 1 }],
    ['classes', 'session-missed', { ...better, classes: ['acceptable'] }],
    ['nth', 'nth-attendance', { ...better, nth: 1 }],
    [
      'outcome',
      'outcome-met',
      { ...sessions, outcome: { instrument: 'gad-7', change: 'fall', atLeast: 4, windowDays: 9 } },
    ],
    ['survives', 'outcome-met', { ...sessions, survives: ['lapsed'] }],
    ['ends', 'drop-out-minimum', { ...sessions, ends: ['lapsed'] }],
  ])('has %s only with %s', (field, owner, component) => {
    expect(refusal({ components: [{ ...component, amount: 1 }] })).toMatchObject({
      field: `components.0.${field}`,
      message: expect.stringContaining(owner),
    });
  });
});

test('the price basis is kept where it is said', () => {
  const components = [{ ...sessions, amount: 1 }];
  expect(read({ components })).not.toHaveProperty('priceBasis');
  expect(read({ components, priceBasis: 'at-delivery' })).toHaveProperty(
    'priceBasis',
    'at-delivery',
  );
});
