import { addDays, isRefusal, refuse, type Moment, type Refusal, type Slug } from '#kernel';
import { dueOf, openOutcomes, outcomesOf, placeDue, quietUntil, windowEndOf } from './due.js';
import {
  known,
  open,
  ownAnchor,
  prescriptionOf,
  type Data,
  type Decided,
  type Protected,
} from './rules.js';
import type { SchemeOf } from './scheme.js';
import type { Prescription, Referral, ReferralState } from './state.js';

/** Who may go past a declared capacity: M06, the anchor's own judgement. */
const OVERRIDING_ROLE = 'anchor';

/** Past a capacity goes an anchor, with a reason; anybody else is told so. */
export function mayOverride({ actor }: Moment): Refusal | null {
  if (actor.role === OVERRIDING_ROLE) return null;
  return refuse(
    'not-yours-to-override',
    `Only the role ${OVERRIDING_ROLE} goes past a declared capacity, not ${actor.role}: ` +
      'put the person on the waiting list, or ask the anchor.',
    { field: 'override' },
  );
}

/** From the waiting list: the person may come. */
export function offerPlace(
  state: ReferralState,
  data: Omit<Data<'PlaceOffered'>, 'lapsesOn'>,
  protectedData: Protected<'PlaceOffered'>,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  const prescription = prescriptionOf(referral, data.prescription);
  if (isRefusal(prescription)) return prescription;
  if (prescription.status === 'placed') return [];
  if (prescription.status !== 'waitlisted') return notWaiting(prescription);
  const early = beforePrescribed(prescription, moment);
  if (early !== null) return early;
  const { placeDays } = schemeOf(referral.scheme).clocks;
  const lapsesOn = placeDays === undefined ? undefined : addDays(moment.on, placeDays);
  return [
    { type: 'PlaceOffered', data: { ...data, ...(lapsesOn && { lapsesOn }) }, protectedData },
  ];
}

function notWaiting({ status }: Prescription): Refusal {
  return refuse('not-waiting', `Nobody waits for a place here: the prescription is ${status}.`, {
    field: 'prescription',
  });
}

function beforePrescribed({ prescribedOn }: Prescription, { on }: Moment): Refusal | null {
  if (on >= prescribedOn) return null;
  return refuse('before-the-prescription', `${on} is before the prescription, ${prescribedOn}.`, {
    field: 'at',
    data: { at: on, prescribedOn },
  });
}

/** An offered place that nobody took up. Whoever gives it up earlier cancels or declines it. */
export function lapsePlace(
  state: ReferralState,
  data: Data<'PlaceLapsed'>,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  const prescription = prescriptionOf(referral, data.prescription);
  if (isRefusal(prescription)) return prescription;
  const { status, endedOn, placeLapsesOn } = prescription;
  if (status === 'lapsed' && endedOn === moment.on) return [];
  if (status !== 'placed') {
    return refuse(
      'no-place-to-lapse',
      `Only an offered place that was not taken up lapses; the prescription is ${status}.`,
      { field: 'prescription' },
    );
  }
  const due = placeDue(prescription);
  if (due === undefined || placeLapsesOn === undefined) {
    return refuse(
      'place-without-end',
      `Scheme ${referral.scheme.name} keeps an offered place until it is taken up: ` +
        'cancel or decline the prescription instead.',
      { field: 'prescription' },
    );
  }
  return (
    notOver(due, `The place is kept until the end of ${due}`, moment) ?? [
      { type: 'PlaceLapsed', data },
    ]
  );
}

/** The window of an outcome ended and it was not met: what it would have paid is free again. */
export function lapseOutcome(
  state: ReferralState,
  wanted: { readonly prescription: Prescription['prescription']; readonly component?: Slug },
  moment: Moment,
): Decided {
  const referral = ofItsAnchor(state, moment);
  if (isRefusal(referral)) return referral;
  const prescription = prescriptionOf(referral, wanted.prescription);
  if (isRefusal(prescription)) return prescription;
  const outcome = outcomeOf(prescription, wanted.component);
  if (isRefusal(outcome)) return outcome;
  const { component } = outcome;
  const windowEnd = windowEndOf(prescription, outcome);
  if (windowEnd === undefined) {
    return refuse('no-window', `No window was agreed for ${component}: it does not lapse.`, {
      field: 'component',
    });
  }
  if (settled(prescription, component)) return [];
  if (!openOutcomes(prescription).some((one) => one.component === component)) {
    return refuse(
      'outcome-ended',
      `${component} ended with the prescription (${prescription.status}): nothing is left to lapse.`,
      { field: 'prescription' },
    );
  }
  const over = notOver(windowEnd, `The window of ${component} ends on ${windowEnd}`, moment);
  if (over !== null) return over;
  const data = { prescription: prescription.prescription, component, windowEnd };
  return [{ type: 'OutcomeLapsed', data }];
}

function ofItsAnchor(state: ReferralState, moment: Moment): Referral | Refusal {
  const referral = known(state, moment);
  if (isRefusal(referral)) return referral;
  return ownAnchor(referral, moment.actor) ?? referral;
}

function settled({ outcomes, lapsed }: Prescription, component: Slug): boolean {
  return (
    outcomes.some((outcome) => outcome.component === component && outcome.met) ||
    lapsed.some((outcome) => outcome.component === component)
  );
}

function outcomeOf(prescription: Prescription, wanted: Slug | undefined) {
  const outcomes = outcomesOf(prescription);
  const found = outcomes.find(({ component }) => component === wanted);
  const [only] = outcomes;
  if (found !== undefined) return found;
  if (only === undefined) {
    return refuse('no-such-outcome', 'The terms of this prescription pay for no outcome.', {
      field: 'prescription',
    });
  }
  if (wanted === undefined && outcomes.length === 1) return only;
  const all = outcomes.map(({ component }) => component).join(', ');
  return refuse('no-such-outcome', `Say which outcome: the terms have ${all}.`, {
    field: 'component',
  });
}

/** Nothing is live and nothing was heard for as many days as the scheme waits. */
export function closeQuiet(state: ReferralState, schemeOf: SchemeOf, moment: Moment): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  const quiet = dueOf(referral).find(({ what }) => what === 'quiet');
  const until = quiet && quietUntil(quiet.on, schemeOf(referral.scheme));
  if (until === undefined) {
    return refuse('not-quiet', 'The referral is supported, or its scheme never closes by itself.');
  }
  return (
    notOver(until, `Something may still be heard until the end of ${until}`, moment) ?? [
      { type: 'ReferralClosed', data: {}, protectedData: {} },
    ]
  );
}

/** A day is over when the log learns of it on a later one. */
function notOver(day: string, sentence: string, { on, today }: Moment): Refusal | null {
  if (on >= day && today > day) return null;
  return refuse('not-over-yet', `${sentence}; only when that day is over does it lapse.`, {
    field: 'at',
    data: { at: on, today, lastDay: day },
  });
}
