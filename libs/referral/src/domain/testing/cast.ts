import {
  deriveId,
  type Actor,
  type CivilDate,
  type EventId,
  type Instant,
  type Slug,
} from '#kernel';
import type { ReferralEvent, ReferralEventOf } from '../events.js';
import type { Scheme } from '../scheme.js';
import { commitmentOf, type Priced, type Terms } from '../terms.js';

/** The people, places and papers of the stories, all invented. */
export const NORTH = 'north' as Slug;
export const ALLOTMENTS = 'hill-allotments' as Slug;
export const WALKERS = 'sea-walkers' as Slug;
export const GARDENING = 'gardening' as Slug;
export const WALKING = 'walking' as Slug;
export const JO = 'jo' as Slug;
export const SAM = 'sam' as Slug;

export const LINK_WORKER: Actor = { id: 'worker-7', role: 'link-worker', organisation: NORTH };
export const PROVIDER: Actor = { id: 'register', role: 'provider', organisation: ALLOTMENTS };
export const OTHER_PROVIDER: Actor = { id: 'walk', role: 'provider', organisation: WALKERS };
export const STRANGER: Actor = { id: 'other-9', role: 'anchor', organisation: 'south' as Slug };

export const PERSON = deriveId<'person'>('person', 'one');
export const prescriptionId = (name: string) => deriveId<'prescription'>('prescription', name);
export const sessionId = (name: string) => deriveId<'session'>('session', name);
export const assessmentId = (name: string) => deriveId<'assessment'>('assessment', name);
export const offerId = (name: string) => deriveId<'offer'>('offer', name);

export const PLOT = prescriptionId('plot');
export const WALK = prescriptionId('walk');
export const PLOT_OFFER = offerId('plot');

export const SPRING: Scheme = {
  name: 'spring' as Slug,
  version: 1,
  from: '2018-01-01' as CivilDate,
  label: 'SPRING social prescribing',
  routes: ['gp', 'self', 'hospital'],
  identity: 'needed',
  consent: 'needed',
  linkWorker: 'needed',
  clocks: { firstContactDays: 10, followUpMonths: 1 },
};
/** Asks for nothing and watches no clock. */
export const BROAD: Scheme = {
  ...SPRING,
  name: 'broad' as Slug,
  identity: 'not-needed',
  consent: 'not-needed',
  linkWorker: 'not-needed',
  clocks: {},
};
/** A course that people dip in and out of: what was missed is made up another week. */
export const DROP_IN: Scheme = { ...BROAD, name: 'drop-in' as Slug, makeUpSessions: 'allowed' };
const SCHEMES = [SPRING, BROAD, DROP_IN];
export const schemeOf = ({ name }: { readonly name: Slug }): Scheme =>
  SCHEMES.find((scheme) => scheme.name === name) ?? SPRING;

export const BY_SESSION: Terms = {
  components: [
    {
      component: 'place' as Slug,
      trigger: 'session-attended',
      amount: 2_850n,
      per: 'session',
    },
  ],
};
/** 100.00 over a course, and 10.00 for a missed session, twice at most. */
export const BY_COURSE: Terms = {
  components: [
    { component: 'course' as Slug, trigger: 'session-attended', amount: 10_000n, per: 'course' },
    {
      component: 'missed' as Slug,
      trigger: 'session-missed',
      amount: 1_000n,
      limit: 2,
      classes: ['not-acceptable', 'not-stated'],
    },
  ],
};

const SWEMWBS = 'swemwbs' as Slug;
/** 25.00 a session, and 75.00 once the score has risen by two points within 90 days. */
export const BY_OUTCOME: Terms = {
  components: [
    { component: 'place' as Slug, trigger: 'session-attended', amount: 2_500n, per: 'session' },
    {
      component: 'wellbeing' as Slug,
      trigger: 'outcome-met',
      amount: 7_500n,
      outcome: { instrument: SWEMWBS, change: 'rise', atLeastHundredths: 200, windowDays: 90 },
      survives: ['dropped-out'],
    },
  ],
};

/** What people scored, by the assessment's name: instrument, and hundredths of a point. */
export const SCORED: Readonly<Record<string, readonly [Slug, number?]>> = {
  low: [SWEMWBS, 1_900],
  middle: [SWEMWBS, 2_099],
  high: [SWEMWBS, 2_100],
  higher: [SWEMWBS, 2_400],
  incomplete: [SWEMWBS],
  anxiety: ['gad-7' as Slug, 800],
  'less-anxiety': ['gad-7' as Slug, 300],
};

export function quoteOf(terms: Terms): Omit<Priced, 'commitment'> {
  return {
    agreement: 'allotments-2026' as Slug,
    version: 1,
    terms,
    budget: {
      fund: 'lottery' as Slug,
      year: 2026,
      pot: 'prescribing' as Slug,
      recognition: 'restricted',
      funder: 'lottery-fund' as Slug,
    },
  };
}

export function pricedOf(terms: Terms, plannedSessions: number): Priced {
  return { ...quoteOf(terms), commitment: commitmentOf(terms, plannedSessions) };
}

export const IDENTITY = { name: 'Ada Example', contact: '01632 960 001' };
export const REFERRED = { person: PERSON, anchor: NORTH, area: NORTH, route: 'gp' } as const;
export const PHONED = { mode: 'phone', minutes: 20, workerKind: 'link-worker' } as const;
export const REGISTER = { evidence: { kind: 'register', by: ALLOTMENTS } } as const;

type Data<T extends ReferralEvent['type']> = ReferralEventOf<T>['data'];

/** The facts as the field says them. */
export const received = (more: Partial<Data<'Referred'>> = {}): ReferralEvent => ({
  type: 'Referred',
  data: {
    ...REFERRED,
    scheme: { name: SPRING.name, version: 1 },
    firstContactDueOn: '2026-04-11' as CivilDate,
    ...more,
  },
  protectedData: IDENTITY,
});
export const accepted = (by: Data<'ReferralAccepted'>['by'] = 'person'): ReferralEvent => ({
  type: 'ReferralAccepted',
  data: { by },
  protectedData: {},
});
export const declined = (by: Data<'ReferralDeclined'>['by'] = 'person'): ReferralEvent => ({
  type: 'ReferralDeclined',
  data: { by },
  protectedData: {},
});
export const assigned = (linkWorker = JO): ReferralEvent => ({
  type: 'LinkWorkerAssigned',
  data: { linkWorker, employer: NORTH },
});
export const consented = (...scopes: string[]): ReferralEvent => ({
  type: 'ConsentRecorded',
  data: { scopes: scopes as Slug[] },
});
export const planned = (on: string): ReferralEvent => ({
  type: 'ContactPlanned',
  data: { on: on as CivilDate, mode: 'visit' },
});
export const attempted = (minutes = 5): ReferralEvent => ({
  type: 'ContactAttempted',
  data: { mode: 'phone', outcome: 'no-answer', minutes },
});
export const firstContact = (followUpDueOn?: string): ReferralEvent => ({
  type: 'FirstContactMade',
  data: { ...PHONED, ...(followUpDueOn && { followUpDueOn: followUpDueOn as CivilDate }) },
  protectedData: {},
});
export const contact = (): ReferralEvent => ({
  type: 'ContactMade',
  data: PHONED,
  protectedData: {},
});
export const followedUp = (
  more: { readonly reached?: boolean; readonly followUpDueOn?: string } = {},
): ReferralEvent => ({
  type: 'FollowedUp',
  data: {
    window: 'monthly' as Slug,
    reached: more.reached ?? true,
    mode: 'phone',
    minutes: 10,
    ...(more.followUpDueOn && { followUpDueOn: more.followUpDueOn as CivilDate }),
  },
  protectedData: {},
});
export const offered = (offer = PLOT_OFFER): ReferralEvent => ({
  type: 'Offered',
  data: {
    offer,
    service: GARDENING,
    provider: ALLOTMENTS,
    levelOfSupport: 'supported-introduction',
  },
});
export const offerRefused = (offer = PLOT_OFFER): ReferralEvent => ({
  type: 'OfferRefused',
  data: { offer },
  protectedData: {},
});
export const prescribed = (more: Partial<Data<'Prescribed'>> = {}): ReferralEvent => ({
  type: 'Prescribed',
  data: {
    prescription: PLOT,
    service: GARDENING,
    provider: ALLOTMENTS,
    levelOfSupport: 'supported-introduction',
    directoryVersion: 0,
    ...more,
  },
});
export const walkPrescribed = (): ReferralEvent =>
  prescribed({ prescription: WALK, service: WALKING, provider: WALKERS });
export const RESERVATION = {
  fund: 'lottery' as Slug,
  year: 2026,
  pot: 'prescribing' as Slug,
  amount: 11_400n,
};
export const abandoned = (prescription = PLOT): ReferralEvent => ({
  type: 'PrescriptionAbandoned',
  data: { prescription, reservation: RESERVATION, because: deriveId<'event'>('reserved') },
});
export const attended = (
  session: string,
  number: number,
  more: { readonly prescription?: typeof PLOT; readonly insteadOf?: string } = {},
): ReferralEvent => ({
  type: 'Attended',
  data: {
    prescription: more.prescription ?? PLOT,
    session: sessionId(session),
    number,
    ...(more.insteadOf && { insteadOf: sessionId(more.insteadOf) }),
    ...REGISTER,
  },
});
export const missed = (
  session: string,
  number: number,
  missedClass: Data<'Missed'>['class'] = 'not-stated',
  insteadOf?: string,
): ReferralEvent => ({
  type: 'Missed',
  data: {
    prescription: PLOT,
    session: sessionId(session),
    number,
    class: missedClass,
    ...(insteadOf && { insteadOf: sessionId(insteadOf) }),
  },
  protectedData: {},
});
export const completed = (prescription = PLOT): ReferralEvent => ({
  type: 'PrescriptionCompleted',
  data: { prescription },
});
export const cancelled = (prescription = PLOT): ReferralEvent => ({
  type: 'PrescriptionCancelled',
  data: { prescription, by: 'anchor' },
  protectedData: {},
});
export const droppedOut = (prescription?: typeof PLOT): ReferralEvent => ({
  type: 'DroppedOut',
  data:
    prescription === undefined ? { scope: 'referral' } : { scope: 'prescription', prescription },
  protectedData: {},
});
export const prescriptionDeclined = (prescription = PLOT): ReferralEvent => ({
  type: 'PrescriptionDeclined',
  data: { prescription, by: 'person' },
  protectedData: {},
});
export const evidenceAdded = (
  session: string,
  says: 'attended' | 'missed',
  kind: Data<'SessionEvidenceAdded'>['evidence']['kind'] = 'worker-accompanied',
): ReferralEvent => ({
  type: 'SessionEvidenceAdded',
  data: {
    prescription: PLOT,
    session: sessionId(session),
    says,
    evidence: { kind, by: NORTH },
  },
});
export const assessed = (name: keyof typeof SCORED): ReferralEvent => {
  const [instrument, scoreHundredths] = SCORED[name] ?? [SWEMWBS];
  return {
    type: 'AssessmentRecorded',
    data: {
      assessment: assessmentId(name),
      instrument,
      scoring: 1,
      purpose: 'review',
      mode: 'visit',
      explainedToPerson: true,
    },
    protectedData: scoreHundredths === undefined ? {} : { scoreHundredths },
  };
};
export const assessmentDeclined = (): ReferralEvent => ({
  type: 'AssessmentDeclined',
  data: { instrument: SWEMWBS, purpose: 'review' },
  protectedData: {},
});
export const outcome = (
  baseline: EventId,
  followUp: EventId,
  met: boolean,
  component = 'wellbeing',
): ReferralEvent => ({
  type: 'OutcomeDetermined',
  data: {
    ...{ prescription: PLOT, component: component as Slug, instrument: SWEMWBS },
    ...{ baseline, followUp, met, agreement: 'allotments-2026' as Slug, version: 1 },
  },
});
export const ASKED = { reasonCode: 'entered-in-error', requestedBy: NORTH } as const;
export const voided = (corrects: EventId): ReferralEvent => ({
  type: 'EntryCorrected',
  data: { ...ASKED, corrects, kind: 'void' },
});
export const amended = (
  corrects: EventId,
  values: NonNullable<Data<'EntryCorrected'>['amended']>,
): ReferralEvent => ({
  type: 'EntryCorrected',
  data: { ...ASKED, corrects, kind: 'amend', amended: values },
});
export const reopened = (): ReferralEvent => ({
  type: 'ReferralReopened',
  data: {},
  protectedData: {},
});
export const closed = (): ReferralEvent => ({
  type: 'ReferralClosed',
  data: {},
  protectedData: {},
});

export const RECORDED_AT_NOON = 'T12:00:00.000Z';
export const noonOf = (day: CivilDate): Instant => `${day}${RECORDED_AT_NOON}` as Instant;
