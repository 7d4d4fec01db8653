import type { CivilDate, ReferralId } from '#kernel';
import type { RecordedFact } from '#event-log';
import type { Rows, StoredRow, Table } from '#projection';
import type { ReferralEvent } from '../domain/events.js';
import { isLive, isOpen, type Referral } from '../domain/state.js';

type Fact = RecordedFact<ReferralEvent>;

/** What a link worker does next, and on which day it is due. */
export const NEXT_ACTIONS = ['accept', 'planned-contact', 'first-contact', 'follow-up'] as const;
export type NextAction = (typeof NEXT_ACTIONS)[number];

/** Each referral as its link worker sees it: what is next, and what changed last. */
export const CASELOAD_TABLE: Table = {
  name: 'caseload',
  columns: {
    referral: 'text',
    /** Empty until somebody is assigned. */
    link_worker: 'text',
    /** Empty where no organisation referred. */
    referrer: 'text',
    received: 'text',
    next_action: 'text?',
    next_action_on: 'text?',
    first_contact: 'text?',
    last_contact: 'text?',
    planned_contact: 'text?',
    contacts: 'integer',
    minutes: 'integer',
    live_prescriptions: 'integer',
    has_consent: 'integer',
    /** Neither closed nor declined. */
    is_open: 'integer',
    last_change: 'text',
    last_change_on: 'text',
  },
  key: ['referral'],
  // Most of what was ever theirs is over.
  indexes: [
    ['link_worker', 'is_open'],
    ['referrer', 'is_open'],
  ],
};

/** Whose it ever was: where a caseload of the past is looked for. */
export const ASSIGNED_TABLE: Table = {
  name: 'assigned',
  columns: { link_worker: 'text', referral: 'text' },
  key: ['link_worker', 'referral'],
};

export function reduceCaseload(latest: Fact, id: ReferralId, after: Referral, rows: Rows): void {
  const row = caseloadRow(id, after, latest);
  if (after.endedOn === undefined) rows.put('caseload', row);
  else rows.settle('caseload', row);
}

export function reduceAssigned(fact: Fact, id: ReferralId, rows: Rows): void {
  if (fact.type === 'LinkWorkerAssigned') {
    rows.settle('assigned', { link_worker: fact.data.linkWorker, referral: id });
  }
}

/** How a referral stands after its latest fact. */
export function caseloadRow(id: ReferralId, after: Referral, latest: Fact): StoredRow {
  const next = nextAction(after);
  return {
    referral: id,
    link_worker: after.linkWorker ?? '',
    referrer: after.referrer ?? '',
    received: after.receivedOn,
    next_action: next?.action ?? null,
    next_action_on: next?.on ?? null,
    first_contact: after.firstContactOn ?? null,
    last_contact: after.lastContactOn ?? null,
    planned_contact: after.plannedContact?.on ?? null,
    contacts: BigInt(after.contacts),
    minutes: BigInt(after.minutes),
    live_prescriptions: BigInt(after.prescriptions.filter(isLive).length),
    has_consent: after.consent.length > 0 ? 1n : 0n,
    is_open: isOpen(after) ? 1n : 0n,
    last_change: latest.type,
    last_change_on: latest.metadata.occurredOn,
  };
}

/** The earliest thing that is due; nothing once the referral has ended. */
export function nextAction(
  referral: Referral,
): { readonly action: NextAction; readonly on: CivilDate } | null {
  if (referral.endedOn !== undefined) return null;
  const due: { action: NextAction; on: CivilDate }[] = [];
  const { plannedContact, firstContactOn, firstContactDueOn, followUpDueOn } = referral;
  if (referral.acceptedBy.length === 0) due.push({ action: 'accept', on: referral.receivedOn });
  if (plannedContact !== undefined) due.push({ action: 'planned-contact', on: plannedContact.on });
  if (firstContactOn === undefined && firstContactDueOn !== undefined) {
    due.push({ action: 'first-contact', on: firstContactDueOn });
  }
  if (followUpDueOn !== undefined) due.push({ action: 'follow-up', on: followUpDueOn });
  due.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  return due[0] ?? null;
}
