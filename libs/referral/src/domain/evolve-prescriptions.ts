import { withOne, type PrescriptionId } from '#kernel';
import { effective, type Amended } from './entries.js';
import type { ReferralFactOf } from './events.js';
import type { End, EndStatus, Offer, Outcome, Prescription, Referral, Session } from './state.js';

type PrescriptionFact = ReferralFactOf<
  | 'Offered'
  | 'OfferRefused'
  | 'Prescribed'
  | 'PrescriptionAbandoned'
  | 'PrescriptionDeclined'
  | 'PrescriptionCancelled'
  | 'PlaceWaitlisted'
  | 'PlaceOffered'
  | 'PlaceLapsed'
  | 'Attended'
  | 'Missed'
  | 'SessionEvidenceAdded'
  | 'PrescriptionCompleted'
  | 'DroppedOut'
  | 'PrescriptionRepriced'
  | 'OutcomeDetermined'
  | 'OutcomeLapsed'
>;

/** What a fact about offers and prescriptions changes; the rest of the referral stays. */
export function changePrescriptions(state: Referral, fact: PrescriptionFact): Referral {
  switch (fact.type) {
    case 'Offered': {
      const { offer, service, provider } = fact.data;
      return {
        ...state,
        offers: withOne(state.offers, { offer, service, provider, refused: false }),
      };
    }
    case 'OfferRefused': {
      const offers = state.offers.map((given) =>
        given.offer === fact.data.offer ? { ...given, refused: true } : given,
      );
      return { ...state, offers: answered(offers, state.prescriptions) };
    }
    case 'Prescribed':
      return prescribed(state, fact);
    case 'PrescriptionAbandoned': {
      const { prescription, because } = fact.data;
      return { ...state, abandoned: withOne(state.abandoned, { prescription, because }) };
    }
    case 'PrescriptionDeclined':
      return ended(state, fact, 'declined', fact.data.prescription);
    case 'PrescriptionCancelled':
      return ended(state, fact, 'cancelled', fact.data.prescription);
    case 'PlaceLapsed':
      return ended(state, fact, 'lapsed', fact.data.prescription);
    case 'PrescriptionCompleted':
      return ended(state, fact, 'completed', fact.data.prescription);
    case 'DroppedOut':
      return fact.data.scope === 'prescription'
        ? ended(state, fact, 'dropped-out', fact.data.prescription)
        : ended(state, fact, 'dropped-out');
    default:
      return changeOne(state, fact);
  }
}

type OneFact = Exclude<
  PrescriptionFact,
  ReferralFactOf<
    | 'Offered'
    | 'OfferRefused'
    | 'Prescribed'
    | 'PrescriptionAbandoned'
    | 'PrescriptionDeclined'
    | 'PrescriptionCancelled'
    | 'PlaceLapsed'
    | 'PrescriptionCompleted'
    | 'DroppedOut'
  >
>;

function changeOne(state: Referral, fact: OneFact): Referral {
  const one = (change: (given: Prescription) => Prescription): Referral => {
    const { prescription } = fact.data;
    if (!state.prescriptions.some((given) => given.prescription === prescription)) return state;
    const ends = standingEnds(state);
    // None of these facts ends one: what hangs on the ends stays as it is.
    const prescriptions = state.prescriptions.map((given) =>
      given.prescription === prescription ? standing(change(given), state, ends) : given,
    );
    return { ...state, prescriptions };
  };
  switch (fact.type) {
    case 'PlaceWaitlisted':
      return one((given) => ({ ...given, place: 'waitlisted' }));
    case 'PlaceOffered': {
      const { lapsesOn } = fact.data;
      return one((given) => ({
        ...given,
        place: 'placed',
        ...(lapsesOn && { placeLapsesOn: lapsesOn }),
      }));
    }
    case 'Attended':
    case 'Missed':
      return one((given) => ({ ...given, recorded: withOne(given.recorded, sessionOf(fact)) }));
    case 'SessionEvidenceAdded': {
      const { prescription: _prescription, ...further } = fact.data;
      return one((given) => ({ ...given, evidence: withOne(given.evidence, further) }));
    }
    case 'PrescriptionRepriced': {
      const { version, from } = fact.data;
      return one((given) => ({ ...given, repriced: withOne(given.repriced, { version, from }) }));
    }
    case 'OutcomeDetermined': {
      const { component, met, baseline, followUp } = fact.data;
      const on = fact.metadata.occurredOn;
      const outcome = { baseline, component, event: fact.id, followUp, met, on };
      return one((given) => ({ ...given, determined: withOne(given.determined, outcome) }));
    }
    case 'OutcomeLapsed': {
      const { component, windowEnd } = fact.data;
      return one((given) => ({
        ...given,
        lapsed: withOne(given.lapsed, { component, windowEnd }),
      }));
    }
    default:
      // A newer version's fact that this one does not know changes nothing here.
      return ((_: never) => state)(fact);
  }
}

function prescribed(state: Referral, fact: ReferralFactOf<'Prescribed'>): Referral {
  const { data, metadata } = fact;
  const { offer, continues } = data;
  const fresh: Prescription = {
    continues,
    determined: [],
    endedOn: undefined,
    evidence: [],
    lapsed: [],
    levelOfSupport: data.levelOfSupport,
    offer,
    outcomes: [],
    place: undefined,
    placeLapsesOn: undefined,
    plannedSessions: data.plannedSessions,
    prescribedOn: metadata.occurredOn,
    prescription: data.prescription,
    priced: data.priced,
    provider: data.provider,
    recorded: [],
    repriced: [],
    service: data.service,
    sessions: [],
    status: 'active',
  };
  const offers = state.offers.map((given) =>
    given.offer === offer ? { ...given, refused: false } : given,
  );
  const after = { ...state, offers, prescriptions: withOne(state.prescriptions, fresh) };
  return continues === undefined
    ? withPrescriptions(after)
    : ended(after, fact, 'continued', continues);
}

function sessionOf(fact: ReferralFactOf<'Attended' | 'Missed'>): Session {
  const { id: event, data, metadata } = fact;
  const { insteadOf, number, session } = data;
  const on = metadata.occurredOn;
  if (fact.type === 'Attended') {
    return { event, insteadOf, number, on, outcome: 'attended', session };
  }
  const { class: outcome, makeUp } = fact.data;
  return { event, insteadOf, makeUp, number, on, outcome, session };
}

function ended(
  state: Referral,
  { id, metadata }: PrescriptionFact,
  status: EndStatus,
  one?: PrescriptionId,
): Referral {
  const all = state.prescriptions.map(({ prescription }) => prescription);
  const prescriptions = one === undefined ? all : [one];
  const whole = one === undefined;
  const end: End = { event: id, on: metadata.occurredOn, prescriptions, status, whole };
  return withPrescriptions({ ...state, ends: withOne(state.ends, end) });
}

/** In the order in which they were recorded: of each prescription the first one counts. */
export function standingEnds({ ends, corrections }: Referral): readonly End[] {
  return effective(ends, corrections, (end) => end);
}

/**
 * Each prescription as its sessions, its outcomes and its end, corrected, make it: the first
 * end that stands counts, and one of the whole referral ends what was prescribed by then.
 */
export function withPrescriptions(state: Referral): Referral {
  const ends = standingEnds(state);
  const prescriptions = state.prescriptions.map((given) => standing(given, state, ends));
  const whole = ends.filter((end) => end.whole).at(-1);
  const offers = answered(state.offers, prescriptions);
  return { ...state, prescriptions, offers, droppedOutOn: whole?.on };
}

function standing(
  given: Prescription,
  { corrections }: Referral,
  ends: readonly End[],
): Prescription {
  const sessions = effective(given.recorded, corrections, amendSession);
  const outcomes = effective(given.determined, corrections, amendOutcome);
  const end = ends.find((one) => one.prescriptions.includes(given.prescription));
  const begun = given.place === undefined || sessions.some((s) => s.outcome === 'attended');
  const status = end?.status ?? (begun ? 'active' : (given.place ?? 'active'));
  return { ...given, sessions, outcomes, status, endedOn: end?.on };
}

function amendSession(session: Session, { on, number, class: outcome }: Amended): Session {
  return {
    ...session,
    ...(on && { on }),
    ...(number !== undefined && { number }),
    ...(outcome && session.outcome !== 'attended' && { outcome }),
  };
}

function amendOutcome(outcome: Outcome, { met }: Amended): Outcome {
  return met === undefined ? outcome : { ...outcome, met };
}

/** Taken up while a prescription of it stands: a mistyped one that was cancelled frees it again. */
function answered(offers: readonly Offer[], prescriptions: readonly Prescription[]): Offer[] {
  return offers.map(({ offer, provider, refused, service }) => {
    const taken = prescriptions.some(
      (given) => offer === given.offer && given.status !== 'cancelled',
    );
    const answer = taken ? 'prescribed' : refused ? 'refused' : undefined;
    return { answer, offer, provider, refused, service };
  });
}
