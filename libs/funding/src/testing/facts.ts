import {
  deriveId,
  formatPence,
  type CivilDate,
  type EventId,
  type Instant,
  type Metadata,
  type Pence,
  type PrescriptionId,
  type Slug,
  type StreamName,
} from '#kernel';
import type {
  Amended,
  Component,
  EarlyEnd,
  MissedClass,
  Priced,
  Recognition,
  ReferralEvent,
  ReferralFact,
} from '#referral';
import type { Account } from '../domain/accounts.js';
import type { FundingEvent, FundingFact } from '../domain/events.js';
import { postReferral } from '../domain/post-referral.js';
import type { Entry } from '../domain/postings.js';
import { noMoney, type ReferralMoney } from '../domain/prescription-money.js';

export const slug = (text: string) => text as Slug;
export const day = (text: string) => text as CivilDate;
export const NORTH = slug('north');
export const ALLOT = slug('allot');

export const prescriptionId = (name: string) => deriveId<'prescription'>('test', name);
export const referralId = (name: string) => deriveId<'referral'>('test', name);
export const eventId = (name: string): EventId => deriveId<'event'>('test', name);

export interface When {
  /** The day it happened. */
  readonly on?: string;
  /** The day the log learned of it; the same day unless given. */
  readonly recorded?: string;
  readonly id?: string;
}

let facts = 0;

function metadataOf({ on = '2026-05-04', recorded = on, id = '' }: When): Metadata {
  return {
    commandId: deriveId('command', id),
    commandHash: 'abc',
    correlationId: deriveId('correlation', id),
    causationId: deriveId('command', id),
    actor: { id: 'ann', role: 'link-worker', organisation: NORTH },
    anchor: NORTH,
    occurredOn: day(on),
    recordedAt: `${recorded}T12:00:00.000Z` as Instant,
  };
}

function placed(when: When): When & { readonly id: string } {
  facts += 1;
  return { ...when, id: when.id ?? `fact ${facts}` };
}

/** A referral's event as a fact of north's. */
export function referralFact(event: ReferralEvent, when: When = {}): ReferralFact {
  const { id, ...dates } = placed(when);
  const metadata = metadataOf({ ...dates, id });
  return { ...event, id: eventId(id), sealed: {}, metadata };
}

export function fundingFact(event: FundingEvent, when: When = {}): FundingFact {
  const { id, ...dates } = placed(when);
  return { ...event, id: eventId(id), sealed: {}, metadata: metadataOf({ ...dates, id }) };
}

/** With a place in the log, as projections get it. */
export function recorded<F>(fact: F, stream: StreamName, version: number) {
  return { ...fact, stream, version, position: BigInt(version + 1) };
}

export const perSession = (amount: Pence): Component => {
  return { component: slug('sessions'), trigger: 'session-attended', amount, per: 'session' };
};
export const perCourse = (amount: Pence): Component => {
  return { component: slug('sessions'), trigger: 'session-attended', amount, per: 'course' };
};
export const fee = (
  amount: Pence,
  limit = 1,
  classes: Extract<Component, { trigger: 'session-missed' }>['classes'] = [
    'acceptable',
    'not-acceptable',
    'not-stated',
  ],
): Component => {
  return { component: slug('fee'), trigger: 'session-missed', amount, limit, classes };
};
export const whenPrescribed = (amount: Pence): Component => {
  return { component: slug('start'), trigger: 'prescribed', amount };
};
export const nth = (at: number, amount: Pence): Component => {
  return { component: slug(`nth-${at}`), trigger: 'nth-attendance', nth: at, amount };
};
export const whenCompleted = (amount: Pence): Component => {
  return { component: slug('finish'), trigger: 'completed', amount };
};
export const whenMet = (amount: Pence, survives?: EarlyEnd[]): Component => {
  const more = survives !== undefined && { survives };
  return { component: slug('outcome'), trigger: 'outcome-met', amount, ...more };
};
export const atLeast = (amount: Pence, ends: EarlyEnd[] = ['dropped-out']): Component => {
  return { component: slug('minimum'), trigger: 'drop-out-minimum', amount, ends };
};

/** By hand, so that the product's own sums are not their own judge. */
function commitment(components: readonly Component[], planned: number): Priced['commitment'] {
  const parts = components.flatMap((each) => {
    if (each.trigger === 'session-missed' || each.trigger === 'drop-out-minimum') return [];
    const times = each.trigger === 'session-attended' && each.per === 'session' ? planned : 1;
    return [{ component: each.component, amount: each.amount * BigInt(times) }];
  });
  return { amount: parts.reduce((total, { amount }) => total + amount, 0n), components: parts };
}

export interface PrescribedAs {
  readonly name?: string;
  readonly planned?: number;
  readonly provider?: string;
  readonly recognition?: Recognition;
  readonly free?: boolean;
  readonly continues?: string;
}

export function pricedAt(
  components: Component[],
  planned: number,
  recognition: Recognition,
): Priced {
  return {
    agreement: slug('garden-terms'),
    version: 2,
    terms: { components },
    budget: {
      ...{ fund: slug('lottery'), year: 2026, pot: slug('prescribing') },
      ...{ recognition, funder: slug('tnlcf') },
    },
    commitment: commitment(components, planned),
  };
}

export function prescribed(
  components: Component[],
  { name = 'walks', planned, provider = 'allot', recognition, free, continues }: PrescribedAs = {},
  when: When = {},
): ReferralFact {
  return referralFact(
    {
      type: 'Prescribed',
      data: {
        prescription: prescriptionId(name),
        service: slug('gardening'),
        provider: slug(provider),
        ...(planned !== undefined && { plannedSessions: planned }),
        levelOfSupport: 'supported-intervention',
        directoryVersion: 0,
        ...(continues !== undefined && { continues: prescriptionId(continues) }),
        ...(free !== true && {
          priced: pricedAt(components, planned ?? 0, recognition ?? 'restricted'),
        }),
      },
    },
    { on: '2026-04-20', ...when },
  );
}

const session = (number: number, name: string) => ({
  prescription: prescriptionId(name),
  session: deriveId<'session'>('test', name, String(number)),
  number,
});

export function attended(number: number, name = 'walks', when: When = {}): ReferralFact {
  const evidence = { kind: 'register', by: ALLOT } as const;
  return referralFact({ type: 'Attended', data: { ...session(number, name), evidence } }, when);
}

export function missed(
  number: number,
  missedClass: MissedClass,
  name = 'walks',
  when: When = {},
): ReferralFact {
  const data = { ...session(number, name), class: missedClass };
  return referralFact({ type: 'Missed', data }, when);
}

export function completed(name = 'walks', when: When = {}): ReferralFact {
  const data = { prescription: prescriptionId(name) };
  return referralFact({ type: 'PrescriptionCompleted', data }, when);
}

export function cancelled(name = 'walks', when: When = {}): ReferralFact {
  const data = { prescription: prescriptionId(name), by: 'anchor' as const };
  return referralFact({ type: 'PrescriptionCancelled', data }, when);
}

/** From one prescription, or with no name from the whole referral. */
export function droppedOut(name?: string, when: When = {}): ReferralFact {
  return referralFact(
    {
      type: 'DroppedOut',
      data:
        name === undefined
          ? { scope: 'referral' }
          : { scope: 'prescription', prescription: prescriptionId(name) },
    },
    when,
  );
}

export function declined(name = 'walks', when: When = {}): ReferralFact {
  const data = { prescription: prescriptionId(name), by: 'person' as const };
  return referralFact({ type: 'PrescriptionDeclined', data }, when);
}

export function placeLapsed(name = 'walks', when: When = {}): ReferralFact {
  const data = { prescription: prescriptionId(name) };
  return referralFact({ type: 'PlaceLapsed', data }, when);
}

export function determined(met: boolean, name = 'walks', when: When = {}): ReferralFact {
  const data = {
    ...{
      prescription: prescriptionId(name),
      component: slug('outcome'),
      instrument: slug('swemwbs'),
    },
    ...{ baseline: eventId('baseline'), followUp: eventId('follow-up'), met },
    ...{ agreement: slug('garden-terms'), version: 2 },
  };
  return referralFact({ type: 'OutcomeDetermined', data }, when);
}

export function outcomeLapsed(name = 'walks', when: When = {}): ReferralFact {
  const prescription = prescriptionId(name);
  const data = {
    prescription,
    component: slug('outcome'),
    windowEnd: day(when.on ?? '2026-05-04'),
  };
  return referralFact({ type: 'OutcomeLapsed', data }, when);
}

export function repriced(from: string, components: Component[], name = 'walks'): ReferralFact {
  const data = {
    ...{ prescription: prescriptionId(name), agreement: slug('garden-terms'), version: 3 },
    ...{ from: day(from), terms: { components }, because: eventId('terms changed') },
  };
  return referralFact({ type: 'PrescriptionRepriced', data }, { on: from });
}

/** That a fact was not so, or was otherwise. */
export function corrected(fact: ReferralFact, amended?: Amended, when: When = {}): ReferralFact {
  const data = {
    ...{ corrects: fact.id, reasonCode: 'entered-in-error' as const, requestedBy: NORTH },
    ...(amended === undefined ? { kind: 'void' as const } : { kind: 'amend' as const, amended }),
  };
  return referralFact({ type: 'EntryCorrected', data }, when);
}

/** What the last of these facts posts. */
export function entriesOfLast(...history: readonly ReferralFact[]): readonly Entry[] {
  let money: ReferralMoney = noMoney;
  let entries: readonly Entry[] = [];
  for (const fact of history) ({ entries, money } = postReferral(fact, money));
  return entries;
}

const NAMES = ['walks', 'swim', 'art'];
const nameOf = (id: PrescriptionId) => NAMES.find((name) => prescriptionId(name) === id) ?? id;

/** An account as the posting tables call it. */
export function called(account: Account): string {
  switch (account.head) {
    case 'awarded':
      return `committed:${account.award}:${account.milestone}`;
    case 'committed':
      return `committed:${nameOf(account.prescription)}:${account.component}`;
    case 'available':
      return `available:${account.pot}`;
    case 'consumed':
    case 'expenses':
      return `${account.head}:${account.category}`;
    case 'accrued':
      return `accrued:${account.provider}`;
    case 'deferred':
    case 'held-as-agent':
    case 'repayable':
      return `${account.head}:${account.funder}`;
    default:
      return account.head;
  }
}

/** Entries as the posting tables print them; `on`: also the day each is about. */
export function table(entries: readonly Entry[], on = false): string[] {
  return entries.flatMap(({ rule, lines, on: about }) => [
    on ? `${rule} ${about}:` : `${rule}:`,
    ...lines.map(({ account, amount }) =>
      amount > 0n
        ? `  Dr ${called(account)} ${formatPence(amount)}`
        : `  Cr ${called(account)} ${formatPence(-amount)}`,
    ),
  ]);
}

/** Given these facts in order, what the last one posts. */
export const posts = (...history: readonly ReferralFact[]) => table(entriesOfLast(...history));
export const postsOn = (...history: readonly ReferralFact[]) =>
  table(entriesOfLast(...history), true);
