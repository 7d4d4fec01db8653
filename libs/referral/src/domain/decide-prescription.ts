import {
  formatPence,
  isRefusal,
  refuse,
  type EventId,
  type Pence,
  type PrescriptionId,
  type Refusal,
  type Slug,
  type Moment,
} from '#kernel';
import {
  happened,
  open,
  prescriptionOf,
  supportMissing,
  type Data,
  type Decided,
  type Protected,
} from './rules.js';
import { notEligible } from './eligibility.js';
import type { Scheme, SchemeOf } from './scheme.js';
import { isLive, type Prescription, type Referral, type ReferralState } from './state.js';
import { commitmentOf, componentOf, sessionPrice, type Priced, type Terms } from './terms.js';

/** A service as the directory had it when it was chosen. */
export interface ListedService {
  readonly service: Slug;
  readonly provider: Slug;
  readonly directoryVersion: number;
}

export function offer(state: ReferralState, data: Data<'Offered'>, moment: Moment): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  if (referral.offers.some((given) => given.offer === data.offer)) {
    return refuse('already-offered', 'This offer exists already: give a new one a new id.', {
      field: 'offer',
    });
  }
  return [{ type: 'Offered', data }];
}

/** Any number of times: a refusal never closes a referral nor changes its priority. */
export function refuseOffer(
  state: ReferralState,
  data: Data<'OfferRefused'>,
  protectedData: Protected<'OfferRefused'>,
  moment: Moment,
): Decided {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const given = referral.offers.find((candidate) => candidate.offer === data.offer);
  if (given === undefined) return noSuchOffer();
  if (given.answer === 'refused') return [];
  if (given.answer === 'prescribed') {
    return refuse(
      'offer-prescribed',
      'This offer was taken up: cancel the prescription or record a drop-out instead.',
      { field: 'offer' },
    );
  }
  return [{ type: 'OfferRefused', data, protectedData }];
}

/** What a prescription asks for; the money side is what the funding slice quoted. */
export interface PrescriptionWanted {
  readonly prescription: PrescriptionId;
  readonly offer?: Data<'Prescribed'>['offer'];
  /** The one it takes the place of. */
  readonly continues?: PrescriptionId;
  readonly plannedSessions?: number;
  readonly levelOfSupport: Data<'Prescribed'>['levelOfSupport'];
  readonly listed: ListedService;
  readonly quote?: Omit<Priced, 'commitment'>;
  readonly placing?: Placing | undefined;
}

/** Where the declared capacity is used up: on the waiting list, or past it on purpose. */
export interface Placing {
  readonly waitlisted: boolean;
  readonly override?: { readonly by: Slug };
  readonly overrideReason?: string;
}

export function prescribe(
  state: ReferralState,
  wanted: PrescriptionWanted,
  schemeOf: SchemeOf,
  moment: Moment,
): Decided {
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  const { prescription, plannedSessions, levelOfSupport, listed, quote, placing } = wanted;
  const not =
    mayNotPrescribe(referral, wanted, schemeOf(referral.scheme)) ??
    mayNotContinue(referral, wanted, moment);
  if (not !== null) return not;
  const priced = quote === undefined ? undefined : price(quote, plannedSessions);
  if (isRefusal(priced)) return priced;
  return [
    {
      type: 'Prescribed',
      data: {
        prescription,
        ...(wanted.offer && { offer: wanted.offer }),
        ...(wanted.continues && { continues: wanted.continues }),
        service: listed.service,
        provider: listed.provider,
        ...(plannedSessions && { plannedSessions }),
        levelOfSupport,
        directoryVersion: listed.directoryVersion,
        ...(placing?.override && { override: placing.override }),
        ...(priced && { priced }),
      },
      ...(placing?.overrideReason && {
        protectedData: { overrideReason: placing.overrideReason },
      }),
    },
    ...(placing?.waitlisted === true
      ? [{ type: 'PlaceWaitlisted', data: { prescription } } as const]
      : []),
  ];
}

function mayNotPrescribe(
  referral: Referral,
  { prescription, offer: offered, listed }: PrescriptionWanted,
  scheme: Scheme,
): Refusal | null {
  if (referral.abandoned.some((given) => given.prescription === prescription)) {
    return refuse(
      'prescription-abandoned',
      'This prescription was abandoned: its money was reserved, nothing followed, and the money ' +
        'was given back. Prescribe again under a new command id and a new prescription id.',
      { field: 'prescription' },
    );
  }
  if (referral.prescriptions.some((given) => given.prescription === prescription)) {
    return refuse('already-prescribed', 'This prescription exists already: give it a new id.', {
      field: 'prescription',
    });
  }
  if (referral.acceptedBy.length === 0) {
    return refuse('not-accepted', 'The referral is not accepted yet: accept it first.');
  }
  const notReady = notEligible(referral, scheme) ?? supportMissing(referral, scheme);
  if (notReady !== null) return notReady;
  if (offered === undefined) return null;
  const given = referral.offers.find((candidate) => candidate.offer === offered);
  if (given === undefined) return noSuchOffer();
  if (given.answer === 'prescribed') {
    return refuse('offer-prescribed', 'This offer was taken up already.', { field: 'offer' });
  }
  if (given.service !== listed.service || given.provider !== listed.provider) {
    return refuse(
      'other-service-offered',
      `The offer was for ${given.service} at ${given.provider}, ` +
        `not for ${listed.service} at ${listed.provider}.`,
      { field: 'offer' },
    );
  }
  return null;
}

/** It ends with the new one, so it must be one that could end that day. */
function mayNotContinue(
  referral: Referral,
  { continues }: PrescriptionWanted,
  moment: Moment,
): Refusal | null {
  if (continues === undefined) return null;
  const before = prescriptionOf(referral, continues);
  if (isRefusal(before)) return { ...before, field: 'continues' };
  if (isLive(before)) return heldAfter(before, moment);
  return { ...endedBefore(before), field: 'continues' };
}

/** The whole of what it may cost; refused when the terms cannot price it. */
export function price(
  quote: Omit<Priced, 'commitment'>,
  plannedSessions: number | undefined,
): Priced | Refusal {
  const { terms } = quote;
  if (componentOf(terms, 'session-attended') !== undefined && plannedSessions === undefined) {
    return refuse(
      'planned-sessions-needed',
      `Agreement ${quote.agreement} pays by the session: say how many are planned.`,
      { field: 'plannedSessions' },
    );
  }
  const sessions = plannedSessions ?? 0;
  const fee = componentOf(terms, 'session-missed');
  const lowest = sessions === 0 ? 0n : sessionPrice(terms, sessions, sessions);
  if (fee !== undefined && fee.amount > lowest) {
    return refuse(
      'fee-above-price',
      `The fee for a missed session is paid out of the session's price: ${formatPence(fee.amount)} ` +
        `is more than the ${formatPence(lowest)} of a session.`,
      { field: 'plannedSessions' },
    );
  }
  const tooFew = coursePriceTooSmall(terms, sessions);
  if (tooFew !== null) return tooFew;
  const commitment = commitmentOf(terms, sessions);
  return minimumAbovePrice(terms, commitment.amount) ?? { ...quote, commitment };
}

function minimumAbovePrice(terms: Terms, whole: Pence): Refusal | null {
  const minimum = componentOf(terms, 'drop-out-minimum');
  if (minimum === undefined || minimum.amount <= whole) return null;
  return refuse(
    'minimum-above-price',
    `The drop-out minimum is paid out of the price: ${formatPence(minimum.amount)} is more ` +
      `than the ${formatPence(whole)} of so few sessions.`,
    { field: 'plannedSessions' },
  );
}

function coursePriceTooSmall(terms: Terms, sessions: number): Refusal | null {
  const course = componentOf(terms, 'session-attended');
  const amount: Pence = course?.per === 'course' ? course.amount : BigInt(sessions);
  if (amount >= BigInt(sessions)) return null;
  return refuse(
    'price-too-small',
    `${formatPence(amount)} cannot be split over ${sessions} sessions: every session needs a price.`,
    { field: 'plannedSessions' },
  );
}

/**
 * Reserved, and nothing followed: said on the referral first, so that nothing ever can.
 * `correction`: the fact it was reserved for, where it is not for the prescription itself.
 */
export function abandonPrescription(
  state: ReferralState,
  data: Data<'PrescriptionAbandoned'>,
  correction?: EventId,
): Decided {
  const { prescription, because } = data;
  if (state === null) return refuse('no-such-referral', 'There is no such referral.');
  const settled =
    state.abandoned.some((given) => given.because === because) ||
    state.corrections.some(({ event }) => event === correction);
  if (settled) return [];
  const prescribed = state.prescriptions.some((given) => given.prescription === prescription);
  const itsOwn = correction === undefined;
  return itsOwn && prescribed ? [] : [{ type: 'PrescriptionAbandoned', data }];
}

/** No to what was prescribed, by the person, the anchor or the provider. */
export function declinePrescription(
  state: ReferralState,
  data: Data<'PrescriptionDeclined'>,
  protectedData: Protected<'PrescriptionDeclined'>,
  moment: Moment,
): Decided {
  const ending = endPrescription(state, data.prescription, 'declined', moment);
  if (isRefusal(ending)) return ending;
  return ending === 'ended' ? [] : [{ type: 'PrescriptionDeclined', data, protectedData }];
}

export function cancelPrescription(
  state: ReferralState,
  data: Data<'PrescriptionCancelled'>,
  protectedData: Protected<'PrescriptionCancelled'>,
  moment: Moment,
): Decided {
  const ending = endPrescription(state, data.prescription, 'cancelled', moment);
  if (isRefusal(ending)) return ending;
  return ending === 'ended' ? [] : [{ type: 'PrescriptionCancelled', data, protectedData }];
}

export function completePrescription(
  state: ReferralState,
  data: Data<'PrescriptionCompleted'>,
  moment: Moment,
): Decided {
  const ending = endPrescription(state, data.prescription, 'completed', moment);
  if (isRefusal(ending)) return ending;
  return ending === 'ended' ? [] : [{ type: 'PrescriptionCompleted', data }];
}

/** From one prescription or from all that are live; "no reason given" is always allowed. */
export function dropOut(
  state: ReferralState,
  data: Data<'DroppedOut'>,
  protectedData: Protected<'DroppedOut'>,
  moment: Moment,
): Decided {
  if (data.scope === 'prescription') {
    const ending = endPrescription(state, data.prescription, 'dropped-out', moment);
    if (isRefusal(ending)) return ending;
    return ending === 'ended' ? [] : [{ type: 'DroppedOut', data, protectedData }];
  }
  const referral = open(state, moment);
  if (isRefusal(referral)) return referral;
  const live = referral.prescriptions.filter(isLive);
  if (live.length === 0 && referral.droppedOutOn === moment.on) return [];
  for (const prescription of live) {
    const late = heldAfter(prescription, moment);
    if (late !== null) return late;
  }
  return [{ type: 'DroppedOut', data, protectedData }];
}

/** Ends a live one; an end of the same kind again is nothing new, another kind is refused. */
function endPrescription(
  state: ReferralState,
  id: PrescriptionId,
  as: Prescription['status'],
  moment: Moment,
): 'live' | 'ended' | Refusal {
  const referral = happened(state, moment);
  if (isRefusal(referral)) return referral;
  const prescription = prescriptionOf(referral, id);
  if (isRefusal(prescription)) return prescription;
  if (prescription.status === as && prescription.endedOn === moment.on) return 'ended';
  if (!isLive(prescription)) return endedBefore(prescription);
  return heldAfter(prescription, moment) ?? 'live';
}

function endedBefore({ endedOn, status }: Prescription): Refusal {
  return refuse('prescription-ended', `The prescription ended on ${endedOn} (${status}).`, {
    field: 'prescription',
  });
}

function heldAfter({ prescribedOn, sessions }: Prescription, { on }: Moment): Refusal | null {
  const last = sessions.reduce(
    (day, session) => (session.on > day ? session.on : day),
    prescribedOn,
  );
  if (on >= last) return null;
  return refuse(
    'ends-too-early',
    sessions.length === 0
      ? `${on} is before the prescription, ${prescribedOn}.`
      : `${on} is before its last recorded session, ${last}.`,
    { field: 'at', data: { at: on, last } },
  );
}

function noSuchOffer(): Refusal {
  return refuse('no-such-offer', 'This referral has no such offer: check its id.', {
    field: 'offer',
  });
}
