import { describe, expect, test } from '@jest/globals';
import { isRefusal, type Actor, type Moment } from '#kernel';
import type { Component } from '#referral';
import {
  ALLOT,
  NORTH,
  day,
  eventId,
  fee,
  fundingFact,
  nth,
  perCourse,
  perSession,
  prescriptionId,
  referralId,
  slug,
} from '../testing/facts.js';
import { openBudget, quote, receiveFund, reserve, signAgreement } from './decide.js';
import type { FundingEvent, FundingEventOf } from './events.js';
import { evolve, initialState, type FundingState } from './state.js';

const anna: Actor = { id: 'anna', role: 'anchor', organisation: NORTH };
const stranger: Actor = { ...anna, organisation: slug('south') };
const now: Moment = { on: day('2026-04-01'), today: day('2026-04-01'), actor: anna };

/** A stream's state after these events of north's. */
function after(...events: FundingEvent[]): FundingState {
  return events.reduce<FundingState>((state, e) => evolve(state, fundingFact(e)), initialState);
}

const FUND: FundingEventOf<'FundReceived'>['data'] = {
  ...{ fund: slug('lottery'), funder: slug('tnlcf'), amount: 500_000n, recognition: 'restricted' },
  purposes: ['prescribing', 'training'],
};
const POT = { pot: slug('prescribing'), purpose: 'prescribing' as const, amount: 300_000n };
const BUDGET = {
  ...{ fund: slug('lottery'), year: 2026, from: day('2026-04-01'), to: day('2027-03-31') },
  pots: [POT, { pot: slug('courses'), purpose: 'training' as const, amount: 0n }],
};
const AGREEMENT: FundingEventOf<'AgreementSigned'>['data'] = {
  ...{ agreement: slug('garden-terms'), version: 1, payer: NORTH, payee: ALLOT },
  ...{ services: [slug('gardening')], from: day('2026-04-01'), until: day('2026-12-31') },
  terms: { components: [perSession(1250n), fee(500n)] },
};

const fund = after({ type: 'FundReceived', data: FUND });
const budget = after({
  type: 'BudgetOpened',
  data: { ...BUDGET, funder: slug('tnlcf'), recognition: 'restricted' },
});
const agreement = after({ type: 'AgreementSigned', data: AGREEMENT });

describe('every command on money', () => {
  const commands: [string, (moment: Moment) => unknown][] = [
    ['a fund', (moment) => receiveFund(null, NORTH, FUND, moment)],
    ['a budget', (moment) => openBudget(null, fund, NORTH, BUDGET, moment)],
    ['an agreement', (moment) => signAgreement(null, AGREEMENT, moment)],
  ];

  test.each(commands)("%s is nobody's but the anchor's own", (_, decide) => {
    expect(decide({ ...now, actor: stranger })).toMatchObject({
      code: 'not-your-books',
      field: 'actor.organisation',
    });
  });

  test.each(commands)('%s is not of a day to come', (_, decide) => {
    expect(decide({ ...now, on: day('2026-04-02') })).toMatchObject({
      code: 'in-the-future',
      field: 'at',
      data: { at: '2026-04-02', today: '2026-04-01' },
    });
  });
});

describe('a fund', () => {
  test('is received, once and again', () => {
    const event = { type: 'FundReceived', data: FUND };
    expect(receiveFund(null, NORTH, FUND, now)).toEqual([event]);
    expect(receiveFund(fund, NORTH, FUND, now)).toEqual([event]);
  });

  test.each([
    ['funder', slug('council')],
    ['recognition', 'performance-related' as const],
  ] as const)('with another %s is another fund', (field, value) => {
    expect(receiveFund(fund, NORTH, { ...FUND, [field]: value }, now)).toMatchObject({
      code: 'other-fund',
      field,
    });
  });

  test('may serve what any of its instalments was given for', () => {
    const more = after(
      { type: 'FundReceived', data: FUND },
      { type: 'FundReceived', data: { ...FUND, purposes: ['capacity', 'training'] } },
    );
    expect(more).toMatchObject({ purposes: ['prescribing', 'training', 'capacity'] });
  });
});

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

describe('an agreement', () => {
  const sign = (change: Partial<typeof AGREEMENT>, state: FundingState = null) =>
    signAgreement(state, { ...AGREEMENT, ...change }, now);
  const under = (...components: Component[]) => sign({ terms: { components } });

  test('is signed', () => {
    expect(sign({})).toEqual([{ type: 'AgreementSigned', data: AGREEMENT }]);
  });

  test('is signed once under its name', () => {
    expect(sign({}, agreement)).toMatchObject({ code: 'agreement-signed', field: 'agreement' });
  });

  test('does not end before it starts, and may be of one day', () => {
    expect(isRefusal(sign({ until: AGREEMENT.from }))).toBe(false);
    expect(sign({ until: day('2026-03-31') })).toMatchObject({
      code: 'ends-before-it-starts',
      field: 'until',
    });
  });

  test('names each component once', () => {
    expect(under(nth(1, 100n), nth(1, 100n))).toMatchObject({
      code: 'component-twice',
      field: 'components',
    });
  });

  test.each([
    ['session-attended', perSession(100n), { ...perCourse(200n), component: slug('other') }],
    ['session-missed', fee(10n), { ...fee(20n), component: slug('other') }],
  ])('has one price for %s', (_, first, second) => {
    expect(under(perSession(900n), first, second)).toHaveProperty('refused', true);
    expect(under(first, second)).toMatchObject({ code: 'trigger-twice', field: 'components' });
  });

  test('may pay several nth attendances', () => {
    expect(isRefusal(under(nth(1, 100n), nth(3, 100n)))).toBe(false);
  });

  test('pays no fee without a price out of which it comes', () => {
    expect(under(fee(500n), nth(1, 900n))).toMatchObject({
      code: 'fee-without-price',
      field: 'components',
    });
  });

  test('pays no fee above that price', () => {
    expect(isRefusal(under(perSession(500n), fee(500n)))).toBe(false);
    expect(under(perSession(499n), fee(500n))).toMatchObject({
      code: 'fee-above-price',
      message: expect.stringContaining('5.00'),
    });
    // What a session of a course costs is known once the sessions are planned.
    expect(isRefusal(under(perCourse(499n), fee(500n)))).toBe(false);
  });
});

describe('a quote', () => {
  const wanted = {
    ...{ provider: ALLOT, service: slug('gardening'), pot: slug('prescribing') },
    ...{
      on: day('2026-05-01'),
      names: { agreement: slug('garden-terms'), budget: 'lottery 2026' },
    },
  };
  const ask = (
    change: Partial<typeof wanted>,
    signed: FundingState = agreement,
    opened: FundingState = budget,
  ) => quote(signed, opened, { ...wanted, ...change });

  test('gives the terms and the pot, copied', () => {
    expect(ask({})).toEqual({
      agreement: 'garden-terms',
      version: 1,
      terms: AGREEMENT.terms,
      budget: {
        ...{ fund: 'lottery', year: 2026, pot: 'prescribing' },
        ...{ recognition: 'restricted', funder: 'tnlcf' },
      },
    });
  });

  test.each([
    ['no-such-agreement', 'agreement', () => ask({}, null)],
    ['no-such-agreement', 'agreement', () => ask({}, fund)],
    ['other-provider', 'agreement', () => ask({ provider: slug('pool') })],
    ['service-not-agreed', 'service', () => ask({ service: slug('swimming') })],
    ['agreement-not-in-force', 'at', () => ask({ on: day('2026-03-31') })],
    ['agreement-not-in-force', 'at', () => ask({ on: day('2027-01-01') })],
    ['no-such-budget', 'fund', () => ask({}, agreement, null)],
    ['no-such-budget', 'fund', () => ask({}, agreement, fund)],
    ['no-such-pot', 'pot', () => ask({ pot: slug('holidays') })],
    ['ring-fenced', 'pot', () => ask({ pot: slug('courses') })],
  ])('is refused: %s', (code, field, decide) => {
    expect(decide()).toMatchObject({ refused: true, code, field });
  });

  test('is refused outside the year of the budget', () => {
    const { until: _, ...endless } = AGREEMENT;
    const signed = after({
      type: 'AgreementSigned',
      data: { ...endless, from: day('2020-01-01') },
    });
    for (const on of [day('2026-03-31'), day('2027-04-01')]) {
      expect(ask({ on }, signed)).toMatchObject({ code: 'outside-the-year', field: 'year' });
    }
    for (const on of [BUDGET.from, BUDGET.to]) expect(isRefusal(ask({ on }, signed))).toBe(false);
  });

  test('is good on the last day of the agreement, and without an end for ever', () => {
    expect(isRefusal(ask({ on: day('2026-12-31') }))).toBe(false);
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
