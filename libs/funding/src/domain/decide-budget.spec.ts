import { describe, expect, test } from '@jest/globals';
import { isRefusal } from '#kernel';
import {
  BUDGET,
  FUND,
  NAMED,
  POT,
  after,
  agreement,
  budget,
  free,
  fund,
  now,
  then,
  threePots,
} from '../testing/decisions.js';
import {
  NORTH,
  day,
  eventId,
  fundingFact,
  prescriptionId,
  referralId,
  slug,
} from '../testing/facts.js';
import { approveVirement, changeBudget, openBudget, recallFunds, reserve } from './decide.js';
import type { FundingEvent } from './events.js';
import { evolve, type FundingState } from './state.js';

describe('a budget', () => {
  const open = (data: typeof BUDGET, of: FundingState = fund, state: FundingState = null) =>
    openBudget(state, of, NORTH, data, now);

  test('is opened, and carries how its fund is recognised', () => {
    const data = { ...BUDGET, funder: 'tnlcf', recognition: 'restricted' };
    expect(open(BUDGET)).toEqual([{ type: 'BudgetOpened', data }]);
  });

  test('is opened once a year', () => {
    expect(open(BUDGET, fund, budget)).toMatchObject({ code: 'budget-open', field: 'year' });
  });

  test('is of a fund that was received', () => {
    expect(open(BUDGET, null)).toMatchObject({ code: 'no-such-fund', field: 'fund' });
    expect(open(BUDGET, agreement)).toMatchObject({ code: 'no-such-fund' });
  });

  test('is not of money held for others', () => {
    const held = after({ type: 'FundReceived', data: { ...FUND, recognition: 'agent' } });
    expect(open(BUDGET, held)).toMatchObject({ code: 'held-as-agent', field: 'fund' });
  });

  test('does not end before it starts, and may be of one day', () => {
    const first = { ...BUDGET, to: BUDGET.from };
    expect(isRefusal(open(first))).toBe(false);
    expect(open({ ...BUDGET, to: day('2026-03-31') })).toMatchObject({
      code: 'ends-before-it-starts',
      field: 'to',
    });
  });

  test('has each pot once', () => {
    expect(open({ ...BUDGET, pots: [POT, { ...POT, amount: 1n }] })).toMatchObject({
      code: 'pot-twice',
      field: 'pots',
    });
  });

  test('pays for nothing the fund was not given for', () => {
    const capacity = { pot: slug('grants'), purpose: 'capacity' as const, amount: 1n };
    expect(open({ ...BUDGET, pots: [POT, capacity as never] })).toMatchObject({
      code: 'outside-purpose',
      field: 'pots',
    });
  });
});

describe('a reservation', () => {
  const walks = prescriptionId('walks');
  const h1 = referralId('h1');
  const of = (amount: bigint, pot = 'prescribing') => {
    return { fund: slug('lottery'), year: 2026, pot: slug(pot), amount };
  };

  const asked = (reservation: ReturnType<typeof of>) => {
    return { ...reservation, prescription: walks, referral: h1 };
  };

  test('takes all that is free and not a penny more', () => {
    expect(reserve(budget, [asked(of(300_000n))])).toEqual([
      { type: 'FundsReserved', data: { ...of(300_000n), prescription: walks, referral: h1 } },
    ]);
    expect(reserve(budget, [asked(of(300_001n))])).toMatchObject({
      code: 'pot-exhausted',
      field: 'pot',
      message: 'Pot prescribing has 3000.00 free and 3000.01 was asked.',
      data: { freePence: 300_000, askedPence: 300_001 },
    });
  });

  const because = eventId('because');
  const opened = {
    type: 'BudgetOpened' as const,
    data: { ...BUDGET, funder: slug('tnlcf'), recognition: 'restricted' as const },
  };
  const reserved: FundingEvent = {
    type: 'FundsReserved',
    data: { ...of(200_000n), prescription: walks, referral: h1 },
  };

  test('finds what others reserved gone, and what was released there again', () => {
    const state = after(opened, reserved);
    expect(reserve(state, [asked(of(100_001n))])).toMatchObject({ data: { freePence: 100_000 } });
    const released: FundingEvent = {
      type: 'FundsReleased',
      data: { ...of(50_000n), prescription: walks, because },
    };
    expect(isRefusal(reserve(after(opened, reserved, released), [asked(of(150_000n))]))).toBe(
      false,
    );
  });

  test('is refused while late facts have drawn the pot below zero', () => {
    const drawn: FundingEvent = {
      type: 'FundsDrawn',
      data: { ...of(100_001n), prescription: walks, because },
    };
    expect(reserve(after(opened, reserved, drawn), [asked(of(1n))])).toMatchObject({
      code: 'pot-exhausted',
      data: { freePence: -1, askedPence: 1 },
    });
  });

  test('leaves other pots alone', () => {
    const state = after(opened, reserved);
    expect(reserve(state, [asked(of(1n, 'courses'))])).toMatchObject({ data: { freePence: 0 } });
    expect(reserve(state, [asked(of(1n, 'nowhere'))])).toMatchObject({ code: 'pot-exhausted' });
  });

  test('of several at once takes all or none', () => {
    const two = [asked(of(200_000n)), asked(of(100_000n))];
    expect(reserve(budget, two)).toHaveLength(2);
    expect(reserve(budget, [...two, asked(of(1n))])).toMatchObject({
      data: { freePence: 300_000, askedPence: 300_001 },
    });
    const elsewhere = [asked(of(1n)), asked(of(1n, 'nowhere'))];
    expect(reserve(budget, elsewhere)).toMatchObject({ code: 'pot-exhausted' });
  });

  test('is refused where there is no budget', () => {
    expect(reserve(null, [asked(of(1n))])).toMatchObject({ code: 'pot-exhausted' });
  });
});

test('money that moves before a budget was opened changes nothing', () => {
  const data = { fund: slug('lottery'), year: 2026, pot: slug('prescribing'), amount: 1n };
  const prescription = prescriptionId('walks');
  const because = eventId('because');
  expect(after({ type: 'FundsReleased', data: { ...data, prescription, because } })).toBeNull();
  const newer = fundingFact({ type: 'FromTheFuture', data: {} } as never);
  expect(evolve(budget, newer)).toBe(budget);
});

describe('a change of a budget', () => {
  type Changes = Parameters<typeof changeBudget>[3]['changes'];
  const change = (...changes: Changes[number][]) =>
    changeBudget(threePots, fund, NAMED, { changes }, now);
  const by = (pot: string, amount: bigint) => ({ pot: slug(pot), amount });

  test('raises one pot and cuts another, and says what each is for', () => {
    const decided = change(by('prescribing', 1n), by('courses', -50_000n));
    expect(decided).toEqual([
      {
        type: 'BudgetChanged',
        data: {
          ...{ fund: 'lottery', year: 2026 },
          changes: [
            { pot: 'prescribing', purpose: 'prescribing', amount: 1n },
            { pot: 'courses', purpose: 'training', amount: -50_000n },
          ],
        },
      },
    ]);
    expect(free(then(threePots, decided))).toMatchObject({ prescribing: 300_001n, courses: 0n });
  });

  test('cuts what is free and not a penny more', () => {
    expect(change(by('courses', -50_001n))).toMatchObject({
      code: 'pot-exhausted',
      field: 'changes',
      data: { freePence: 50_000, askedPence: 50_001 },
    });
    const drawn: FundingEvent = {
      type: 'FundsDrawn',
      data: {
        ...{ fund: slug('lottery'), year: 2026, pot: slug('courses'), amount: 50_001n },
        ...{ prescription: prescriptionId('walks'), because: eventId('late') },
      },
    };
    const below = then(threePots, [drawn]);
    const cut = { changes: [by('courses', -1n)] };
    expect(changeBudget(below, fund, NAMED, cut, now)).toMatchObject({
      message: 'Pot courses has -0.01 free and 0.01 was asked.',
    });
    // More money is welcome where late facts took too much.
    const raise = { changes: [by('courses', 1n)] };
    expect(isRefusal(changeBudget(below, fund, NAMED, raise, now))).toBe(false);
  });

  test('makes a new pot, for what its name says or it says itself, empty or not', () => {
    const decided = change(
      by('training', 5n),
      { ...by('first-aid', 0n), purpose: 'training' },
      by('walks', 7n),
    );
    expect(decided).toMatchObject([
      {
        data: {
          changes: [
            { pot: 'training', purpose: 'training', amount: 5n },
            { pot: 'first-aid', purpose: 'training', amount: 0n },
            { pot: 'walks', purpose: 'prescribing', amount: 7n },
          ],
        },
      },
    ]);
    const state = then(threePots, decided);
    expect(free(state)).toMatchObject({ training: 5n, 'first-aid': 0n, walks: 7n });
    const firstAid = { pot: 'first-aid', purpose: 'training', free: 0n };
    expect(state).toMatchObject({ pots: expect.arrayContaining([firstAid]) });
  });

  test.each([
    ['pot-exhausted', 'a new pot from which something is taken', [by('walks', -1n)]],
    ['outside-purpose', 'a new pot the fund was not given for', [by('capacity', 1n)]],
    [
      'other-purpose',
      'a pot with another purpose',
      [{ ...by('courses', 1n), purpose: 'capacity' as const }],
    ],
    ['nothing-changes', 'nothing', [by('courses', 0n)]],
    ['pot-twice', 'a pot twice', [by('courses', 1n), by('courses', 2n)]],
  ])('is refused, %s: %s', (code, _, changes) => {
    expect(change(...changes)).toMatchObject({ refused: true, code, field: 'changes' });
  });
});

describe('a virement', () => {
  type Virement = Parameters<typeof approveVirement>[2];
  const WITHIN: Virement = {
    ...{ from: slug('prescribing'), to: slug('men-s-health'), amount: 300_000n },
    ...{ authority: 'within-purpose', approvedBy: slug('board') },
  };
  const ACROSS: Virement = {
    ...WITHIN,
    ...{ from: slug('courses'), to: slug('prescribing'), amount: 10_000n },
    ...{ authority: 'funder-consent', document: 'ab'.repeat(32) },
  };
  const approve = (given: Virement, state: FundingState = threePots) =>
    approveVirement(state, NAMED, given, now);

  test('crosses within one purpose on the word of the anchor', () => {
    const decided = approve(WITHIN);
    expect(decided).toEqual([
      { type: 'VirementApproved', data: { ...WITHIN, fund: 'lottery', year: 2026 } },
    ]);
    expect(free(then(threePots, decided))).toMatchObject({
      prescribing: 0n,
      'men-s-health': 300_000n,
    });
  });

  test('crosses out of a purpose with the consent of the funder and its document', () => {
    expect(free(then(threePots, approve(ACROSS)))).toMatchObject({
      courses: 40_000n,
      prescribing: 310_000n,
    });
    const { document: _, ...without } = ACROSS;
    expect(approve(without)).toMatchObject({ code: 'document-needed', field: 'document' });
    expect(approve({ ...ACROSS, authority: 'within-purpose' })).toMatchObject({
      code: 'consent-needed',
      field: 'authority',
      message: expect.stringContaining('From training to prescribing'),
    });
  });

  test('is of what is free and not a penny more', () => {
    expect(approve({ ...ACROSS, amount: 50_001n })).toMatchObject({
      code: 'pot-exhausted',
      field: 'from',
      data: { freePence: 50_000, askedPence: 50_001 },
    });
    expect(isRefusal(approve({ ...ACROSS, amount: 50_000n }))).toBe(false);
  });

  test.each([
    ['same-pot', 'to', { to: slug('prescribing') }],
    ['no-such-pot', 'from', { from: slug('holidays') }],
    ['no-such-pot', 'to', { to: slug('holidays') }],
  ])('is refused, %s in %s', (code, field, change) => {
    expect(approve({ ...WITHIN, ...change })).toMatchObject({ refused: true, code, field });
  });
});

describe('a recall', () => {
  const recall = (amount: bigint, pot = 'courses') =>
    recallFunds(threePots, NAMED, { pot: slug(pot), amount }, now);

  test('takes back what is free, for the funder that gave it', () => {
    const decided = recall(50_000n);
    expect(decided).toEqual([
      {
        type: 'FundsRecalled',
        data: {
          ...{ fund: 'lottery', year: 2026, pot: 'courses', amount: 50_000n },
          ...{ funder: 'tnlcf', recognition: 'restricted' },
        },
      },
    ]);
    expect(free(then(threePots, decided))).toMatchObject({ courses: 0n, prescribing: 300_000n });
  });

  test('leaves what is not free, and pots that are not there', () => {
    expect(recall(50_001n)).toMatchObject({ code: 'pot-exhausted', data: { freePence: 50_000 } });
    expect(recall(1n, 'holidays')).toMatchObject({ code: 'no-such-pot', field: 'pot' });
  });
});
