import {
  isRefusal,
  refuse,
  type AssessmentId,
  type Decision,
  type Moment,
  type Refusal,
} from '#kernel';
import { capsScheme } from './caps.js';
import type { ReferralEventOf } from './events.js';
import { anyTime, happened, type Data, type Decided, type Protected } from './rules.js';
import { unknownReason, type SchemeOf } from './scheme.js';
import type { Referral, ReferralState } from './state.js';

export function identifyBarrier(
  state: ReferralState,
  said: Protected<'BarrierIdentified'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const not = nothingSaid(said) ?? unknownReason(schemeOf(referral.scheme), 'barrier', said.code);
  return not ?? [{ type: 'BarrierIdentified', data: {}, protectedData: said }];
}

export function recordUnmetNeed(
  state: ReferralState,
  said: Protected<'NeedUnmet'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const not = nothingSaid(said) ?? unknownReason(schemeOf(referral.scheme), 'unmetNeed', said.code);
  return not ?? [{ type: 'NeedUnmet', data: {}, protectedData: said }];
}

function nothingSaid({ code, note }: Protected<'BarrierIdentified'>): Refusal | null {
  if (code !== undefined || note !== undefined) return null;
  return refuse('nothing-said', 'What it is is missing: give a code, a note or both.', {
    field: 'code',
  });
}

export function signpost(
  state: ReferralState,
  data: Data<'Signposted'>,
  protectedData: Protected<'Signposted'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  return isRefusal(referral) ? referral : [{ type: 'Signposted', data, protectedData }];
}

/** Safeguarding does not end with the referral. */
export function raiseConcern(
  state: ReferralState,
  { source }: Pick<Data<'ConcernRaised'>, 'source'>,
  protectedData: Protected<'ConcernRaised'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  const not = unknownReason(schemeOf(referral.scheme), 'concern', protectedData.code);
  return not ?? [{ type: 'ConcernRaised', data: { source }, protectedData }];
}

/** Before, during or after the referral, but never of days to come. */
export function recordServiceUse(
  state: ReferralState,
  data: Data<'ServiceUseRecorded'>,
  protectedData: Protected<'ServiceUseRecorded'>,
  moment: Moment,
): Decided {
  const referral = anyTime(state, moment);
  if (isRefusal(referral)) return referral;
  const { from, to } = data;
  if (to < from) {
    return refuse('ends-before-it-begins', `${to} is before ${from}: check from and to.`, {
      field: 'to',
    });
  }
  if (to > moment.on) {
    return refuse('counts-the-future', `${to} is after the day of counting, ${moment.on}.`, {
      field: 'to',
    });
  }
  return [{ type: 'ServiceUseRecorded', data, protectedData }];
}

export function agreePlan(
  state: ReferralState,
  because: AssessmentId | undefined,
  protectedData: Protected<'PlanAgreed'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.planAgreedOn !== undefined) {
    return refuse(
      'plan-agreed',
      `A plan was agreed on ${referral.planAgreedOn}: amend it (AmendPlan).`,
    );
  }
  return planned('PlanAgreed', referral, because, protectedData);
}

export function amendPlan(
  state: ReferralState,
  because: AssessmentId | undefined,
  protectedData: Protected<'PlanAmended'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.planAgreedOn === undefined) {
    return refuse('no-plan', 'There is no plan to amend yet: agree one first (AgreePlan).');
  }
  return planned('PlanAmended', referral, because, protectedData);
}

type PlanEvent = ReferralEventOf<'PlanAgreed' | 'PlanAmended'>;

/** A plan may name the assessment that it follows from. */
function planned(
  type: PlanEvent['type'],
  { assessments }: Referral,
  because: AssessmentId | undefined,
  protectedData: Protected<'PlanAgreed'>,
): Decision<PlanEvent> {
  if (because === undefined) return [{ type, data: {}, protectedData }];
  const cause = assessments.find(({ assessment }) => assessment === because);
  if (cause !== undefined) return [{ type, data: { because: cause.event }, protectedData }];
  return refuse(
    'no-such-assessment',
    'This referral has no such assessment: check its id, or record it first.',
    { field: 'assessment' },
  );
}

/** In both directions, any number of times. */
export function changeTier(
  state: ReferralState,
  { to }: Pick<Data<'TierChanged'>, 'to'>,
  protectedData: Protected<'TierChanged'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const { name, tiers = [] } = capsScheme(referral, schemeOf, moment);
  if (!tiers.some(({ tier }) => tier === to)) {
    const known = tiers.map(({ tier }) => tier).join(', ');
    return refuse(
      'no-such-tier',
      tiers.length === 0
        ? `Scheme ${name} has no tiers.`
        : `Scheme ${name} has no tier ${to}; it has: ${known}.`,
      { field: 'tier' },
    );
  }
  const from = referral.tier;
  if (from === to) return [];
  return [{ type: 'TierChanged', data: { ...(from && { from }), to }, protectedData }];
}

export function setLevelOfSupport(
  state: ReferralState,
  { to }: Pick<Data<'LevelOfSupportSet'>, 'to'>,
  protectedData: Protected<'LevelOfSupportSet'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const from = referral.levelOfSupport;
  if (from === to) return [];
  return [{ type: 'LevelOfSupportSet', data: { ...(from && { from }), to }, protectedData }];
}
