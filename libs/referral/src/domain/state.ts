import {
  type CivilDate,
  type OfferId,
  type PersonId,
  type PrescriptionId,
  type SessionId,
  type Slug,
} from '#kernel';
import type { ReferralFact, ReferralFactOf } from './events.js';
import type { MissedClass, Priced } from './terms.js';

export interface Session {
  readonly session: SessionId;
  readonly number: number;
  readonly on: CivilDate;
  readonly outcome: 'attended' | MissedClass;
  readonly insteadOf?: SessionId;
}

export const PRESCRIPTION_STATUSES = ['active', 'completed', 'dropped-out', 'cancelled'] as const;
export type PrescriptionStatus = (typeof PRESCRIPTION_STATUSES)[number];

export interface Prescription {
  readonly prescription: PrescriptionId;
  readonly offer?: OfferId;
  readonly service: Slug;
  readonly provider: Slug;
  readonly prescribedOn: CivilDate;
  readonly plannedSessions?: number;
  readonly priced?: Priced;
  readonly status: PrescriptionStatus;
  readonly endedOn?: CivilDate;
  readonly sessions: readonly Session[];
}

export interface Offer {
  readonly offer: OfferId;
  readonly service: Slug;
  readonly provider: Slug;
  readonly answer?: 'refused' | 'prescribed';
}

/** One episode of support; `null` before it was received. */
export interface Referral {
  readonly person: PersonId;
  readonly anchor: Slug;
  readonly area: Slug;
  readonly scheme: { readonly name: Slug; readonly version: number };
  readonly receivedOn: CivilDate;
  readonly firstContactDueOn?: CivilDate;
  readonly acceptedBy: readonly string[];
  readonly declinedBy?: string;
  readonly linkWorker?: Slug;
  readonly consent: readonly Slug[];
  readonly plannedContact?: { readonly on: CivilDate; readonly mode: string };
  readonly firstContactOn?: CivilDate;
  readonly lastContactOn?: CivilDate;
  readonly followUpDueOn?: CivilDate;
  readonly contacts: number;
  readonly minutes: number;
  readonly offers: readonly Offer[];
  readonly prescriptions: readonly Prescription[];
  readonly abandoned: readonly PrescriptionId[];
  /** Of the whole referral: it stays open, the person may come back. */
  readonly droppedOutOn?: CivilDate;
  readonly endedOn?: CivilDate;
}
export type ReferralState = Referral | null;

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

export function isLive(prescription: Prescription): boolean {
  return prescription.status === 'active';
}

/** Total: any history folds, a fact that the state cannot place changes nothing. */
export function evolve(state: ReferralState, fact: ReferralFact): ReferralState {
  if (fact.type === 'Referred') return state ?? received(fact);
  return state === null ? null : change(state, fact);
}

function received({ data, metadata }: ReferralFactOf<'Referred'>): Referral {
  return {
    person: data.person,
    anchor: data.anchor,
    area: data.area,
    scheme: data.scheme,
    receivedOn: metadata.occurredOn,
    ...(data.firstContactDueOn && { firstContactDueOn: data.firstContactDueOn }),
    acceptedBy: [],
    consent: [],
    contacts: 0,
    minutes: 0,
    offers: [],
    prescriptions: [],
    abandoned: [],
  };
}

function change(
  state: Referral,
  fact: Exclude<ReferralFact, ReferralFactOf<'Referred'>>,
): Referral {
  const on = fact.metadata.occurredOn;
  switch (fact.type) {
    case 'ReferralAccepted':
      return { ...state, acceptedBy: [...state.acceptedBy, fact.data.by] };
    case 'ReferralDeclined':
      return { ...state, declinedBy: fact.data.by, endedOn: on };
    case 'LinkWorkerAssigned':
      return { ...state, linkWorker: fact.data.linkWorker };
    case 'ConsentRecorded':
      return { ...state, consent: [...new Set([...state.consent, ...fact.data.scopes])] };
    case 'ContactPlanned':
      return { ...state, plannedContact: { on: fact.data.on, mode: fact.data.mode } };
    case 'ContactAttempted':
      return { ...state, minutes: state.minutes + fact.data.minutes };
    case 'FirstContactMade':
      return {
        ...contacted(state, on, fact.data.minutes),
        firstContactOn: on,
        ...followUpDue(state, fact.data.followUpDueOn),
      };
    case 'ContactMade':
      return contacted(state, on, fact.data.minutes);
    case 'FollowedUp':
      return {
        ...(fact.data.reached
          ? contacted(state, on, fact.data.minutes)
          : { ...state, minutes: state.minutes + fact.data.minutes }),
        ...followUpDue(state, fact.data.followUpDueOn),
      };
    case 'Offered':
      return { ...state, offers: [...state.offers, { ...fact.data }] };
    case 'OfferRefused':
      return { ...state, offers: answered(state.offers, fact.data.offer, 'refused') };
    case 'ReferralClosed':
      return { ...state, endedOn: on };
    default:
      return changePrescriptions(state, fact);
  }
}

type PrescriptionFact = ReferralFactOf<
  | 'Prescribed'
  | 'PrescriptionAbandoned'
  | 'PrescriptionCancelled'
  | 'Attended'
  | 'Missed'
  | 'PrescriptionCompleted'
  | 'DroppedOut'
>;

function changePrescriptions(state: Referral, fact: PrescriptionFact): Referral {
  const on = fact.metadata.occurredOn;
  switch (fact.type) {
    case 'Prescribed': {
      const { levelOfSupport: _level, directoryVersion: _directory, ...rest } = fact.data;
      const { offer } = rest;
      return {
        ...state,
        offers: offer === undefined ? state.offers : answered(state.offers, offer, 'prescribed'),
        prescriptions: [
          ...state.prescriptions,
          { ...rest, prescribedOn: on, status: 'active', sessions: [] },
        ],
      };
    }
    case 'PrescriptionAbandoned':
      return { ...state, abandoned: [...state.abandoned, fact.data.prescription] };
    case 'Attended':
      return withSession(state, fact.data.prescription, { ...fact.data, on, outcome: 'attended' });
    case 'Missed':
      return withSession(state, fact.data.prescription, {
        ...fact.data,
        on,
        outcome: fact.data.class,
      });
    case 'PrescriptionCompleted':
      return ended(state, [fact.data.prescription], 'completed', on);
    case 'PrescriptionCancelled':
      return {
        ...ended(state, [fact.data.prescription], 'cancelled', on),
        offers: offeredAgain(state, fact.data.prescription),
      };
    case 'DroppedOut': {
      if (fact.data.scope === 'prescription') {
        return ended(state, [fact.data.prescription], 'dropped-out', on);
      }
      const all = state.prescriptions.map(({ prescription }) => prescription);
      return { ...ended(state, all, 'dropped-out', on), droppedOutOn: on };
    }
    default:
      // A newer version's fact that this one does not know changes nothing here.
      return ((_: never) => state)(fact);
  }
}

function contacted(state: Referral, on: CivilDate, minutes: number): Referral {
  const { plannedContact, ...rest } = state;
  const last = state.lastContactOn;
  return {
    ...rest,
    ...(plannedContact !== undefined && plannedContact.on > on && { plannedContact }),
    lastContactOn: last === undefined || last < on ? on : last,
    contacts: state.contacts + 1,
    minutes: state.minutes + minutes,
  };
}

/** A late fact of an earlier day does not set the clock back. */
function followUpDue(
  { followUpDueOn: before }: Referral,
  due: CivilDate | undefined,
): Pick<Referral, 'followUpDueOn'> {
  if (due === undefined || (before !== undefined && before > due)) return {};
  return { followUpDueOn: due };
}

function answered(offers: readonly Offer[], offer: OfferId, answer: Offer['answer']): Offer[] {
  return offers.map((given) => (given.offer === offer ? { ...given, answer } : given));
}

/** A mistyped prescription is cancelled and made again: what it had taken up can be taken again. */
function offeredAgain({ offers, prescriptions }: Referral, cancelled: PrescriptionId): Offer[] {
  const taken = prescriptions
    .filter((given) => given.prescription === cancelled && isLive(given))
    .map(({ offer }) => offer);
  return offers.map(({ answer, ...given }) =>
    answer === undefined || taken.includes(given.offer) ? given : { ...given, answer },
  );
}

function withSession(
  state: Referral,
  prescription: PrescriptionId,
  { session, number, on, outcome, insteadOf }: Session,
): Referral {
  const held = { session, number, on, outcome, ...(insteadOf && { insteadOf }) };
  return {
    ...state,
    prescriptions: state.prescriptions.map((given) =>
      given.prescription === prescription
        ? { ...given, sessions: [...given.sessions, held] }
        : given,
    ),
  };
}

function ended(
  state: Referral,
  which: readonly PrescriptionId[],
  status: PrescriptionStatus,
  on: CivilDate,
): Referral {
  return {
    ...state,
    prescriptions: state.prescriptions.map((given) =>
      isLive(given) && which.includes(given.prescription)
        ? { ...given, status, endedOn: on }
        : given,
    ),
  };
}
