import { withOne, type CivilDate, type EventId, type PrescriptionId, type Slug } from '#kernel';
import {
  effective,
  type Amended,
  type Correction,
  type EndStatus,
  type Entry as Recorded,
  type MissedClass,
  type Priced,
  type ReferralFact,
  type ReferralFactOf,
  type Terms,
} from '#referral';
import type { Line } from './accounts.js';
import type { Rule } from './postings.js';

/** What is kept of a fact for its money, as it was recorded. */
export type MoneyRecord = Recorded &
  (
    | { readonly kind: 'prescribed' }
    | { readonly kind: 'repriced'; readonly version: number; readonly terms: Terms }
    | {
        readonly kind: 'session';
        readonly number: number;
        readonly outcome: 'attended' | MissedClass;
        readonly makeUp?: boolean;
      }
    | { readonly kind: 'end'; readonly status: EndStatus }
    | { readonly kind: 'outcome'; readonly component: Slug; readonly met: boolean }
    | { readonly kind: 'lapsed'; readonly component: Slug }
  );

/** A priced prescription and everything recorded of it: what it earns follows from that alone. */
export interface PrescriptionMoney {
  readonly prescription: PrescriptionId;
  readonly anchor: Slug;
  readonly provider: Slug;
  readonly planned: number;
  readonly priced: Priced;
  readonly records: readonly MoneyRecord[];
  /** What corrections moved to and from the pot beyond what the records give by reckoning. */
  readonly straight: readonly Part[];
}

/** What one record moves: an entry for each rule that applied to it. */
export interface Part {
  readonly record: EventId;
  readonly on: CivilDate;
  readonly rule: Rule;
  readonly lines: readonly Line[];
  /** Of the agreement, whose terms priced it. */
  readonly version: number;
}

/** The priced prescriptions of one referral as they were made, and what was corrected of them. */
export interface ReferralMoney {
  readonly prescriptions: readonly PrescriptionMoney[];
  readonly corrections: readonly Correction[];
}

export const noMoney: ReferralMoney = { corrections: [], prescriptions: [] };

/** The records as they are now taken to have been, in the order in which they were recorded. */
export function standingRecords(
  { records }: PrescriptionMoney,
  corrections: readonly Correction[],
): readonly MoneyRecord[] {
  return effective(records, corrections, amend);
}

function amend(record: MoneyRecord, amended: Amended): MoneyRecord {
  const { on = record.on, number, class: missedClass, met } = amended;
  if (record.kind === 'session') {
    const outcome =
      record.outcome === 'attended' ? record.outcome : (missedClass ?? record.outcome);
    return { ...record, on, number: number ?? record.number, outcome };
  }
  if (record.kind === 'outcome') return { ...record, on, met: met ?? record.met };
  return record;
}

/** The money with one more fact; the very same when the fact moves none. */
export function withFact(money: ReferralMoney, fact: ReferralFact): ReferralMoney {
  const { id: event, metadata } = fact;
  const on = metadata.occurredOn;
  switch (fact.type) {
    case 'Prescribed':
      return prescribed(money, fact);
    case 'PrescriptionRepriced': {
      const { from, version, terms } = fact.data;
      return add(money, [fact.data.prescription], {
        ...{ event, on: from, kind: 'repriced' },
        ...{ version, terms },
      });
    }
    case 'Attended': {
      const { number, prescription } = fact.data;
      return add(money, [prescription], {
        event,
        kind: 'session',
        number,
        on,
        outcome: 'attended',
      });
    }
    case 'Missed': {
      const { number, prescription, class: outcome, makeUp } = fact.data;
      const more = makeUp === true && { makeUp };
      return add(money, [prescription], { event, kind: 'session', ...more, number, on, outcome });
    }
    case 'OutcomeDetermined': {
      const { component, met, prescription } = fact.data;
      return add(money, [prescription], { component, event, kind: 'outcome', met, on });
    }
    case 'OutcomeLapsed': {
      // It lapses with its window, whenever somebody says so.
      const { component, prescription, windowEnd } = fact.data;
      return add(money, [prescription], { component, event, kind: 'lapsed', on: windowEnd });
    }
    case 'EntryCorrected': {
      const { corrects, kind, amended } = fact.data;
      const correction = { event, corrects, kind, ...(amended && { amended }) };
      const root = rootOf(correction, money.corrections);
      const known = money.prescriptions.some(({ records }) =>
        records.some((record) => record.event === root),
      );
      return known ? { ...money, corrections: withOne(money.corrections, correction) } : money;
    }
    default:
      return ended(money, fact);
  }
}

function ended(money: ReferralMoney, fact: ReferralFact): ReferralMoney {
  const { id: event, metadata } = fact;
  const end = (status: EndStatus, which: readonly PrescriptionId[]) =>
    add(money, which, { event, kind: 'end', on: metadata.occurredOn, status });
  switch (fact.type) {
    case 'PrescriptionCompleted':
      return end('completed', [fact.data.prescription]);
    case 'PrescriptionCancelled':
      return end('cancelled', [fact.data.prescription]);
    case 'PrescriptionDeclined':
      return end('declined', [fact.data.prescription]);
    case 'PlaceLapsed':
      return end('lapsed', [fact.data.prescription]);
    case 'DroppedOut':
      return fact.data.scope === 'prescription'
        ? end('dropped-out', [fact.data.prescription])
        : end(
            'dropped-out',
            money.prescriptions.map((one) => one.prescription),
          );
    default:
      return money;
  }
}

function prescribed(money: ReferralMoney, fact: ReferralFactOf<'Prescribed'>): ReferralMoney {
  const { prescription, provider, priced, plannedSessions: planned = 0, continues } = fact.data;
  const at = { event: fact.id, on: fact.metadata.occurredOn };
  const before =
    continues === undefined
      ? money
      : add(money, [continues], { ...at, kind: 'end', status: 'continued' });
  // Free services have no money, and post nothing.
  if (priced === undefined) return before;
  const fresh: PrescriptionMoney = {
    anchor: fact.metadata.anchor as Slug, // A referral's facts all name the anchor it is with.
    planned,
    prescription,
    priced,
    provider,
    records: [{ ...at, kind: 'prescribed' }],
    straight: [],
  };
  const others = before.prescriptions.filter((one) => one.prescription !== prescription);
  return { ...before, prescriptions: withOne(others, fresh) };
}

function add(
  money: ReferralMoney,
  which: readonly PrescriptionId[],
  record: MoneyRecord,
): ReferralMoney {
  const isMeant = ({ prescription }: PrescriptionMoney) => which.includes(prescription);
  if (!money.prescriptions.some(isMeant)) return money;
  const prescriptions = money.prescriptions.map((one) =>
    isMeant(one) ? { ...one, records: withOne(one.records, record) } : one,
  );
  return { ...money, prescriptions };
}

/** The fact that a chain of corrections is about in the end. */
export function rootOf(
  { corrects }: Pick<Correction, 'corrects'>,
  corrections: readonly Correction[],
): EventId {
  const above = corrections.find(({ event }) => event === corrects);
  return above === undefined ? corrects : rootOf(above, corrections);
}

/** The first end that stands. */
export function endOf(records: readonly MoneyRecord[]): EndStatus | undefined {
  for (const record of records) if (record.kind === 'end') return record.status;
  return undefined;
}
