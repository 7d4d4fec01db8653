import { sum, type Pence, type PrescriptionId } from '#kernel';
import type { ReferralFact } from '#referral';
import { pathOf, type Line } from './accounts.js';
import { available, committed, netted } from './lines.js';
import type { Entry, Rule } from './postings.js';
import {
  endOf,
  standingRecords,
  withFact,
  type MoneyRecord,
  type Part,
  type PrescriptionMoney,
  type ReferralMoney,
} from './prescription-money.js';
import { reckon, reckonLast } from './reckon.js';

export interface Posted {
  readonly entries: readonly Entry[];
  readonly money: ReferralMoney;
  /** Prescriptions that a correction made live again: what they need is reserved before. */
  readonly revived: readonly PrescriptionId[];
}

/**
 * What a referral's fact posts: the difference between what its prescriptions earn and commit with
 * this fact and without it, record by record. For most facts that is what the fact itself moves; a
 * correction or a new price also moves what was recorded before, each on its own day.
 */
export function postReferral(fact: ReferralFact, before: ReferralMoney): Posted {
  const money = withFact(before, fact);
  if (money === before) return { entries: [], money, revived: [] };
  let { prescriptions } = money;
  const entries: Entry[] = [];
  const revived: PrescriptionId[] = [];
  for (const after of money.prescriptions) {
    const { prescription } = after;
    const was = before.prescriptions.find((one) => one.prescription === prescription);
    if (was === after && money.corrections === before.corrections) continue;
    const then = was === undefined ? [] : standingRecords(was, before.corrections);
    const now = standingRecords(after, money.corrections);
    if (onlyAdds(fact, then, now)) {
      entries.push(...reckonLast(after, now).map((part) => entryOf(after, part)));
      continue;
    }
    const parts = reckon(after, now);
    const own = parts.filter(({ record }) => record === fact.id);
    const others = parts.filter(({ record }) => record !== fact.id);
    const [wasOver, isOver] = [endOf(then) !== undefined, endOf(now) !== undefined];
    const { moved, straight } = movedBefore(fact, after, then, others, wasOver && isOver);
    entries.push(...own.map((part) => entryOf(after, part)));
    entries.push(...moved.map((part) => differenceOf(fact, after, part)));
    if (straight !== after.straight) {
      prescriptions = prescriptions.map((one) => (one === after ? { ...after, straight } : one));
    }
    if (wasOver && !isOver) revived.push(prescription);
  }
  return { entries, money: { ...money, prescriptions }, revived };
}

/**
 * Whether it is plain, without reckoning what was recorded before, that the fact moves nothing of
 * that: only a correction, a new price, and what comes with the end or after it do.
 */
function onlyAdds(
  { id, type }: ReferralFact,
  then: readonly MoneyRecord[],
  now: readonly MoneyRecord[],
): boolean {
  return (
    type !== 'EntryCorrected' &&
    type !== 'PrescriptionRepriced' &&
    now.length === then.length + 1 &&
    now.at(-1)?.event === id &&
    endOf(now) === undefined
  );
}

function entryOf({ prescription, priced }: PrescriptionMoney, part: Part): Entry {
  const { rule, lines, on, version } = part;
  return { rule, lines, on, prescription, agreement: { agreement: priced.agreement, version } };
}

function differenceOf(fact: ReferralFact, p: PrescriptionMoney, part: Part): Entry {
  return { ...entryOf(p, part), rule: ruleOf(fact), corrects: part.record };
}

/**
 * What the fact moves of what was recorded before it. While a prescription is over, what a
 * correction gives back or needs goes straight to the pot and comes from there; that is remembered,
 * because it is to be as if it had not when the prescription turns out to be still alive.
 */
function movedBefore(
  fact: ReferralFact,
  p: PrescriptionMoney,
  then: readonly MoneyRecord[],
  after: readonly Part[],
  stayedOver: boolean,
): { readonly moved: readonly Part[]; readonly straight: readonly Part[] } {
  const { straight } = p;
  const before = reckon(p, then);
  if (fact.type !== 'EntryCorrected') return { moved: difference(before, after), straight };
  const raw = difference([...before, ...straight], after);
  const moved = stayedOver ? toThePot(p, raw) : raw;
  return { moved, straight: difference(raw, moved) };
}

/** A session recorded after the end may change what the minimum adds to it. */
function ruleOf({ type }: ReferralFact): Rule {
  if (type === 'EntryCorrected') return 'corrected';
  return type === 'PrescriptionRepriced' ? 'repriced' : 'drop-out-minimum';
}

/** What each record moves now beyond what it moved then, by the day it moves it on. */
function difference(then: readonly Part[], now: readonly Part[]): Part[] {
  const parts = new Map<string, Part>();
  const add = (part: Part, sign: Pence) => {
    const key = `${part.record} ${part.on}`;
    const before = parts.get(key)?.lines ?? [];
    const lines = part.lines.map(({ account, amount }) => ({ account, amount: amount * sign }));
    parts.set(key, { ...part, lines: [...before, ...lines] });
  };
  for (const part of then) add(part, -1n);
  for (const part of now) add(part, 1n);
  return [...parts.values()]
    .map((part) => ({ ...part, lines: netted(part.lines) }))
    .filter(({ lines }) => lines.length > 0);
}

/**
 * Money returns to the commitment only while the prescription lives. Reckoned through, it would
 * come back to the commitment on one record's day and leave it with the end's: of a component that
 * ends where it was, it goes to the pot and comes from there at once.
 */
function toThePot(p: PrescriptionMoney, parts: readonly Part[]): Part[] {
  const lines = parts.flatMap((part) => part.lines);
  const unmoved = p.priced.terms.components
    .map(({ component }) => pathOf(committed(p, component)))
    .filter((path) => sum(amountsOn(lines, path)) === 0n);
  return parts
    .map((part) => ({
      ...part,
      lines: netted(
        part.lines.map((line) =>
          unmoved.includes(pathOf(line.account)) ? { ...line, account: available(p) } : line,
        ),
      ),
    }))
    .filter((part) => part.lines.length > 0);
}

function amountsOn(lines: readonly Line[], path: string): Pence[] {
  return lines.filter(({ account }) => pathOf(account) === path).map(({ amount }) => amount);
}
