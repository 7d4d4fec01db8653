import type { CivilDate } from '#kernel';
import type { RecordedFact } from '#event-log';
import { packJson, unpackJson, type Projection, type Row, type Value } from '#projection';
import { referralEvents, type ReferralEvent } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import {
  initialState,
  isLive,
  statusOf,
  type Referral,
  type ReferralState,
} from '../domain/state.js';
import { identityAfter } from './identity.js';

type Fact = RecordedFact<ReferralEvent>;

/** What a link worker does next, and on which day it is due. */
export const NEXT_ACTIONS = ['accept', 'planned-contact', 'first-contact', 'follow-up'] as const;
export type NextAction = (typeof NEXT_ACTIONS)[number];

/** Each open referral as its link worker sees it: what is next, and what changed last. */
export const caseload: Projection<Fact> = {
  name: 'caseload',
  version: 3,
  whenBroken: 'park',
  applies: Object.keys(referralEvents) as ReferralEvent['type'][],
  tables: [
    {
      name: 'caseload',
      columns: {
        referral: 'text',
        anchor: 'text',
        /** Empty until somebody is assigned. */
        link_worker: 'text',
        /** Empty where no organisation referred. */
        referrer: 'text',
        status: 'text',
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
        last_change: 'text',
        last_change_on: 'text',
        identity: 'text',
        /** The folded state, as JSON. */
        state: 'text',
      },
      key: ['referral'],
      indexes: [['link_worker', 'next_action_on'], ['referrer']],
    },
    {
      /** Whose it ever was: where a caseload of the past is looked for. */
      name: 'assigned',
      columns: { link_worker: 'text', referral: 'text', anchor: 'text' },
      key: ['link_worker', 'referral'],
    },
  ],
  reduce(fact, rows) {
    const id = fact.stream.slice('referral-'.length);
    const before = rows.get('caseload', id);
    const state =
      before === undefined ? initialState : (unpackJson(before['state']) as ReferralState);
    const after = evolve(state, fact);
    if (after === null) throw new Error(`${fact.type} before the referral was received`);
    rows.put('caseload', rowOf(id, after, fact, identityAfter(before?.['identity'], fact)));
    if (fact.type === 'LinkWorkerAssigned') {
      const { linkWorker } = fact.data;
      rows.put('assigned', { link_worker: linkWorker, referral: id, anchor: after.anchor });
    }
  },
};

/** How a referral stands after its latest fact. */
export function rowOf(id: string, after: Referral, latest: Fact, identity: Value): Row {
  const next = nextAction(after);
  return {
    referral: id,
    anchor: after.anchor,
    link_worker: after.linkWorker ?? '',
    referrer: after.referrer ?? '',
    status: statusOf(after),
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
    last_change: latest.type,
    last_change_on: latest.metadata.occurredOn,
    identity,
    state: packJson(after),
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
