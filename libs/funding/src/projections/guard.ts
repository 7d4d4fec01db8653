import type { RecordedFact } from '#event-log';
import type { EventId, Pence, Slug, StreamName } from '#kernel';
import type { Rows, Table } from '#projection';
import type { ReferralEvent } from '#referral';
import type { FundingEvent } from '../domain/events.js';
import type { Move } from '../domain/guard.js';
import { budgetStream, reservationId } from '../domain/streams.js';

type LedgerFact = RecordedFact<ReferralEvent> | RecordedFact<FundingEvent>;

/**
 * Where the budgets and the ledger do not agree yet. A `reservation`: money that one command
 * reserved and that was not prescribed (yet). A `move`: free money that a referral's fact moved and
 * the budget was not told of (yet). Whatever has balanced out is gone, so in peace it is empty.
 */
export const GUARD_TABLE: Table = {
  name: 'guard',
  columns: {
    item: 'text',
    kind: 'text',
    anchor: 'text',
    fund: 'text',
    year: 'integer',
    pot: 'text',
    prescription: 'text',
    /** The referral's id; unknown where only the budget spoke. */
    referral: 'text?',
    /** The fact that began it. */
    because: 'text',
    occurred: 'text',
    recorded_at: 'text',
    correlation: 'text',
    /** What the ledger says beyond what the budget was told. */
    amount: 'integer',
  },
  key: ['item'],
};

const reservationItem = (reserved: EventId) => `reservation ${reserved}`;
const moveItem = ({ because, prescription }: Pick<Move, 'because' | 'prescription'>) =>
  `move ${because} ${prescription}`;

/** `moves`: what a referral's fact moved in the ledger. */
export function reduceGuard(fact: LedgerFact, moves: readonly Move[], rows: Rows): void {
  for (const move of moves) change(fact, 'move', moveItem(move), move, move.amount, rows);
  const anchor = fact.metadata.anchor as Slug; // Facts of money always name whose books they are.
  switch (fact.type) {
    case 'FundsReserved': {
      const place = { ...fact.data, anchor, because: fact.id };
      change(fact, 'reservation', reservationItem(fact.id), place, fact.data.amount, rows);
      return;
    }
    case 'Prescribed': {
      const { priced, prescription } = fact.data;
      if (priced === undefined) return;
      const { budget, commitment } = priced;
      const stream = budgetStream(anchor, budget.fund, budget.year);
      const because = reservationId(fact.metadata.commandId, stream);
      const place = { ...budget, anchor, prescription, because };
      change(fact, 'reservation', reservationItem(because), place, -commitment.amount, rows);
      return;
    }
    case 'PrescriptionAbandoned': {
      const { reservation, prescription, because } = fact.data;
      const place = { ...reservation, anchor, prescription, because };
      change(fact, 'reservation', reservationItem(because), place, -reservation.amount, rows);
      return;
    }
    case 'FundsReleased':
      released(fact, { ...fact.data, anchor }, rows);
      return;
    case 'FundsDrawn':
      change(fact, 'move', moveItem(fact.data), { ...fact.data, anchor }, fact.data.amount, rows);
      return;
    default:
      return;
  }
}

/** Either what a fact moved, or a reservation whose prescription another command had settled. */
function released(fact: LedgerFact, move: Move, rows: Rows): void {
  const reserved = reservationItem(move.because);
  if (rows.get('guard', reserved) === undefined) {
    change(fact, 'move', moveItem(move), move, -move.amount, rows);
  } else change(fact, 'reservation', reserved, move, -move.amount, rows);
}

type Place = Omit<Move, 'amount'> & { readonly referral?: string };

function change(
  fact: LedgerFact,
  kind: 'reservation' | 'move',
  item: string,
  { anchor, fund, year, pot, prescription, because, referral }: Place,
  by: Pence,
  rows: Rows,
): void {
  const before = rows.get('guard', item);
  const amount = ((before?.['amount'] ?? 0n) as bigint) + by;
  if (amount === 0n) {
    if (before !== undefined) rows.remove('guard', item);
    return;
  }
  const { occurredOn, recordedAt, correlationId } = fact.metadata;
  rows.put('guard', {
    ...{ item, kind, anchor, fund, year: BigInt(year), pot, prescription, because, amount },
    referral: referral ?? referralOf(fact.stream),
    occurred: occurredOn,
    recorded_at: recordedAt,
    correlation: correlationId,
    ...before,
    ...{ amount },
  });
}

function referralOf(stream: StreamName): string | null {
  return stream.startsWith('referral-') ? stream.slice('referral-'.length) : null;
}
