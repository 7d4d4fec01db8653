import { deriveId, sum, type EventId, type Pence, type PrescriptionId, type Slug } from '#kernel';
import type { ReferralFact } from '#referral';
import type { FundingEvent } from './events.js';
import { postReferral, type Entry } from './postings.js';
import type { ReferralMoney } from './prescription-money.js';

/** What one fact moved in (positive) or out of the free money of a pot, for one prescription. */
export interface Move {
  readonly anchor: Slug;
  readonly fund: Slug;
  readonly year: number;
  readonly pot: Slug;
  readonly prescription: PrescriptionId;
  readonly amount: Pence;
  readonly because: EventId;
}

/**
 * The moves of a referral's fact, so that the budgets hear of them: whatever it posts on a pot's
 * free money, except the commitment itself, which was reserved before.
 */
export function movesOf(fact: ReferralFact, entries: readonly Entry[]): Move[] {
  if (fact.type === 'PrescriptionAbandoned') {
    const { reservation, prescription } = fact.data;
    const anchor = fact.metadata.anchor as Slug; // A referral's facts all name its anchor.
    return [{ ...reservation, anchor, prescription, because: fact.id }];
  }
  const moves: Move[] = [];
  for (const { rule, lines, prescription } of entries) {
    if (rule === 'prescribed' || prescription === undefined) continue;
    for (const { account, amount } of lines) {
      if (account.head !== 'available') continue;
      const { anchor, fund, year, pot } = account;
      moves.push({ anchor, fund, year, pot, prescription, amount: -amount, because: fact.id });
    }
  }
  return netByPrescription(moves);
}

function netByPrescription(moves: readonly Move[]): Move[] {
  const ids = [...new Set(moves.map(({ prescription }) => prescription))];
  return ids.flatMap((id) => {
    const mine = moves.filter(({ prescription }) => prescription === id);
    const amount = sum(mine.map((move) => move.amount));
    const [first] = mine;
    return first === undefined || amount === 0n ? [] : [{ ...first, amount }];
  });
}

/** The moves of facts that were just added, given the facts before them. */
export function movesAfter(
  history: readonly ReferralFact[],
  added: readonly ReferralFact[],
  start: ReferralMoney,
): Move[] {
  let money = start;
  for (const fact of history) money = postReferral(fact, money).money;
  return added.flatMap((fact) => {
    const posted = postReferral(fact, money);
    money = posted.money;
    return movesOf(fact, posted.entries);
  });
}

/** How the budget records a move. */
export function guardEvent({ anchor: _anchor, amount, ...move }: Move): FundingEvent {
  return amount > 0n
    ? { type: 'FundsReleased', data: { ...move, amount } }
    : { type: 'FundsDrawn', data: { ...move, amount: -amount } };
}

/** Unconditional and told once: the id follows from the fact that caused it. */
export function guardEventId(because: EventId, prescription: PrescriptionId): EventId {
  return deriveId<'event'>('guard', because, prescription);
}
