import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import {
  agreePlan,
  amendPlan,
  identifyBarrier,
  raiseConcern,
  recordServiceUse,
  recordUnmetNeed,
  setLevelOfSupport,
  signpost,
  withdrawConsent,
} from './decide.js';
import type { ReferralEvent } from './events.js';
import { CLOSED, IN_CONTACT, RECEIVED } from './testing/beginnings.js';
import { SPRING, STRANGER, consented, schemeOf } from './testing/cast.js';
import { date, day, given, on, type Decide } from './testing/given.js';
import { assessmentId, commandsUnder } from './testing/under.js';

const TODAY = day('2026-06-01');
const barrier = (code?: string, note?: string): Decide => commandsUnder(SPRING).barrier(code, note);
const need: Decide = (state, moment) =>
  recordUnmetNeed(state, { code: 'debt-advice' }, schemeOf, moment);
const concern: Decide = (state, moment) =>
  raiseConcern(state, { source: 'person' }, { note: 'A note.' }, schemeOf, moment);
const sign: Decide = (state, moment) => signpost(state, { service: 'library' as Slug }, {}, moment);
const use =
  (from: string, to: string): Decide =>
  (state, moment) =>
    recordServiceUse(
      state,
      { source: 'practice' as Slug, from: date(from), to: date(to) },
      { counts: [{ of: 'gp-visits' as Slug, count: 3 }] },
      moment,
    );
const agree =
  (because?: string): Decide =>
  (state, moment) =>
    agreePlan(state, because === undefined ? undefined : assessmentId(because), {}, moment);
const amend =
  (because?: string): Decide =>
  (state, moment) =>
    amendPlan(state, because === undefined ? undefined : assessmentId(because), {}, moment);
const level =
  (to: 'signposted' | 'supported-access'): Decide =>
  (state, moment) =>
    setLevelOfSupport(state, { to }, {}, moment);
const withdraw =
  (...scopes: string[]): Decide =>
  (state, moment) =>
    withdrawConsent(state, { scopes: scopes as Slug[] }, moment);

const ALL: readonly [string, Decide][] = [
  ['a barrier', barrier('no-confidence')],
  ['an unmet need', need],
  ['a concern', concern],
  ['a signpost', sign],
  ['service use', use('2026-01-01', '2026-03-31')],
  ['a plan', agree()],
  ['an amended plan', amend()],
  ['a level of support', level('signposted')],
  ['withdrawing consent', withdraw('share')],
];

describe('whatever is learned', () => {
  test.each(ALL)('%s needs a referral of one’s own, and happened already', (_, decide) => {
    given().when(decide, TODAY).thenRefused('no-such-referral', 'referral');
    given(RECEIVED)
      .when(decide, day('2026-06-01', { by: STRANGER }))
      .thenRefused('not-your-referral', 'actor.organisation');
    given(RECEIVED)
      .when(decide, day('2026-06-02', { told: '2026-06-01' }))
      .thenRefused('in-the-future', 'at');
  });

  test.each(ALL.slice(0, 2))('%s is not learned of a referral that ended', (_, decide) => {
    given(CLOSED).when(decide, TODAY).thenRefused('referral-closed');
  });
});

describe('barriers and unmet needs', () => {
  test('are a code, a note or both', () => {
    given(RECEIVED)
      .when(barrier('cannot-get-there', 'No bus.'), TODAY)
      .then({
        type: 'BarrierIdentified',
        data: {},
        protectedData: { code: 'cannot-get-there', note: 'No bus.' },
      });
    given(RECEIVED)
      .when(barrier(undefined, 'No bus.'), TODAY)
      .then({
        type: 'BarrierIdentified',
        data: {},
        protectedData: { note: 'No bus.' },
      });
    given(RECEIVED).when(barrier(), TODAY).thenRefused('nothing-said', 'code');
    given(RECEIVED)
      .when(need, TODAY)
      .then({ type: 'NeedUnmet', data: {}, protectedData: { code: 'debt-advice' } });
  });

  test('have the codes of the scheme where it lists them, or no reason given', () => {
    const listed = () => ({
      ...SPRING,
      reasons: { barrier: ['frightened'], unmetNeed: ['transport'] } as never,
    });
    const said =
      (code: string): Decide =>
      (state, moment) =>
        identifyBarrier(state, { code }, listed, moment);
    const event = (code: string): ReferralEvent => ({
      type: 'BarrierIdentified',
      data: {},
      protectedData: { code },
    });
    given(RECEIVED).when(said('frightened'), TODAY).then(event('frightened'));
    given(RECEIVED).when(said('no-reason-given'), TODAY).then(event('no-reason-given'));
    given(RECEIVED).when(said('transport'), TODAY).thenRefused('no-such-reason', 'code');
    given(RECEIVED)
      .when(
        (state, moment) => recordUnmetNeed(state, { code: 'frightened' }, listed, moment),
        TODAY,
      )
      .thenRefused('no-such-reason', 'code');
  });
});

test('a concern is raised after the end too', () => {
  given(CLOSED)
    .when(concern, TODAY)
    .then({
      type: 'ConcernRaised',
      data: { source: 'person' },
      protectedData: { note: 'A note.' },
    });
});

describe('service use', () => {
  test('is of days gone by, before the referral or after its end', () => {
    for (const story of [RECEIVED, CLOSED]) {
      given(story)
        .when(use('2026-01-01', '2026-03-31'), TODAY)
        .then({
          type: 'ServiceUseRecorded',
          data: { source: 'practice' as Slug, from: date('2026-01-01'), to: date('2026-03-31') },
          protectedData: { counts: [{ of: 'gp-visits' as Slug, count: 3 }] },
        });
    }
    expect(use('2026-06-01', '2026-06-01')(given(RECEIVED).state, TODAY)).toHaveLength(1);
  });

  test('ends after it begins, and not after today', () => {
    given(RECEIVED)
      .when(use('2026-03-31', '2026-03-30'), TODAY)
      .thenRefused('ends-before-it-begins', 'to');
    given(RECEIVED)
      .when(use('2026-03-31', '2026-06-02'), TODAY)
      .thenRefused('counts-the-future', 'to');
  });
});

describe('a plan', () => {
  test('is agreed once and amended from then on', () => {
    const agreed: ReferralEvent = { type: 'PlanAgreed', data: {}, protectedData: {} };
    const amended: ReferralEvent = { type: 'PlanAmended', data: {}, protectedData: {} };
    const story = given(IN_CONTACT)
      .when(amend(), TODAY)
      .thenRefused('no-plan')
      .when(agree(), TODAY)
      .then(agreed)
      .when(agree(), day('2026-06-02'))
      .thenRefused('plan-agreed')
      .when(amend(), day('2026-07-01'))
      .then(amended);
    expect(story.state).toMatchObject({ planAgreedOn: '2026-06-01', planAmendedOn: '2026-07-01' });
  });

  test('names the assessment it follows from', () => {
    const facts = on('2026-05-01', {
      type: 'AssessmentRecorded',
      data: {
        ...{ assessment: assessmentId('may'), instrument: 'pam' as Slug, scoring: 1 },
        ...{ purpose: 'baseline', mode: 'visit', explainedToPerson: false },
      },
      protectedData: {},
    });
    const because = facts[0]!.id;
    given(IN_CONTACT, facts)
      .when(agree('may'), TODAY)
      .then({ type: 'PlanAgreed', data: { because }, protectedData: {} })
      .when(amend('may'), TODAY)
      .then({ type: 'PlanAmended', data: { because }, protectedData: {} })
      .when(amend('june'), TODAY)
      .thenRefused('no-such-assessment', 'assessment');
  });
});

test('the level of support goes up and down', () => {
  const set = (to: 'signposted' | 'supported-access', from?: typeof to): ReferralEvent => ({
    type: 'LevelOfSupportSet',
    data: { ...(from && { from }), to },
    protectedData: {},
  });
  given(RECEIVED)
    .when(level('signposted'), TODAY)
    .then(set('signposted'))
    .when(level('supported-access'), TODAY)
    .then(set('supported-access', 'signposted'))
    .when(level('supported-access'), TODAY)
    .thenNothing()
    .when(level('signposted'), TODAY)
    .then(set('signposted', 'supported-access'));
});

describe('consent', () => {
  test('is withdrawn in part, at any time, and may be given again', () => {
    const story = given(CLOSED, on('2026-05-01', consented('share', 'survey')))
      .when(withdraw('share', 'research'), TODAY)
      .then({ type: 'ConsentWithdrawn', data: { scopes: ['share' as Slug] } });
    expect(story.state?.consent).toEqual(['survey']);
    story.when(withdraw('share'), TODAY).thenNothing();
  });
});
