import { describe, expect, test } from '@jest/globals';
import { isRefusal } from '#kernel';
import type { Component, Terms } from '#referral';
import {
  AGREEMENT,
  BUDGET,
  after,
  agreement,
  budget,
  fund,
  now,
  onDay,
  then,
} from '../testing/decisions.js';
import { ALLOT, day, fee, nth, perCourse, perSession, slug, whenMet } from '../testing/facts.js';
import { changeTerms, endAgreement, quote, signAgreement } from './decide.js';
import type { FundingState } from './state.js';

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

describe('a drop-out minimum', () => {
  const least = (amount: bigint): Component => {
    return { component: slug('least'), trigger: 'drop-out-minimum', amount, ends: ['dropped-out'] };
  };
  const sign = (...components: Component[]) =>
    signAgreement(null, { ...AGREEMENT, terms: { components } }, now);

  test('is not above the whole price, where that is known', () => {
    expect(isRefusal(sign(perCourse(300n), whenMet(700n), fee(50n), least(1000n)))).toBe(false);
    expect(sign(perCourse(300n), whenMet(700n), fee(50n), least(1001n))).toMatchObject({
      code: 'minimum-above-price',
      field: 'components',
      message: 'The drop-out minimum of 10.01 is more than the whole price, 10.00.',
    });
    // What sessions cost together is known once they are planned.
    expect(isRefusal(sign(perSession(300n), least(1001n)))).toBe(false);
    expect(sign(least(1n))).toMatchObject({ code: 'minimum-above-price' });
  });

  test('is there once', () => {
    const other = { ...least(1n), component: slug('other') };
    expect(sign(perCourse(300n), least(1n), other)).toMatchObject({ code: 'trigger-twice' });
  });
});

describe('a change of terms', () => {
  const { until: _, ...OPEN } = AGREEMENT;
  const AT_DELIVERY: Terms = {
    components: [perSession(1250n), fee(500n), whenMet(3000n)],
    priceBasis: 'at-delivery',
  };
  const signedAs = (terms: Terms) => after({ type: 'AgreementSigned', data: { ...OPEN, terms } });
  const given = (from: string, ...components: Component[]) => {
    const { payer, agreement: name } = AGREEMENT;
    return { payer, agreement: name, from: day(from), terms: { components } };
  };
  const change = (state: FundingState, ...rest: Parameters<typeof given>) =>
    changeTerms(state, given(...rest), now);
  const RAISED = [perSession(1300n), fee(500n), whenMet(3000n)];

  test('counts the version on, and keeps the price basis', () => {
    expect(change(signedAs(AT_DELIVERY), '2026-07-01', ...RAISED)).toEqual([
      {
        type: 'TermsChanged',
        data: {
          ...given('2026-07-01'),
          version: 2,
          terms: { priceBasis: 'at-delivery', components: RAISED },
        },
      },
    ]);
  });

  test('is quoted from its day on, and the terms before it up to then', () => {
    let state = signedAs({ components: [perSession(1250n)] });
    state = then(state, change(state, '2026-07-01', perSession(1300n)));
    state = then(state, change(state, '2026-09-01', perSession(1400n)));
    const of = (on: string) =>
      quote(state, budget, {
        ...{ provider: ALLOT, service: slug('gardening'), pot: slug('prescribing') },
        ...{ on: day(on), names: { agreement: slug('garden-terms'), budget: 'lottery 2026' } },
      });
    const inForce = [
      ['2026-04-01', 1, 1250n],
      ['2026-06-30', 1, 1250n],
      ['2026-07-01', 2, 1300n],
      ['2026-08-31', 2, 1300n],
      ['2026-09-01', 3, 1400n],
    ] as const;
    for (const [on, version, amount] of inForce) {
      expect(of(on)).toMatchObject({ version, terms: { components: [perSession(amount)] } });
    }
  });

  test('of the same day as another takes its place', () => {
    let state = signedAs({ components: [perSession(1250n)] });
    state = then(state, change(state, '2026-07-01', perSession(13_000n)));
    state = then(state, change(state, '2026-07-01', perSession(1300n)));
    const wanted = {
      ...{ provider: ALLOT, service: slug('gardening'), pot: slug('prescribing') },
      names: { agreement: slug('garden-terms'), budget: 'lottery 2026' },
    };
    expect(quote(state, budget, { ...wanted, on: day('2026-07-01') })).toMatchObject({
      version: 3,
    });
    expect(change(state, '2026-06-30', perSession(1n))).toMatchObject({
      code: 'terms-out-of-order',
      field: 'from',
      message: expect.stringContaining('Version 3 is in force from 2026-07-01'),
    });
  });

  test('is of a day after the agreement began and before it ends', () => {
    expect(change(agreement, '2026-04-01', perSession(1n))).toMatchObject({
      code: 'before-the-agreement',
      field: 'from',
    });
    expect(isRefusal(change(agreement, '2026-04-02', perSession(1n)))).toBe(false);
    expect(isRefusal(change(agreement, '2026-12-31', perSession(1n)))).toBe(false);
    expect(change(agreement, '2027-01-01', perSession(1n))).toMatchObject({
      code: 'after-the-agreement',
      field: 'from',
    });
  });

  test('may be of a day past', () => {
    const later = changeTerms(agreement, given('2026-05-01', perSession(1n)), onDay('2026-08-01'));
    expect(isRefusal(later)).toBe(false);
  });

  test('holds to the rules that every agreement holds to', () => {
    expect(change(agreement, '2026-07-01', perSession(499n), fee(500n))).toMatchObject({
      code: 'fee-above-price',
    });
  });

  test('at prescription may pay for anything else', () => {
    expect(isRefusal(change(agreement, '2026-07-01', nth(1, 9000n)))).toBe(false);
  });

  test('at delivery changes amounts, fees and limits', () => {
    const other = [whenMet(1n), fee(1n, 9, ['not-stated']), perSession(9n)];
    expect(isRefusal(change(signedAs(AT_DELIVERY), '2026-07-01', ...other))).toBe(false);
  });

  const met = whenMet(3000n) as Extract<Component, { trigger: 'outcome-met' }>;
  test.each<[string, Component[]]>([
    ['nothing of a component any more', [perSession(1250n), fee(500n)]],
    ['for one more', [...RAISED, nth(1, 100n)]],
    ['for the course', [perCourse(1250n), fee(500n), whenMet(3000n)]],
    ['after other ends', [perSession(1250n), fee(500n), { ...met, survives: ['lapsed'] }]],
    ['under another name', [perSession(1250n), fee(500n), { ...met, component: slug('other') }]],
  ])('at delivery pays for the same as before: not %s', (_, components) => {
    expect(change(signedAs(AT_DELIVERY), '2026-07-01', ...components)).toMatchObject({
      code: 'other-components',
      field: 'components',
    });
  });

  test.each([
    [AT_DELIVERY, 'at-prescription', 'at delivery'],
    [AGREEMENT.terms, 'at-delivery', 'at prescription'],
  ] as const)('leaves the price basis as it was signed', (terms, priceBasis, words) => {
    const other = given('2026-07-01', ...terms.components);
    const changed = { ...other, terms: { ...other.terms, priceBasis } };
    expect(changeTerms(signedAs(terms), changed, now)).toMatchObject({
      code: 'other-price-basis',
      field: 'priceBasis',
      message: expect.stringContaining(words),
    });
  });

  test('is of an agreement that was signed', () => {
    for (const state of [null, fund]) {
      expect(change(state, '2026-07-01', perSession(1n))).toMatchObject({
        code: 'no-such-agreement',
      });
    }
  });
});

describe('the end of an agreement', () => {
  const end = (until: string, state: FundingState = agreement) => {
    const { payer, agreement: name } = AGREEMENT;
    return endAgreement(state, { payer, agreement: name, until: day(until) }, now);
  };
  const wanted = {
    ...{ provider: ALLOT, service: slug('gardening'), pot: slug('prescribing') },
    names: { agreement: slug('garden-terms'), budget: 'lottery 2026' },
  };

  test('lets nothing be prescribed after its last day', () => {
    const decided = end('2026-08-01');
    const data = { agreement: 'garden-terms', until: '2026-08-01' };
    expect(decided).toEqual([{ type: 'AgreementEnded', data }]);
    const ended = then(agreement, decided);
    expect(isRefusal(quote(ended, budget, { ...wanted, on: day('2026-08-01') }))).toBe(false);
    expect(quote(ended, budget, { ...wanted, on: day('2026-08-02') })).toMatchObject({
      code: 'agreement-not-in-force',
    });
  });

  test('again on the same day is nothing new', () => {
    expect(end('2026-12-31')).toEqual([]);
    expect(end('2026-08-01', then(agreement, end('2026-08-01')))).toEqual([]);
  });

  test('is not before its start, and makes it no longer', () => {
    expect(isRefusal(end('2026-04-01'))).toBe(false);
    expect(end('2026-03-31')).toMatchObject({ code: 'ends-before-it-starts', field: 'until' });
    expect(end('2027-01-01')).toMatchObject({ code: 'agreement-ends-already', field: 'until' });
  });

  test('is of an agreement that was signed', () => {
    expect(end('2026-08-01', null)).toMatchObject({ code: 'no-such-agreement' });
  });
});
