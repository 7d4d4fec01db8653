import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { SPRING, STRANGER, accepted, assigned } from './testing/cast.js';
import { day, given, on } from './testing/given.js';
import { commandsUnder } from './testing/under.js';
import type { Scheme } from './scheme.js';

const rule = (name: string, more: object) => ({ rule: name as Slug, ...more });
const scheme = (...eligibility: NonNullable<Scheme['eligibility']>): Scheme => ({
  ...SPRING,
  eligibility,
});
const AGED = rule('age', { age: { from: 40, to: 74 } });
const ILL = rule('condition', { anyOf: ['asthma', 'diabetes'] });
const BOTH = commandsUnder(scheme(AGED, ILL));
const RECEIVED = on('2026-04-01', BOTH.received());
const decided = (eligible: boolean, age: string, condition: string, known: object = {}) =>
  ({
    type: 'EligibilityDecided',
    data: {
      policy: { name: SPRING.name, version: 1 },
      eligible,
      rules: [
        { rule: 'age', result: age },
        { rule: 'condition', result: condition },
      ],
    },
    protectedData: known,
  }) as never;

describe('who is eligible', () => {
  test.each([
    [39, 'not-met'],
    [40, 'met'],
    [74, 'met'],
    [75, 'not-met'],
  ])('at %i the age is %s', (age, result) => {
    given(RECEIVED)
      .when(BOTH.eligibility(['diabetes'], age), day('2026-04-02'))
      .then(decided(result === 'met', result, 'met', { conditions: ['diabetes'], age }));
  });

  test.each([
    [{ from: 18 }, 17, 'not-met'],
    [{ from: 18 }, 18, 'met'],
    [{ to: 18 }, 18, 'met'],
    [{ to: 18 }, 19, 'not-met'],
    [{ from: 0 }, 0, 'met'],
  ])('an age of %j: %i is %s', (age, given_, result) => {
    const { eligibility, received } = commandsUnder(scheme(rule('age', { age })));
    const decision = eligibility(undefined, given_)(
      given(on('2026-04-01', received())).state,
      day('2026-04-02'),
    );
    expect(decision).toMatchObject([{ data: { rules: [{ result }] } }]);
  });

  test.each([
    [['asthma'], 'met'],
    [['gout', 'diabetes'], 'met'],
    [['gout'], 'not-met'],
    [[], 'not-met'],
  ])('with %j the condition is %s', (conditions, result) => {
    given(RECEIVED)
      .when(BOTH.eligibility(conditions, 50), day('2026-04-02'))
      .then(decided(result === 'met', 'met', result, { conditions, age: 50 }));
  });

  test('what nobody said is not known, and is not enough', () => {
    given(RECEIVED)
      .when(BOTH.eligibility(), day('2026-04-02'))
      .then(decided(false, 'not-known', 'not-known'));
  });

  test('the age that the referral brought is known', () => {
    given(on('2026-04-01', BOTH.received(undefined, { ageAtReferral: 60 })))
      .when(BOTH.eligibility(['asthma']), day('2026-04-02'))
      .then(decided(true, 'met', 'met', { conditions: ['asthma'] }));
  });

  test('is decided by the anchor alone, and only where there are rules', () => {
    given(RECEIVED)
      .when(BOTH.eligibility(['asthma'], 50), day('2026-04-02', { by: STRANGER }))
      .thenRefused('not-your-referral', 'actor.organisation');
    given(RECEIVED)
      .when(commandsUnder(SPRING).eligibility(['asthma'], 50), day('2026-04-02'))
      .thenRefused('no-eligibility-rules');
  });
});

describe('under a scheme with rules', () => {
  test('nobody is accepted undecided', () => {
    given(RECEIVED).when(BOTH.accept(), day('2026-04-02')).thenRefused('eligibility-undecided');
  });

  test('nobody is accepted who is not eligible, and the failed rules are named', () => {
    const state = given(RECEIVED, on('2026-04-02', decided(false, 'met', 'not-met'))).state;
    const refusal = BOTH.accept()(state, day('2026-04-03'));
    expect(refusal).toMatchObject({ code: 'not-eligible' });
    expect(refusal).toHaveProperty('message', expect.stringContaining('condition is not met.'));
    expect(refusal).toHaveProperty('message', expect.not.stringContaining('age is'));
  });

  test('another decision counts from then on, for better and for worse', () => {
    given(RECEIVED)
      .when(BOTH.eligibility([], 50), day('2026-04-02'))
      .then(decided(false, 'met', 'not-met', { conditions: [], age: 50 }))
      .when(BOTH.eligibility(['asthma'], 50), day('2026-04-03'))
      .then(decided(true, 'met', 'met', { conditions: ['asthma'], age: 50 }))
      .when(BOTH.accept(), day('2026-04-03'))
      .then(accepted());
    given(
      RECEIVED,
      on('2026-04-02', decided(true, 'met', 'met'), accepted(), assigned()),
      on('2026-04-03', decided(false, 'met', 'not-met')),
    )
      .when(BOTH.prescribe(), day('2026-04-04'))
      .thenRefused('not-eligible');
  });

  test('who is eligible is prescribed to', () => {
    const decision = BOTH.prescribe()(
      given(RECEIVED, on('2026-04-02', decided(true, 'met', 'met'), accepted(), assigned())).state,
      day('2026-04-04'),
    );
    expect(decision).toMatchObject([{ type: 'Prescribed' }]);
  });
});
