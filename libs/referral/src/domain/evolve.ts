import { withOne } from '#kernel';
import { effective, type Amended, type Correction, type Entry } from './entries.js';
import type { ReferralFact, ReferralFactOf } from './events.js';
import { withContact, withContacts } from './evolve-contacts.js';
import { changePrescriptions, withPrescriptions } from './evolve-prescriptions.js';
import { NOTHING, type Referral, type ReferralState } from './state.js';

/** Total: any history folds, a fact that the state cannot place changes nothing. */
export function evolve(state: ReferralState, fact: ReferralFact): ReferralState {
  if (fact.type === 'Referred') return state ?? received(fact);
  if (state === null) return null;
  const whole = wholeOf(state);
  const changed = change(whole, fact);
  const { occurredOn: on } = fact.metadata;
  // A fact that changes nothing leaves the very state.
  if (changed === whole) return state;
  // New terms may be of a day still to come: nobody has moved by that.
  const isLater = on > changed.lastFactOn && fact.type !== 'PrescriptionRepriced';
  return isLater ? { ...changed, lastFactOn: on } : changed;
}

/** Every field in its place from the beginning: engines copy objects of one shape fastest. */
function received({ data, metadata }: ReferralFactOf<'Referred'>): Referral {
  return {
    ...NOTHING,
    person: data.person,
    anchor: data.anchor,
    area: data.area,
    scheme: data.scheme,
    kind: data.kind,
    referrer: data.referrer,
    receivedOn: metadata.occurredOn,
    ageAtReferral: data.ageAtReferral,
    firstContactDueOn: data.firstContactDueOn,
    acceptedBy: [],
    consent: [],
    concerns: 0,
    contactEntries: [],
    contacts: 0,
    minutes: 0,
    assessmentEntries: [],
    assessments: [],
    declinedEntries: [],
    assessmentsDeclined: [],
    offers: [],
    prescriptions: [],
    abandoned: [],
    ends: [],
    feedback: [],
    corrections: [],
    lastFactOn: metadata.occurredOn,
  };
}

/** The same of one that was read back and has lost the fields without a value. */
function wholeOf(state: Referral): Referral {
  return Object.hasOwn(state, 'reopenedOn') ? state : { ...NOTHING, ...state };
}

type PathwayFact = Exclude<ReferralFact, ReferralFactOf<'Referred'>>;

function change(state: Referral, fact: PathwayFact): Referral {
  const on = fact.metadata.occurredOn;
  switch (fact.type) {
    case 'EligibilityDecided':
      return { ...state, eligible: fact.data.eligible, eligibility: fact.data.rules };
    case 'ReferralAccepted':
      return { ...state, acceptedBy: withOne(state.acceptedBy, fact.data.by) };
    case 'ReferralDeclined':
      return { ...state, declinedBy: fact.data.by, endedOn: on };
    case 'LinkWorkerAssigned':
      return { ...state, linkWorker: fact.data.linkWorker };
    case 'ConsentRecorded':
      return { ...state, consent: [...new Set([...state.consent, ...fact.data.scopes])] };
    case 'ConsentWithdrawn': {
      const { scopes } = fact.data;
      return { ...state, consent: state.consent.filter((scope) => !scopes.includes(scope)) };
    }
    case 'ContactPlanned': {
      const plannedContact = { on: fact.data.on, mode: fact.data.mode };
      const planned = { ...plannedContact, after: state.contactEntries.length };
      return { ...state, planned, plannedContact };
    }
    case 'ContactAttempted':
    case 'FirstContactMade':
    case 'ContactMade':
    case 'FollowedUp':
      return withContact(state, fact);
    case 'FeedbackSent': {
      const sent = { event: fact.id, on, to: fact.data.to, acknowledged: false };
      return { ...state, feedback: withOne(state.feedback, sent) };
    }
    case 'FeedbackAcknowledged': {
      const told = state.feedback.map((sent) =>
        sent.event === fact.data.feedback ? { ...sent, acknowledged: true } : sent,
      );
      return { ...state, feedback: told };
    }
    case 'ReferralClosed':
      return { ...state, endedOn: on };
    case 'ReferralReopened': {
      return { ...state, endedOn: undefined, declinedBy: undefined, reopenedOn: on };
    }
    case 'EntryCorrected': {
      const { corrects, kind, amended } = fact.data;
      const correction = { event: fact.id, corrects, kind, ...(amended && { amended }) };
      return withCorrection(state, correction);
    }
    default:
      return changeSupport(state, fact);
  }
}

type SupportFact = Exclude<
  PathwayFact,
  ReferralFactOf<
    | 'EligibilityDecided'
    | 'ReferralAccepted'
    | 'ReferralDeclined'
    | 'LinkWorkerAssigned'
    | 'ConsentRecorded'
    | 'ConsentWithdrawn'
    | 'ContactPlanned'
    | 'ContactAttempted'
    | 'FirstContactMade'
    | 'ContactMade'
    | 'FollowedUp'
    | 'FeedbackSent'
    | 'FeedbackAcknowledged'
    | 'ReferralClosed'
    | 'ReferralReopened'
    | 'EntryCorrected'
  >
>;

function changeSupport(state: Referral, fact: SupportFact): Referral {
  const on = fact.metadata.occurredOn;
  switch (fact.type) {
    case 'BarrierIdentified':
    case 'NeedUnmet':
    case 'Signposted':
    case 'ServiceUseRecorded':
      // Told, and nothing of the pathway hangs on it.
      return { ...state };
    case 'ConcernRaised':
      return { ...state, concerns: state.concerns + 1 };
    case 'AssessmentRecorded': {
      const { assessment, instrument, purpose } = fact.data;
      const entry = { assessment, event: fact.id, instrument, on, purpose };
      return withAssessments({
        ...state,
        assessmentEntries: withOne(state.assessmentEntries, entry),
      });
    }
    case 'AssessmentDeclined': {
      const declined = { event: fact.id, instrument: fact.data.instrument, on };
      return withAssessments({
        ...state,
        declinedEntries: withOne(state.declinedEntries, declined),
      });
    }
    case 'PlanAgreed':
      return { ...state, planAgreedOn: on };
    case 'PlanAmended':
      return { ...state, planAmendedOn: on };
    case 'TierChanged':
      return { ...state, tier: fact.data.to };
    case 'LevelOfSupportSet':
      return { ...state, levelOfSupport: fact.data.to };
    default:
      return changePrescriptions(state, fact);
  }
}

function withAssessments(state: Referral): Referral {
  const { assessmentEntries, declinedEntries, corrections } = state;
  return {
    ...state,
    assessments: effective(assessmentEntries, corrections, amendDay),
    assessmentsDeclined: effective(declinedEntries, corrections, amendDay),
  };
}

function amendDay<E extends Entry>(entry: E, { on }: Amended): E {
  return on === undefined ? entry : { ...entry, on };
}

/** The referral as one more correction makes it. */
export function withCorrection(state: Referral, correction: Correction): Referral {
  const corrections = withOne(state.corrections, correction);
  return withPrescriptions(withAssessments(withContacts({ ...state, corrections })));
}
