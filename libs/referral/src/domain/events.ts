import { shape, type EventOf, type Fact } from '#kernel';
import { MISSED_CLASSES, pricedShape, reservationShape } from './terms.js';

export const ROUTES = [
  'gp',
  'practice-staff',
  'hospital',
  'pharmacist',
  'social-care',
  'voluntary-sector',
  'family-or-friend',
  'self',
  'other',
] as const;
export const CONTACT_MODES = ['visit', 'surgery', 'community', 'phone', 'video', 'text'] as const;
export const CONTACT_OUTCOMES = [
  'no-answer',
  'message-left',
  'not-at-home',
  'asked-to-call-back',
] as const;
export const WORKER_KINDS = ['link-worker', 'volunteer', 'other'] as const;
export const SUPPORT_LEVELS = [
  'signposted',
  'self-referral',
  'supported-intervention',
  'supported-introduction',
  'supported-access',
  'peer-support',
] as const;
export const SESSION_MODES = ['in-person', 'phone', 'video'] as const;
export const DECIDERS = ['person', 'anchor', 'provider'] as const;
export const EVIDENCE_KINDS = [
  'register',
  'provider-confirmed',
  'worker-accompanied',
  'self-report',
] as const;

const minutes = shape.integer({ minimum: 0, description: 'minutes' });
const reason = shape.optional(shape.text('why, in the words of a reason list or of the person'));
const note = shape.optional(shape.text());
const prescription = shape.id('prescription');
const session = {
  prescription,
  session: shape.id('session'),
  /** Its place among the planned sessions, from 1: odd pence go by it. */
  number: shape.integer({ minimum: 1 }),
  insteadOf: shape.optional(shape.id('session')),
};
const contact = {
  mode: shape.word(CONTACT_MODES),
  minutes,
  place: shape.optional(shape.slug('place')),
  workerKind: shape.word(WORKER_KINDS),
  accompanied: shape.optional(shape.flag()),
};

/**
 * The facts of a referral as they lie in the log: storage formats, changed only by a new version
 * with an upcaster and a golden file. `protectedData` is encrypted under the person's key. The day
 * of a fact is its metadata's `occurredOn`.
 */
export const referralEvents = {
  Referred: {
    version: 1,
    data: shape.object({
      person: shape.id('person'),
      anchor: shape.slug('anchor'),
      area: shape.slug('area'),
      scheme: shape.object({ name: shape.slug('scheme'), version: shape.integer({ minimum: 1 }) }),
      route: shape.word(ROUTES),
      referrer: shape.optional(shape.slug('organisation')),
      prefilledFrom: shape.optional(
        shape.object({ system: shape.slug('system'), at: shape.instant() }),
      ),
      ageAtReferral: shape.optional(shape.integer({ minimum: 0 })),
      /** Decided under the scheme, so that a caseload never looks a policy up again. */
      firstContactDueOn: shape.optional(shape.date()),
    }),
    protectedData: shape.object({
      name: shape.optional(shape.text()),
      contact: shape.optional(shape.text('telephone, e-mail or address')),
      dateOfBirth: shape.optional(shape.date()),
      nhsNumber: shape.optional(shape.text()),
      chiNumber: shape.optional(shape.text()),
      needs: shape.optional(shape.array(shape.text())),
      reason,
    }),
  },
  ReferralAccepted: {
    version: 1,
    data: shape.object({ by: shape.word(DECIDERS) }),
    protectedData: shape.object({ reason }),
  },
  ReferralDeclined: {
    version: 1,
    data: shape.object({ by: shape.word(DECIDERS) }),
    protectedData: shape.object({ reason }),
  },
  LinkWorkerAssigned: {
    version: 1,
    data: shape.object({
      linkWorker: shape.slug('link worker'),
      employer: shape.slug('organisation'),
    }),
  },
  ConsentRecorded: {
    version: 1,
    data: shape.object({ scopes: shape.array(shape.slug('consent scope')) }),
  },
  ContactPlanned: {
    version: 1,
    data: shape.object({
      on: shape.date(),
      mode: shape.word(CONTACT_MODES),
      with: shape.optional(shape.slug('link worker')),
    }),
  },
  ContactAttempted: {
    version: 1,
    data: shape.object({
      mode: shape.word(CONTACT_MODES),
      outcome: shape.word(CONTACT_OUTCOMES),
      minutes,
    }),
  },
  FirstContactMade: {
    version: 1,
    data: shape.object({ ...contact, followUpDueOn: shape.optional(shape.date()) }),
    protectedData: shape.object({ note }),
  },
  ContactMade: {
    version: 1,
    data: shape.object(contact),
    protectedData: shape.object({ note }),
  },
  Offered: {
    version: 1,
    data: shape.object({
      offer: shape.id('offer'),
      service: shape.slug('service'),
      provider: shape.slug('provider'),
      levelOfSupport: shape.word(SUPPORT_LEVELS),
    }),
  },
  OfferRefused: {
    version: 1,
    data: shape.object({ offer: shape.id('offer') }),
    protectedData: shape.object({ reason }),
  },
  Prescribed: {
    version: 1,
    data: shape.object({
      prescription,
      offer: shape.optional(shape.id('offer')),
      service: shape.slug('service'),
      provider: shape.slug('provider'),
      plannedSessions: shape.optional(shape.integer({ minimum: 1 })),
      levelOfSupport: shape.word(SUPPORT_LEVELS),
      directoryVersion: shape.integer({ minimum: 0 }),
      /** Absent: a free service, which posts nothing. */
      priced: shape.optional(pricedShape),
    }),
  },
  PrescriptionAbandoned: {
    version: 1,
    data: shape.object({
      prescription,
      /** What was reserved and is given back. */
      reservation: reservationShape,
      because: shape.eventId(),
    }),
  },
  PrescriptionCancelled: {
    version: 1,
    data: shape.object({ prescription, by: shape.word(DECIDERS) }),
    protectedData: shape.object({ reason }),
  },
  Attended: {
    version: 1,
    data: shape.object({
      ...session,
      late: shape.optional(shape.flag()),
      mode: shape.optional(shape.word(SESSION_MODES)),
      accompaniedBy: shape.optional(shape.slug('link worker')),
      evidence: shape.object({
        kind: shape.word(EVIDENCE_KINDS),
        by: shape.slug('organisation'),
        document: shape.optional(shape.sha256()),
      }),
    }),
  },
  Missed: {
    version: 1,
    data: shape.object({ ...session, class: shape.word(MISSED_CLASSES) }),
    protectedData: shape.object({ reason }),
  },
  PrescriptionCompleted: {
    version: 1,
    data: shape.object({ prescription }),
  },
  DroppedOut: {
    version: 1,
    data: shape.union([
      shape.object({ scope: shape.literal('prescription'), prescription }),
      shape.object({ scope: shape.literal('referral') }),
    ]),
    protectedData: shape.object({ reason }),
  },
  FollowedUp: {
    version: 1,
    data: shape.object({
      window: shape.slug('follow-up window'),
      reached: shape.flag(),
      mode: shape.word(CONTACT_MODES),
      minutes,
      followUpDueOn: shape.optional(shape.date()),
    }),
    protectedData: shape.object({ note }),
  },
  ReferralClosed: {
    version: 1,
    data: shape.object({}),
    protectedData: shape.object({ reason, note }),
  },
} as const;

export type ReferralEvent = EventOf<typeof referralEvents>;
export type ReferralEventOf<T extends ReferralEvent['type']> = Extract<ReferralEvent, { type: T }>;
export type ReferralFact = Fact<ReferralEvent>;
export type ReferralFactOf<T extends ReferralEvent['type']> = Extract<ReferralFact, { type: T }>;
