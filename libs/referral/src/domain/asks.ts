import { addDays, addMonths, type CivilDate, type Slug } from '#kernel';
import { promptOf, type Prompt } from './caps.js';
import { needsOf, type Scheme } from './scheme.js';
import type { Referral } from './state.js';

/** What a scheme would like to know or have done; nothing waits for any of it. */
export interface Asks {
  readonly consent: boolean;
  /** Neither recorded nor declined yet. */
  readonly instruments: readonly Slug[];
  /** Any one of these; empty once one was recorded or declined. */
  readonly oneOf: readonly Slug[];
  readonly prompt: Prompt | null;
  readonly feedbackDueOn: CivilDate | null;
  readonly planReviewOn: CivilDate | null;
}

export const NOTHING_ASKED: Asks = {
  ...{ consent: false, instruments: [], oneOf: [], prompt: null },
  ...{ feedbackDueOn: null, planReviewOn: null },
};

/** `scheme` is the one the referral is pinned to, `caps` the one whose tiers hold today. */
export function asksOf(referral: Referral, scheme: Scheme, caps: Scheme, today: CivilDate): Asks {
  if (referral.endedOn !== undefined) return NOTHING_ASKED;
  const { instruments = {} } = scheme;
  const answered = answeredSince(referral);
  const atFirst = (instruments.firstContact ?? []).filter((one) => !answered(one));
  const oneOf = instruments.oneOf ?? [];
  return {
    consent: needsOf(scheme, referral.kind).consent === 'needed' && referral.consent.length === 0,
    instruments: [...new Set([...atFirst, ...atFollowUp(referral, scheme, today)])],
    oneOf: oneOf.some((one) => answered(one)) ? [] : oneOf,
    prompt: promptOf(referral, caps),
    feedbackDueOn: feedbackDueOn(referral, scheme),
    planReviewOn: planReviewOn(referral, scheme),
  };
}

/** Declined is an answer like any score. */
function answeredSince({ assessments, assessmentsDeclined }: Referral) {
  const answers = [...assessments, ...assessmentsDeclined];
  return (instrument: Slug, since?: CivilDate): boolean =>
    answers.some(
      (one) => one.instrument === instrument && (since === undefined || one.on >= since),
    );
}

function atFollowUp(
  referral: Referral,
  { instruments }: Scheme,
  today: CivilDate,
): readonly Slug[] {
  const { followUpDueOn } = referral;
  if (followUpDueOn === undefined || followUpDueOn > today) return [];
  const answered = answeredSince(referral);
  return (instruments?.followUp ?? []).filter((one) => !answered(one, followUpDueOn));
}

/** Who referred hears so many days after the referral, and after each time they heard. */
function feedbackDueOn(
  { referrer, receivedOn, feedback }: Referral,
  { clocks }: Scheme,
): CivilDate | null {
  if (referrer === undefined || clocks.feedbackDays === undefined) return null;
  return addDays(feedback.at(-1)?.on ?? receivedOn, clocks.feedbackDays);
}

function planReviewOn(
  { planAgreedOn, planAmendedOn }: Referral,
  { clocks }: Scheme,
): CivilDate | null {
  const last = planAmendedOn ?? planAgreedOn;
  if (last === undefined || clocks.reviewMonths === undefined) return null;
  return addMonths(last, clocks.reviewMonths);
}
