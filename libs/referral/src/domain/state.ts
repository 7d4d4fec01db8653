import type {
  AssessmentId,
  CivilDate,
  EventId,
  OfferId,
  PersonId,
  PrescriptionId,
  SessionId,
  Slug,
} from '#kernel';
import type { Correction, Entry } from './entries.js';
import type { ReferralEventOf } from './events.js';
import type { MissedClass, Priced } from './terms.js';
import type {
  AssessmentPurpose,
  ContactMode,
  ReferralKind,
  RuleResult,
  SupportLevel,
} from './words.js';

export interface Session extends Entry {
  readonly session: SessionId;
  readonly number: number;
  readonly outcome: 'attended' | MissedClass;
  /** Missed under a scheme with make-up sessions: its number stays open. */
  readonly makeUp?: boolean;
  readonly insteadOf?: SessionId;
}

/** What a further register of a session said, and whose it was. */
export type FurtherEvidence = Omit<ReferralEventOf<'SessionEvidenceAdded'>['data'], 'prescription'>;

export const PRESCRIPTION_STATUSES = [
  'waitlisted',
  'placed',
  'active',
  'completed',
  'dropped-out',
  'declined',
  'cancelled',
  'lapsed',
  'continued',
] as const;
export type PrescriptionStatus = (typeof PRESCRIPTION_STATUSES)[number];
export const LIVE_STATUSES = ['waitlisted', 'placed', 'active'] as const;
export type LiveStatus = (typeof LIVE_STATUSES)[number];
export type EndStatus = Exclude<PrescriptionStatus, LiveStatus>;

/** `continued`: another prescription took its place. */
export interface End extends Entry {
  readonly prescriptions: readonly PrescriptionId[];
  readonly status: EndStatus;
  /** Of the referral: the prescriptions are those that were there. */
  readonly whole: boolean;
}

export interface Outcome extends Entry {
  readonly component: Slug;
  readonly met: boolean;
  /** The two assessments it rests on. */
  readonly baseline: EventId;
  readonly followUp: EventId;
}

export interface Prescription {
  readonly prescription: PrescriptionId;
  readonly offer?: OfferId;
  readonly continues?: PrescriptionId;
  readonly service: Slug;
  readonly provider: Slug;
  readonly prescribedOn: CivilDate;
  readonly plannedSessions?: number;
  readonly levelOfSupport: SupportLevel;
  readonly priced?: Priced;
  /** The versions of the agreement that changed its price since. */
  readonly repriced: readonly { readonly version: number; readonly from: CivilDate }[];
  readonly place?: 'waitlisted' | 'placed';
  readonly placeLapsesOn?: CivilDate;
  /** As they were recorded. */
  readonly recorded: readonly Session[];
  readonly evidence: readonly FurtherEvidence[];
  readonly determined: readonly Outcome[];
  readonly lapsed: readonly { readonly component: Slug; readonly windowEnd: CivilDate }[];
  /** With every correction, as the three below. */
  readonly sessions: readonly Session[];
  readonly outcomes: readonly Outcome[];
  readonly status: PrescriptionStatus;
  readonly endedOn?: CivilDate;
}

export interface Offer {
  readonly offer: OfferId;
  readonly service: Slug;
  readonly provider: Slug;
  readonly refused: boolean;
  readonly answer?: 'refused' | 'prescribed';
}

export interface Contact extends Entry {
  readonly kind: 'contact' | 'attempt' | 'follow-up';
  /** Recorded as the first, which is there once. */
  readonly first?: boolean;
  readonly reached: boolean;
  readonly mode: ContactMode;
  readonly minutes: number;
  readonly followUpDueOn?: CivilDate;
}

export interface Assessment extends Entry {
  readonly assessment: AssessmentId;
  readonly instrument: Slug;
  readonly purpose: AssessmentPurpose;
}

export interface AssessmentDeclined extends Entry {
  readonly instrument: Slug;
}

export interface Feedback extends Entry {
  readonly to: Slug;
  readonly acknowledged: boolean;
}

/** What follows from the entries with every correction. */
export interface FromContacts {
  readonly plannedContact?: { readonly on: CivilDate; readonly mode: string };
  readonly firstContactOn?: CivilDate;
  readonly lastContactOn?: CivilDate;
  readonly followUpDueOn?: CivilDate;
  /** Conversations: attempts and follow-ups that reached nobody are none. */
  readonly contacts: number;
  readonly minutes: number;
}

/** One episode of support; `null` before it was received. */
export interface Referral extends FromContacts {
  readonly person: PersonId;
  readonly anchor: Slug;
  readonly area: Slug;
  readonly scheme: { readonly name: Slug; readonly version: number };
  readonly kind?: ReferralKind;
  readonly referrer?: Slug;
  readonly receivedOn: CivilDate;
  readonly ageAtReferral?: number;
  readonly firstContactDueOn?: CivilDate;
  readonly eligible?: boolean;
  /** What the newest decision said of each rule. */
  readonly eligibility?: readonly { readonly rule: Slug; readonly result: RuleResult }[];
  readonly acceptedBy: readonly string[];
  readonly declinedBy?: string;
  readonly linkWorker?: Slug;
  readonly consent: readonly Slug[];
  readonly tier?: Slug;
  readonly levelOfSupport?: SupportLevel;
  readonly planAgreedOn?: CivilDate;
  readonly planAmendedOn?: CivilDate;
  readonly concerns: number;
  readonly planned?: {
    readonly on: CivilDate;
    readonly mode: string;
    /** How many contacts were recorded before it was planned. */
    readonly after: number;
  };
  readonly contactEntries: readonly Contact[];
  readonly assessmentEntries: readonly Assessment[];
  readonly assessments: readonly Assessment[];
  readonly declinedEntries: readonly AssessmentDeclined[];
  readonly assessmentsDeclined: readonly AssessmentDeclined[];
  readonly offers: readonly Offer[];
  readonly prescriptions: readonly Prescription[];
  /** Reservations that nothing followed, and never will. */
  readonly abandoned: readonly {
    readonly prescription: PrescriptionId;
    readonly because: EventId;
  }[];
  readonly ends: readonly End[];
  readonly feedback: readonly Feedback[];
  readonly corrections: readonly Correction[];
  /** Of the whole referral: it stays open, the person may come back. */
  readonly droppedOutOn?: CivilDate;
  readonly endedOn?: CivilDate;
  /** The last time that it was taken up again after its end. */
  readonly reopenedOn?: CivilDate;
  /** The day of its newest fact: what is quiet for long enough may close by itself. */
  readonly lastFactOn: CivilDate;
}
export type ReferralState = Referral | null;

/**
 * Every field in its place: engines copy and read objects of one shape fastest, and write them
 * fastest where the names are in order.
 */
export const NOTHING: { readonly [F in keyof Required<Referral>]: undefined } = {
  abandoned: undefined,
  acceptedBy: undefined,
  ageAtReferral: undefined,
  anchor: undefined,
  area: undefined,
  assessmentEntries: undefined,
  assessments: undefined,
  assessmentsDeclined: undefined,
  concerns: undefined,
  consent: undefined,
  contactEntries: undefined,
  contacts: undefined,
  corrections: undefined,
  declinedBy: undefined,
  declinedEntries: undefined,
  droppedOutOn: undefined,
  eligibility: undefined,
  eligible: undefined,
  endedOn: undefined,
  ends: undefined,
  feedback: undefined,
  firstContactDueOn: undefined,
  firstContactOn: undefined,
  followUpDueOn: undefined,
  kind: undefined,
  lastContactOn: undefined,
  lastFactOn: undefined,
  levelOfSupport: undefined,
  linkWorker: undefined,
  minutes: undefined,
  offers: undefined,
  person: undefined,
  planAgreedOn: undefined,
  planAmendedOn: undefined,
  planned: undefined,
  plannedContact: undefined,
  prescriptions: undefined,
  receivedOn: undefined,
  referrer: undefined,
  reopenedOn: undefined,
  scheme: undefined,
  tier: undefined,
};

export const REFERRAL_STATUSES = [
  'received',
  'accepted',
  'in-contact',
  'supported',
  'declined',
  'closed',
] as const;
export type ReferralStatus = (typeof REFERRAL_STATUSES)[number];

export const initialState: ReferralState = null;

/** The states of a referral, written once: the first line that fits. */
export function statusOf(referral: Referral): ReferralStatus {
  if (referral.declinedBy !== undefined) return 'declined';
  if (referral.endedOn !== undefined) return 'closed';
  if (referral.acceptedBy.length === 0) return 'received';
  if (referral.prescriptions.some(isLive)) return 'supported';
  return referral.firstContactOn === undefined ? 'accepted' : 'in-contact';
}

/** Neither closed nor declined. */
export function isOpen({ declinedBy, endedOn }: Referral): boolean {
  return declinedBy === undefined && endedOn === undefined;
}

export function isLive({ status }: Pick<Prescription, 'status'>): boolean {
  return (LIVE_STATUSES as readonly string[]).includes(status);
}

/** One that was called off, or is to be made up, leaves its place among the planned ones open. */
export function takesNumber({ outcome, makeUp }: Pick<Session, 'outcome' | 'makeUp'>): boolean {
  return outcome !== 'provider-logistics' && makeUp !== true;
}

/** Sessions of which a further register says otherwise than what is taken to have been. */
export function queriesOf({ sessions, evidence }: Prescription): readonly SessionId[] {
  return sessions
    .filter(({ session, outcome }) => {
      const taken = outcome === 'attended' ? 'attended' : 'missed';
      return evidence.some((further) => further.session === session && further.says !== taken);
    })
    .map(({ session }) => session);
}
