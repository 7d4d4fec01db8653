import {
  isRefusal,
  refuse,
  type AssessmentId,
  type EventId,
  type Moment,
  type PrescriptionId,
  type Refusal,
  type Slug,
} from '#kernel';
import { mayEarn, windowOf } from './contradictions.js';
import { known, ownAnchor, prescriptionOf, type Data, type Decided } from './rules.js';
import type { Assessment, Prescription, Referral, ReferralState } from './state.js';
import { outcomeComponent, type ComponentOf, type Priced } from './terms.js';

export interface OutcomeWanted {
  readonly prescription: PrescriptionId;
  /** The only one of the terms where it is left out. */
  readonly component?: Slug;
  readonly baseline: AssessmentId;
  readonly followUp: AssessmentId;
  /** Said where the terms measure nothing; elsewhere the scores say it. */
  readonly met?: boolean;
  /** Hundredths of a point, by the assessment's event, as they now stand. */
  readonly scores: ReadonlyMap<EventId, number>;
}

/** A paired change of one person, held against what the terms ask for. */
export function determineOutcome(
  state: ReferralState,
  wanted: OutcomeWanted,
  moment: Moment,
): Decided {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  const stranger = ownAnchor(referral, moment.actor);
  if (stranger !== null) return stranger;
  const prescription = prescriptionOf(referral, wanted.prescription);
  if (isRefusal(prescription)) return prescription;
  const component = componentWanted(prescription, wanted.component);
  if (isRefusal(component)) return component;
  const pair = pairOf(referral, wanted, moment);
  if (isRefusal(pair)) return pair;
  const unfit = outsideTerms(prescription, component, pair);
  if (unfit !== null) return unfit;
  const met = isMet(component, pair, wanted);
  if (isRefusal(met)) return met;
  const before = determinedBefore(prescription, component.component, pair, met);
  if (before !== null) return before === 'the same' ? [] : before;
  const over = tooLate(prescription, component.component, moment);
  if (over !== null) return over;
  return [{ type: 'OutcomeDetermined', data: outcomeOf(prescription, component, pair, met) }];
}

interface Pair {
  readonly baseline: Assessment;
  readonly followUp: Assessment;
}
type OutcomeMet = ComponentOf<'outcome-met'>;
type PricedPrescription = Prescription & { readonly priced: Priced };
type Wanted = OutcomeMet & { readonly of: PricedPrescription };

function outcomeOf(
  { prescription }: Prescription,
  { component, of }: Wanted,
  { baseline, followUp }: Pair,
  met: boolean,
): Data<'OutcomeDetermined'> {
  const { agreement, version } = of.priced;
  const { instrument } = followUp;
  const events = { baseline: baseline.event, followUp: followUp.event };
  return { prescription, component, instrument, ...events, met, agreement, version };
}

function componentWanted(prescription: Prescription, name: Slug | undefined): Wanted | Refusal {
  const { priced } = prescription;
  const outcomes = (priced?.terms.components ?? []).filter(
    (component): component is OutcomeMet => component.trigger === 'outcome-met',
  );
  const names = outcomes.map(({ component }) => component);
  if (priced === undefined || outcomes.length === 0) {
    return refuse('no-such-outcome', 'The terms of this prescription pay for no outcome.', {
      field: 'prescription',
    });
  }
  const only = outcomes.length === 1 ? names[0] : undefined;
  const found = outcomeComponent(priced.terms, name ?? only ?? '');
  if (found !== undefined) return { ...found, of: { ...prescription, priced } };
  return refuse(
    'no-such-outcome',
    name === undefined
      ? `The terms pay for several outcomes; say which: ${names.join(', ')}.`
      : `The terms have no outcome ${name}; they have: ${names.join(', ')}.`,
    { field: 'component' },
  );
}

function pairOf(referral: Referral, wanted: OutcomeWanted, { on }: Moment): Pair | Refusal {
  const found = (id: AssessmentId) =>
    referral.assessments.find(({ assessment }) => assessment === id);
  const [baseline, followUp] = [found(wanted.baseline), found(wanted.followUp)];
  if (baseline === undefined) return noAssessment('baseline');
  if (followUp === undefined) return noAssessment('followUp');
  if (baseline.instrument !== followUp.instrument) {
    return refuse(
      'other-instrument',
      `A change is between two scores of one instrument: ${baseline.instrument} and ` +
        `${followUp.instrument} are two.`,
      { field: 'followUp' },
    );
  }
  if (followUp.on <= baseline.on) {
    return refuse(
      'unpaired',
      `The follow-up, ${followUp.on}, is not after the baseline, ${baseline.on}: ` +
        'a change is between two days.',
      { field: 'followUp', data: { baseline: baseline.on, followUp: followUp.on } },
    );
  }
  if (followUp.on <= on) return { baseline, followUp };
  return refuse(
    'before-the-follow-up',
    `${on} is before the follow-up was taken, ${followUp.on}.`,
    { field: 'at', data: { at: on, followUp: followUp.on } },
  );
}

function noAssessment(field: 'baseline' | 'followUp'): Refusal {
  return refuse(
    'unpaired',
    `This referral has no such assessment as ${field}, or it was voided: an outcome is a change ` +
      'between two recorded ones.',
    { field },
  );
}

function outsideTerms(
  prescription: Prescription,
  { component, outcome }: OutcomeMet,
  { followUp }: Pair,
): Refusal | null {
  if (outcome === undefined) return null;
  if (followUp.instrument !== outcome.instrument) {
    return refuse(
      'other-instrument',
      `The terms measure ${component} by ${outcome.instrument}, not by ${followUp.instrument}.`,
      { field: 'followUp' },
    );
  }
  const { from, to } = windowOf(prescription, outcome.windowDays);
  if (from <= followUp.on && followUp.on <= to) return null;
  return refuse(
    'outside-the-window',
    `The follow-up was on ${followUp.on}; it counts for ${component} from ${from} to ${to}.`,
    { field: 'followUp', data: { followUp: followUp.on, from, to } },
  );
}

function isMet(
  { component, outcome }: OutcomeMet,
  { baseline, followUp }: Pair,
  { met, scores }: OutcomeWanted,
): boolean | Refusal {
  if (outcome === undefined) {
    return (
      met ??
      refuse('met-needed', `The terms say no measure of ${component}: say whether it is met.`, {
        field: 'met',
      })
    );
  }
  const [before, after] = [scores.get(baseline.event), scores.get(followUp.event)];
  if (before === undefined || after === undefined) {
    return refuse(
      'no-score',
      'That assessment has no score (an item is missing, or none was recorded), and a change is ' +
        'between two scores.',
      { field: before === undefined ? 'baseline' : 'followUp' },
    );
  }
  const better = outcome.change === 'rise' ? after - before : before - after;
  const measured = better >= outcome.atLeastHundredths;
  if (met === undefined || met === measured) return measured;
  return refuse(
    'met-is-measured',
    `By the two scores ${component} is ${measured ? 'met' : 'not met'}: leave met out.`,
    { field: 'met' },
  );
}

/** Met once; what was not met may be met at a later follow-up. */
function determinedBefore(
  { outcomes }: Prescription,
  name: Slug,
  { baseline, followUp }: Pair,
  met: boolean,
): 'the same' | Refusal | null {
  const before = outcomes.filter(({ component }) => component === name);
  const already = before.find((outcome) => outcome.met);
  if (already !== undefined) {
    return refuse('met-already', `The outcome ${name} was met already, on ${already.on}.`, {
      field: 'prescription',
    });
  }
  const same = before.find((outcome) => outcome.followUp === followUp.event);
  if (same === undefined) return null;
  if (same.baseline === baseline.event && same.met === met) return 'the same';
  return refuse(
    'determined-already',
    `This follow-up was held against ${name} already, on ${same.on}: void that outcome first, ` +
      'or take another follow-up.',
    { field: 'followUp' },
  );
}

function tooLate(prescription: Prescription, name: Slug, { on }: Moment): Refusal | null {
  if (mayEarn(prescription, name, on)) return null;
  const { endedOn, status } = prescription;
  return refuse(
    'outcome-ended',
    `The prescription ended on ${endedOn} (${status}), and under its terms ${name} does not ` +
      'survive that.',
    { field: 'prescription' },
  );
}
