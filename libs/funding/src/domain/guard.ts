import {
  deriveId,
  type EventId,
  type Pence,
  type PrescriptionId,
  type Slug,
  type StreamName,
} from '#kernel';
import type { ReferralFact } from '#referral';
import { pathOf } from './accounts.js';
import type { FundingEvent } from './events.js';
import { postReferral, type Posted } from './post-referral.js';
import type { Entry } from './postings.js';
import { noMoney, withFact } from './prescription-money.js';
import { budgetStream, reservationId } from './streams.js';

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

/** What was reserved before a fact was written, for one prescription. */
export type Draw = Omit<Move, 'because'>;

export interface Effects {
  readonly moves: readonly Move[];
  /** In the order in which they are reserved on their budget. */
  readonly draws: readonly Draw[];
}

/**
 * What a referral's fact does to the free money of the budgets: the draws that had to be reserved
 * before it could be written (a prescription's own, and what a correction needs to make an ended
 * one live again), and the moves that the budgets are told of after it.
 */
export function effectsOf(fact: ReferralFact, { entries, revived }: Posted): Effects {
  if (fact.type === 'PrescriptionAbandoned') {
    const { reservation, prescription } = fact.data;
    const anchor = fact.metadata.anchor as Slug; // A referral's facts all name its anchor.
    return { moves: [{ ...reservation, anchor, prescription, because: fact.id }], draws: [] };
  }
  const guarded = fact.type === 'Prescribed' ? [fact.data.prescription] : revived;
  const nets = netByPot(entries, fact.type === 'Prescribed' ? fact.data.prescription : undefined);
  const moves: Move[] = [];
  const draws: Draw[] = [];
  for (const net of nets) {
    if (net.amount === 0n) continue;
    if (net.amount < 0n && guarded.includes(net.prescription)) {
      draws.push({ ...net, amount: -net.amount });
    } else moves.push({ ...net, because: fact.id });
  }
  return { moves, draws };
}

/**
 * By pot and prescription. A prescription that takes the place of another is one with it: what the
 * other gives back to the same pot need not be reserved again.
 */
function netByPot(entries: readonly Entry[], continuing?: PrescriptionId): Draw[] {
  const nets = new Map<string, Draw>();
  const paths = new Set(
    linesOf(entries.filter(({ prescription }) => prescription === continuing)).map(
      ({ path }) => path,
    ),
  );
  for (const { prescription, path, account, amount } of linesOf(entries)) {
    const of = continuing !== undefined && paths.has(path) ? continuing : prescription;
    const { anchor, fund, year, pot } = account;
    const before = nets.get(`${path} ${of}`)?.amount ?? 0n;
    const amountNow = before - amount;
    nets.set(`${path} ${of}`, { anchor, fund, year, pot, prescription: of, amount: amountNow });
  }
  return [...nets.values()];
}

function linesOf(entries: readonly Entry[]) {
  return entries.flatMap(({ lines, prescription }) =>
    lines.flatMap(({ account, amount }) =>
      account.head === 'available' && prescription !== undefined
        ? [{ prescription, path: pathOf(account), account, amount }]
        : [],
    ),
  );
}

/** The effects of facts that were just added, or would be, given the facts before them. */
export function effectsAfter(
  history: readonly ReferralFact[],
  added: readonly ReferralFact[],
): { readonly fact: ReferralFact; readonly effects: Effects }[] {
  let money = noMoney;
  for (const fact of history) money = withFact(money, fact);
  return added.map((fact) => {
    const posted = postReferral(fact, money);
    money = posted.money;
    return { fact, effects: effectsOf(fact, posted) };
  });
}

/** The reservations that a fact's draws were made by: each under an id that follows from both. */
export function reservationsOf(
  { metadata }: ReferralFact,
  draws: readonly Draw[],
): readonly { readonly draw: Draw; readonly stream: StreamName; readonly because: EventId }[] {
  const counts = new Map<StreamName, number>();
  return draws.map((draw) => {
    const stream = budgetStream(draw.anchor, draw.fund, draw.year);
    const index = counts.get(stream) ?? 0;
    counts.set(stream, index + 1);
    return { draw, stream, because: reservationId(metadata.commandId, stream, index) };
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
