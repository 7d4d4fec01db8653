import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { NOTHING_ASKED, asksOf } from './asks.js';
import type { ReferralEvent, ReferralFact } from './events.js';
import type { Scheme } from './scheme.js';
import {
  SPRING,
  accepted,
  closed,
  consented,
  firstContact,
  followedUp,
  received,
} from './testing/cast.js';
import { date, fold, on } from './testing/given.js';
import { assessmentId, commandsUnder } from './testing/under.js';

const slugs = (...all: string[]) => all as Slug[];
const SCHEME: Scheme = {
  ...SPRING,
  clocks: { followUpMonths: 1, feedbackDays: 30, reviewMonths: 3 },
  instruments: {
    firstContact: slugs('swemwbs', 'gad-7'),
    oneOf: slugs('phq-9', 'ons4'),
    followUp: slugs('swemwbs'),
  },
};
const RECEIVED = on('2026-04-01', received({ referrer: 'surgery' as Slug }), accepted());
const BEGUN = [...RECEIVED, ...on('2026-04-08', firstContact('2026-05-08'))];
const scored = (instrument: string): ReferralEvent => ({
  type: 'AssessmentRecorded',
  data: {
    ...{ assessment: assessmentId(instrument), instrument: instrument as Slug, scoring: 1 },
    ...{ purpose: 'baseline', mode: 'visit', explainedToPerson: false },
  },
  protectedData: {},
});
const declined = (instrument: string): ReferralEvent => ({
  type: 'AssessmentDeclined',
  data: { instrument: instrument as Slug, purpose: 'baseline' },
  protectedData: {},
});
const asks = (facts: readonly ReferralFact[], today = '2026-04-10', scheme = SCHEME) =>
  asksOf(fold(facts)!, scheme, scheme, date(today));

describe('of a first contact', () => {
  test('is asked what the scheme wants to know', () => {
    expect(asks(RECEIVED)).toMatchObject({
      instruments: ['swemwbs', 'gad-7'],
      oneOf: ['phq-9', 'ons4'],
    });
  });

  test('what was answered is asked no more, and declined is an answer', () => {
    const facts = [...BEGUN, ...on('2026-04-09', scored('swemwbs'), declined('gad-7'))];
    expect(asks(facts)).toMatchObject({ instruments: [], oneOf: ['phq-9', 'ons4'] });
    expect(asks([...facts, ...on('2026-04-09', scored('ons4'))]).oneOf).toEqual([]);
    expect(asks([...facts, ...on('2026-04-09', declined('phq-9'))]).oneOf).toEqual([]);
  });

  test('that was voided it is asked again', () => {
    const [assessed] = on('2026-04-09', scored('swemwbs'));
    const voided: ReferralEvent = {
      type: 'EntryCorrected',
      data: { corrects: assessed!.id, kind: 'void', reasonCode: 'wrong-person' } as never,
    };
    const facts = [...BEGUN, assessed!];
    expect(asks(facts).instruments).toEqual(['gad-7']);
    expect(asks([...facts, ...on('2026-04-10', voided)]).instruments).toEqual(['swemwbs', 'gad-7']);
  });

  test('a scheme that asks for nothing asks for nothing', () => {
    expect(asks(RECEIVED, '2027-01-01', { ...SPRING, clocks: {}, consent: 'not-needed' })).toEqual(
      NOTHING_ASKED,
    );
  });
});

describe('of a follow-up', () => {
  const BASELINE = on('2026-04-08', scored('swemwbs'), scored('gad-7'), scored('phq-9'));
  const facts = [...BEGUN, ...BASELINE];

  test('it is asked again from the day it is due', () => {
    expect(asks(facts, '2026-05-07').instruments).toEqual([]);
    expect(asks(facts, '2026-05-08').instruments).toEqual(['swemwbs']);
  });

  test('until it was answered for this one', () => {
    const retaken = [...facts, ...on('2026-05-09', scored('swemwbs'))];
    expect(asks(retaken, '2026-05-20').instruments).toEqual([]);
    const next = on('2026-05-09', followedUp({ followUpDueOn: '2026-06-09' }));
    expect(asks([...retaken, ...next], '2026-06-08').instruments).toEqual([]);
    expect(asks([...retaken, ...next], '2026-06-09').instruments).toEqual(['swemwbs']);
  });
});

describe('consent', () => {
  const withdrawn: ReferralEvent = { type: 'ConsentWithdrawn', data: { scopes: slugs('share') } };

  test('is asked for until it is given, and again once it is withdrawn', () => {
    const given = [...RECEIVED, ...on('2026-04-02', consented('share'))];
    expect([RECEIVED, given].map((facts) => asks(facts).consent)).toEqual([true, false]);
    expect(asks([...given, ...on('2026-04-03', withdrawn)]).consent).toBe(true);
  });

  test('is asked for where the kind of referral needs it', () => {
    const need = { identity: 'needed', consent: 'needed', linkWorker: 'needed' } as const;
    const { identity: _i, consent: _c, linkWorker: _l, ...rest } = SCHEME;
    const scheme: Scheme = {
      ...rest,
      kinds: { broad: { ...need, consent: 'not-needed' }, specific: need },
    };
    const { received: as } = commandsUnder(scheme);
    const consentOf = (kind: 'broad' | 'specific') =>
      asks(on('2026-04-01', as(kind)), '2026-04-02', scheme).consent;
    expect([consentOf('broad'), consentOf('specific')]).toEqual([false, true]);
  });
});

describe('feedback and review', () => {
  const sent: ReferralEvent = {
    type: 'FeedbackSent',
    data: { to: 'surgery' as Slug, covers: [] },
  };
  const plan = (type: 'PlanAgreed' | 'PlanAmended'): ReferralEvent => ({
    ...{ type, data: {}, protectedData: {} },
  });

  test('the referrer hears by a day, and again', () => {
    expect(asks(RECEIVED).feedbackDueOn).toBe('2026-05-01');
    expect(asks([...RECEIVED, ...on('2026-04-20', sent)]).feedbackDueOn).toBe('2026-05-20');
    expect(asks(on('2026-04-01', received())).feedbackDueOn).toBeNull();
  });

  test('a plan is looked at again', () => {
    expect(asks(BEGUN).planReviewOn).toBeNull();
    const agreed = [...BEGUN, ...on('2026-04-10', plan('PlanAgreed'))];
    expect(asks(agreed).planReviewOn).toBe('2026-07-10');
    const amended = [...agreed, ...on('2026-05-31', plan('PlanAmended'))];
    expect(asks(amended).planReviewOn).toBe('2026-08-31');
  });

  test('nothing is asked once the referral has ended', () => {
    expect(asks([...BEGUN, ...on('2026-04-09', closed())], '2027-01-01')).toEqual(NOTHING_ASKED);
  });
});
