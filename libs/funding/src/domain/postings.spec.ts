import { describe, expect, test } from '@jest/globals';
import { sum } from '#kernel';
import type { MissedClass } from '#referral';
import {
  attended,
  cancelled,
  completed,
  droppedOut,
  entriesOfLast,
  fee,
  missed,
  nth,
  perCourse,
  perSession,
  posts,
  prescribed,
  referralFact,
  slug,
  whenCompleted,
  whenMet,
  whenPrescribed,
  prescriptionId,
} from '../testing/facts.js';
import { setOf } from './accounts.js';

describe('prescribed', () => {
  test('per session: the whole of what it may cost is committed', () => {
    expect(posts(prescribed([perSession(1250n)], { planned: 8 }))).toEqual([
      'prescribed:',
      '  Dr available:prescribing 100.00',
      '  Cr committed:walks:sessions 100.00',
    ]);
  });

  test('per course and with an outcome: one line a component', () => {
    expect(posts(prescribed([perCourse(2850n), whenMet(1000n)], { planned: 4 }))).toEqual([
      'prescribed:',
      '  Dr available:prescribing 38.50',
      '  Cr committed:walks:sessions 28.50',
      '  Cr committed:walks:outcome 10.00',
    ]);
  });

  test('a fee for missed sessions is part of their price and commits nothing more', () => {
    expect(posts(prescribed([perSession(1250n), fee(500n)], { planned: 2 }))).toEqual([
      'prescribed:',
      '  Dr available:prescribing 25.00',
      '  Cr committed:walks:sessions 25.00',
    ]);
  });

  test('what the trigger "prescribed" pays is earned at once', () => {
    expect(posts(prescribed([whenPrescribed(3000n), perSession(1000n)], { planned: 2 }))).toEqual([
      'prescribed:',
      '  Dr available:prescribing 50.00',
      '  Cr committed:walks:start 30.00',
      '  Cr committed:walks:sessions 20.00',
      'trigger-prescribed:',
      '  Dr committed:walks:start 30.00',
      '  Cr consumed:delivery 30.00',
      '  Dr expenses:delivery 30.00',
      '  Cr accrued:allot 30.00',
    ]);
  });

  test('a free service posts nothing, whatever happens', () => {
    const free = prescribed([], { free: true, planned: 4 });
    for (const next of [
      attended(1),
      missed(1, 'not-stated'),
      completed(),
      cancelled(),
      droppedOut(),
    ]) {
      expect(posts(free)).toEqual([]);
      expect(posts(free, next)).toEqual([]);
    }
  });
});

describe('attended', () => {
  const delivered = (amount: string, component = 'sessions', rule = 'attended') => [
    `${rule}:`,
    `  Dr committed:walks:${component} ${amount}`,
    `  Cr consumed:delivery ${amount}`,
    `  Dr expenses:delivery ${amount}`,
    `  Cr accrued:allot ${amount}`,
  ];

  test('the price leaves the commitment and is owed to the provider', () => {
    expect(posts(prescribed([perSession(1250n)], { planned: 8 }), attended(1))).toEqual(
      delivered('12.50'),
    );
  });

  test.each([
    [1, '7.13'],
    [2, '7.13'],
    [3, '7.12'],
    [4, '7.12'],
  ])('28.50 over four: number %i costs %s, whatever came before', (number, price) => {
    const start = prescribed([perCourse(2850n)], { planned: 4 });
    expect(posts(start, attended(number))).toEqual(delivered(price));
    const others = [4, 3, 2, 1].filter((other) => other !== number).map((other) => attended(other));
    expect(posts(start, ...others, attended(number))).toEqual(delivered(price));
  });

  test('beyond the planned number: it costs nothing', () => {
    expect(
      posts(prescribed([perSession(1250n)], { planned: 1 }), attended(1), attended(2)),
    ).toEqual([]);
  });

  test('the nth attendance earns its component, once', () => {
    const start = prescribed([nth(2, 4000n)]);
    expect(posts(start, attended(1))).toEqual([]);
    expect(posts(start, attended(1), attended(3))).toEqual(
      delivered('40.00', 'nth-2', 'nth-attendance'),
    );
    expect(posts(start, attended(1), attended(3), attended(2))).toEqual([]);
  });

  test('sessions that were missed are no attendances', () => {
    const start = prescribed([perSession(100n), nth(2, 4000n)], { planned: 3 });
    const last = posts(start, attended(1), missed(2, 'not-stated'), attended(3));
    expect(last).toEqual([...delivered('1.00'), ...delivered('40.00', 'nth-2', 'nth-attendance')]);
  });

  test('delivered by the anchor itself: visible, and nothing is payable', () => {
    const own = prescribed([perSession(1250n)], { planned: 2, provider: 'north' });
    expect(posts(own, attended(1))).toEqual([
      'attended:',
      '  Dr committed:walks:sessions 12.50',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr own-service 12.50',
    ]);
  });

  test('out of performance-related money: what is spent becomes income', () => {
    const start = prescribed([perSession(1250n)], {
      planned: 2,
      recognition: 'performance-related',
    });
    expect(posts(start, attended(1))).toEqual([
      ...delivered('12.50'),
      '  Dr deferred:tnlcf 12.50',
      '  Cr income 12.50',
    ]);
  });
});

const PERSONAL: MissedClass[] = ['acceptable', 'not-acceptable', 'not-stated'];

describe('missed', () => {
  const withFee = prescribed([perSession(1250n), fee(500n)], { planned: 4 });
  const priceBack = [
    'missed:',
    '  Dr committed:walks:sessions 12.50',
    '  Cr available:prescribing 12.50',
  ];
  const feePaid = [
    'missed:',
    '  Dr committed:walks:sessions 12.50',
    '  Cr consumed:noshow 5.00',
    '  Dr expenses:noshow 5.00',
    '  Cr accrued:allot 5.00',
    '  Cr available:prescribing 7.50',
  ];

  test.each(PERSONAL)('%s, a fee left: the fee to the provider, the rest to the pot', (reason) => {
    expect(posts(withFee, missed(1, reason))).toEqual(feePaid);
  });

  test.each(PERSONAL)('%s, the fee limit used up: the whole price to the pot', (reason) => {
    expect(posts(withFee, missed(1, 'not-stated'), missed(2, reason))).toEqual(priceBack);
  });

  test.each(PERSONAL)('%s, terms without a fee: the whole price to the pot', (reason) => {
    expect(posts(prescribed([perSession(1250n)], { planned: 4 }), missed(1, reason))).toEqual(
      priceBack,
    );
  });

  test('a class without a fee returns the price and does not use up the limit', () => {
    const terms = [perSession(1250n), fee(500n, 1, ['not-acceptable'])];
    const start = prescribed(terms, { planned: 4 });
    expect(posts(start, missed(1, 'acceptable'))).toEqual(priceBack);
    expect(posts(start, missed(1, 'acceptable'), missed(2, 'not-acceptable'))).toEqual(feePaid);
  });

  test('a fee of the whole price leaves nothing for the pot', () => {
    const start = prescribed([perSession(500n), fee(500n)], { planned: 4 });
    expect(posts(start, missed(1, 'not-stated'))).toEqual([
      'missed:',
      '  Dr committed:walks:sessions 5.00',
      '  Cr consumed:noshow 5.00',
      '  Dr expenses:noshow 5.00',
      '  Cr accrued:allot 5.00',
    ]);
  });

  test.each([...PERSONAL, 'provider-logistics'] as const)(
    '%s, beyond the planned number',
    (reason) => {
      expect(posts(withFee, missed(5, reason))).toEqual([]);
      // Nor does it use up a fee.
      expect(posts(withFee, missed(5, reason), missed(1, 'not-stated'))).toEqual(feePaid);
    },
  );

  test('provider-logistics: the price stays committed, and is paid when the session is held', () => {
    expect(posts(withFee, missed(1, 'provider-logistics'))).toEqual([]);
    expect(posts(withFee, missed(1, 'provider-logistics'), attended(1))).toHaveLength(5);
    expect(posts(withFee, missed(1, 'provider-logistics'), completed())).toEqual([
      'completed:',
      '  Dr committed:walks:sessions 50.00',
      '  Cr available:prescribing 50.00',
    ]);
  });

  test('out of performance-related money the fee is earned, the rest is not', () => {
    const recognition = 'performance-related';
    const start = prescribed([perSession(1250n), fee(500n)], { planned: 4, recognition });
    expect(posts(start, missed(1, 'not-stated'))).toEqual([
      ...feePaid.slice(0, 5),
      '  Dr deferred:tnlcf 5.00',
      '  Cr income 5.00',
      '  Cr available:prescribing 7.50',
    ]);
  });

  test('where sessions have no price there is none to return', () => {
    expect(posts(prescribed([nth(1, 100n)], { planned: 2 }), missed(1, 'not-stated'))).toEqual([]);
  });
});

describe('completed', () => {
  test('the sessions not held go back to the pot; an outcome stays committed', () => {
    const start = prescribed([perSession(1250n), whenMet(3000n)], { planned: 4 });
    expect(posts(start, attended(1), completed())).toEqual([
      'completed:',
      '  Dr committed:walks:sessions 37.50',
      '  Cr available:prescribing 37.50',
    ]);
  });

  test('what completion pays is earned first', () => {
    const start = prescribed([perSession(1000n), whenCompleted(700n), nth(9, 100n)], {
      planned: 1,
    });
    expect(posts(start, attended(1), completed())).toEqual([
      'trigger-completed:',
      '  Dr committed:walks:finish 7.00',
      '  Cr consumed:delivery 7.00',
      '  Dr expenses:delivery 7.00',
      '  Cr accrued:allot 7.00',
      'completed:',
      '  Dr committed:walks:nth-9 1.00',
      '  Cr available:prescribing 1.00',
    ]);
  });

  test('with every session held nothing is left to move', () => {
    expect(
      posts(prescribed([perSession(1000n)], { planned: 1 }), attended(1), completed()),
    ).toEqual([]);
  });
});

describe('dropped out', () => {
  const start = prescribed([perSession(1250n), whenMet(3000n)], { planned: 4 });

  test('of one prescription: all that is left goes back, the outcome too', () => {
    expect(posts(start, attended(1), droppedOut('walks'))).toEqual([
      'dropped-out:',
      '  Dr committed:walks:sessions 37.50',
      '  Dr committed:walks:outcome 30.00',
      '  Cr available:prescribing 67.50',
    ]);
  });

  test('of the whole referral: every live prescription, and only those', () => {
    const swim = prescribed([perSession(600n)], { name: 'swim', planned: 2, provider: 'pool' });
    const art = prescribed([perSession(100n), whenMet(900n)], { name: 'art', planned: 1 });
    expect(
      posts(start, swim, art, completed('art'), attended(1), attended(2, 'swim'), droppedOut()),
    ).toEqual([
      'dropped-out:',
      '  Dr committed:walks:sessions 37.50',
      '  Dr committed:walks:outcome 30.00',
      '  Cr available:prescribing 67.50',
      'dropped-out:',
      '  Dr committed:swim:sessions 6.00',
      '  Cr available:prescribing 6.00',
    ]);
  });

  test('nothing left: nothing moves', () => {
    expect(posts(prescribed([whenPrescribed(900n)]), droppedOut('walks'))).toEqual([]);
  });
});

test('cancelled: all that is left goes back, what was earned stays earned', () => {
  const start = prescribed([perCourse(2850n), whenCompleted(100n)], { planned: 4 });
  expect(posts(start, attended(2), cancelled())).toEqual([
    'cancelled:',
    '  Dr committed:walks:sessions 21.37',
    '  Dr committed:walks:finish 1.00',
    '  Cr available:prescribing 22.37',
  ]);
});

describe('a session of a day before the end, recorded after it', () => {
  const terms = [perSession(1250n), fee(500n), nth(2, 800n), whenMet(3000n)];
  const start = prescribed(terms, { planned: 4 });
  const ends = [
    ['completed', completed()],
    ['dropped out', droppedOut('walks')],
    ['dropped out of everything', droppedOut()],
    ['cancelled', cancelled()],
  ] as const;

  test.each(ends)('attended, after it was %s: drawn from the pot', (_, end) => {
    expect(posts(start, end, attended(3))).toEqual([
      'attended-late:',
      '  Dr available:prescribing 12.50',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr accrued:allot 12.50',
    ]);
  });

  test.each(ends)('the nth attendance, after it was %s: drawn from the pot too', (_, end) => {
    expect(posts(start, attended(1), end, attended(3)).slice(5)).toEqual([
      'nth-attendance:',
      '  Dr available:prescribing 8.00',
      '  Cr consumed:delivery 8.00',
      '  Dr expenses:delivery 8.00',
      '  Cr accrued:allot 8.00',
    ]);
  });

  test.each(ends)('missed with a fee left, after it was %s: the fee from the pot', (_, end) => {
    expect(posts(start, end, missed(3, 'not-stated'))).toEqual([
      'missed-late:',
      '  Dr available:prescribing 5.00',
      '  Cr consumed:noshow 5.00',
      '  Dr expenses:noshow 5.00',
      '  Cr accrued:allot 5.00',
    ]);
  });

  test.each(ends)('missed and the limit used up, after it was %s: nothing', (_, end) => {
    expect(posts(start, missed(1, 'not-stated'), end, missed(3, 'not-stated'))).toEqual([]);
    // A late fee counts too.
    expect(posts(start, end, missed(1, 'not-stated'), missed(3, 'not-stated'))).toEqual([]);
  });

  test.each(ends)('provider-logistics or beyond the plan, after it was %s: nothing', (_, end) => {
    expect(posts(start, end, missed(3, 'provider-logistics'))).toEqual([]);
    expect(posts(start, end, attended(5))).toEqual([]);
    expect(posts(start, end, missed(5, 'not-stated'))).toEqual([]);
  });

  test('own delivery and performance-related money are drawn the same way', () => {
    const own = prescribed(terms, {
      planned: 4,
      provider: 'north',
      recognition: 'performance-related',
    });
    expect(posts(own, cancelled(), attended(1))).toEqual([
      'attended-late:',
      '  Dr available:prescribing 12.50',
      '  Cr consumed:delivery 12.50',
      '  Dr expenses:delivery 12.50',
      '  Cr own-service 12.50',
      '  Dr deferred:tnlcf 12.50',
      '  Cr income 12.50',
    ]);
  });
});

describe('every entry', () => {
  const start = prescribed([perSession(1250n), fee(500n), whenCompleted(100n)], { planned: 4 });

  test('names the prescription and the agreement version that caused it', () => {
    for (const fact of [
      attended(1),
      missed(1, 'not-stated'),
      completed(),
      cancelled(),
      droppedOut(),
    ]) {
      for (const entry of entriesOfLast(start, fact)) {
        expect(entry).toMatchObject({
          prescription: prescriptionId('walks'),
          agreement: { agreement: 'garden-terms', version: 2 },
        });
      }
    }
  });

  test('adds up to zero in each set of accounts', () => {
    for (const fact of [start, attended(1), missed(1, 'not-stated'), completed(), cancelled()]) {
      for (const { lines } of entriesOfLast(start, fact)) {
        for (const set of ['budgetary', 'financial'] as const) {
          const mine = lines.filter(({ account }) => setOf(account) === set);
          expect(sum(mine.map(({ amount }) => amount))).toBe(0n);
        }
      }
    }
  });
});

test('facts of a referral that are not about its money post nothing', () => {
  const closed = referralFact({ type: 'ReferralClosed', data: {} });
  const start = prescribed([perSession(1250n)], { planned: 4 });
  expect(posts(start, completed(), closed)).toEqual([]);
  const reservation = { fund: slug('lottery'), year: 2026, pot: slug('prescribing'), amount: 100n };
  const data = { prescription: prescriptionId('swim'), reservation, because: start.id };
  expect(posts(start, referralFact({ type: 'PrescriptionAbandoned', data }))).toEqual([]);
});
