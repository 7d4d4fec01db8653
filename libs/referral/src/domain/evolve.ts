import { addDays, daysBetween, type CivilDate } from '#kernel';
import { effective, type Amended, type Correction, type Entry } from './entries.js';
import type { ReferralFact, ReferralFactOf } from './events.js';
import { changePrescriptions, withPrescriptions } from './evolve-prescriptions.js';
import type { Contact, FromContacts, Referral, ReferralState } from './state.js';

/** Total: any history folds, a fact that the state cannot place changes nothing. */
export function evolve(state: ReferralState, fact: ReferralFact): ReferralState {
  if (fact.type === 'Referred') return state ?? received(fact);
  if (state === null) return null;
  const changed = change(state, fact);
  const { occurredOn: on } = fact.metadata;
  // A fact that changes nothing leaves the very state.
  if (changed === state) return state;
  // New terms may be of a day still to come: nobody has moved by that.
  const isLater = on > changed.lastFactOn && fact.type !== 'PrescriptionRepriced';
  return isLater ? { ...changed, lastFactOn: on } : changed;
}

function received({ data, metadata }: ReferralFactOf<'Referred'>): Referral {
  return {
    person: data.person,
    anchor: data.anchor,
    area: data.area,
    scheme: data.scheme,
    ...(data.kind && { kind: data.kind }),
    ...(data.referrer && { referrer: data.referrer }),
    receivedOn: metadata.occurredOn,
    ...(data.ageAtReferral !== undefined && { ageAtReferral: data.ageAtReferral }),
    ...(data.firstContactDueOn && { firstContactDueOn: data.firstContactDueOn }),
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

type PathwayFact = Exclude<ReferralFact, ReferralFactOf<'Referred'>>;

function change(state: Referral, fact: PathwayFact): Referral {
  const on = fact.metadata.occurredOn;
  switch (fact.type) {
    case 'EligibilityDecided':
      return { ...state, eligible: fact.data.eligible, eligibility: fact.data.rules };
    case 'ReferralAccepted':
      return { ...state, acceptedBy: [...state.acceptedBy, fact.data.by] };
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
      const planned = { on: fact.data.on, mode: fact.data.mode };
      return withContacts({
        ...state,
        planned: { ...planned, after: state.contactEntries.length },
      });
    }
    case 'ContactAttempted':
    case 'FirstContactMade':
    case 'ContactMade':
    case 'FollowedUp':
      return withContacts({ ...state, contactEntries: [...state.contactEntries, contactOf(fact)] });
    case 'FeedbackSent': {
      const sent = { event: fact.id, on, to: fact.data.to, acknowledged: false };
      return { ...state, feedback: [...state.feedback, sent] };
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
      const { endedOn: _ended, declinedBy: _declined, ...rest } = state;
      return { ...rest, reopenedOn: on };
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
      const entry = { event: fact.id, on, assessment, instrument, purpose };
      return withAssessments({ ...state, assessmentEntries: [...state.assessmentEntries, entry] });
    }
    case 'AssessmentDeclined': {
      const declined = { event: fact.id, on, instrument: fact.data.instrument };
      return withAssessments({ ...state, declinedEntries: [...state.declinedEntries, declined] });
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

type ContactFact = ReferralFactOf<
  'ContactAttempted' | 'FirstContactMade' | 'ContactMade' | 'FollowedUp'
>;

function contactOf(fact: ContactFact): Contact {
  const { mode, minutes } = fact.data;
  const entry = { event: fact.id, on: fact.metadata.occurredOn, mode, minutes };
  if (fact.type === 'ContactAttempted') return { ...entry, kind: 'attempt', reached: false };
  if (fact.type === 'ContactMade') return { ...entry, kind: 'contact', reached: true };
  const due = fact.data.followUpDueOn && { followUpDueOn: fact.data.followUpDueOn };
  if (fact.type === 'FirstContactMade') {
    return { ...entry, kind: 'contact', first: true, reached: true, ...due };
  }
  return { ...entry, kind: 'follow-up', reached: fact.data.reached, ...due };
}

function withContacts(state: Referral): Referral {
  return { ...state, ...fromContacts(state) };
}

/** Contacts, attempts and follow-ups as they are now taken to have been. */
export function standingContacts({ contactEntries, corrections }: Referral): readonly Contact[] {
  return effective(contactEntries, corrections, amendContact);
}

/** All that contacts say of a referral, whatever was corrected in between. */
function fromContacts(state: Referral): FromContacts {
  const { contactEntries, corrections, planned } = state;
  const entries = standingContacts(state);
  const reached = entries.filter((entry) => entry.reached);
  const first = entries.find(({ kind }) => kind === 'contact')?.on;
  const last = latest(reached.map(({ on }) => on));
  const due = dueAfter(withClockOfVoided(contactEntries, entries));
  const later = effective(contactEntries.slice(planned?.after), corrections, amendContact);
  const met = later.some(
    (entry) => entry.reached && planned !== undefined && entry.on >= planned.on,
  );
  // All of them, so that what no longer holds gives way.
  return {
    plannedContact: planned && !met ? { on: planned.on, mode: planned.mode } : undefined,
    firstContactOn: first,
    lastContactOn: last,
    followUpDueOn: due,
    contacts: reached.length,
    minutes: entries.reduce((total, { minutes }) => total + minutes, 0),
  };
}

/** As its newest day set or stopped the clock: a late fact of an earlier day sets nothing back. */
function dueAfter(entries: readonly Contact[]): CivilDate | undefined {
  const clock = entries.filter(
    (one) => one.kind === 'follow-up' || one.followUpDueOn !== undefined,
  );
  const newest = latest(clock.map(({ on }) => on));
  return clock.findLast((one) => one.on === newest)?.followUpDueOn;
}

/** Whoever was not first after all leaves the clock to the conversation that now is. */
function withClockOfVoided(
  recorded: readonly Contact[],
  standing: readonly Contact[],
): readonly Contact[] {
  const now = standing.find(({ kind }) => kind === 'contact');
  if (now === undefined || now.first === true) return standing;
  const stands = new Set(standing.map(({ event }) => event));
  const voided = recorded.findLast(({ first, event }) => first === true && !stands.has(event));
  if (voided === undefined) return standing;
  const clock = onAnotherDay(voided, now.on).followUpDueOn;
  return standing.map((one) => (one === now && clock ? { ...now, followUpDueOn: clock } : one));
}

/** The clock of a first contact runs from its day; that of a follow-up may run from the first's. */
function onAnotherDay(contact: Contact, on: CivilDate): Contact {
  const { first, followUpDueOn: due } = contact;
  if (first !== true || due === undefined) return { ...contact, on };
  return { ...contact, on, followUpDueOn: addDays(due, daysBetween(contact.on, on)) };
}

function amendContact(contact: Contact, { on, mode, minutes, reached }: Amended): Contact {
  return {
    ...(on ? onAnotherDay(contact, on) : contact),
    ...(mode && mode !== 'in-person' && { mode }),
    ...(minutes !== undefined && { minutes }),
    ...(reached !== undefined && { reached }),
  };
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
  const corrections = [...state.corrections, correction];
  return withPrescriptions(withAssessments(withContacts({ ...state, corrections })));
}

function latest(days: readonly CivilDate[]): CivilDate | undefined {
  return days.reduce<CivilDate | undefined>(
    (last, day) => (last === undefined || day > last ? day : last),
    undefined,
  );
}
