import type { RecordedFact } from '#event-log';
import type { EventId, Pence, Slug, StreamName } from '#kernel';
import type { Rows, Table } from '#projection';
import type { ReferralEvent } from '#referral';
import type { FundingEvent } from '../domain/events.js';
import { reservationsOf, type Effects, type Move } from '../domain/guard.js';

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
    /** The correction that a reservation waits for, where it is not for a prescription's own. */
    correction: 'text?',
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

/** `effects`: what a referral's fact moved and drew in the ledger. */
export function reduceGuard(fact: LedgerFact, effects: Effects, rows: Rows): void {
  for (const move of effects.moves) change(fact, 'move', moveItem(move), move, move.amount, rows);
  for (const { draw, because } of reservationsOf(
    fact as RecordedFact<ReferralEvent>,
    effects.draws,
  )) {
    const item = reservationItem(because);
    change(fact, 'reservation', item, { ...draw, because }, -draw.amount, rows);
  }
  const anchor = fact.metadata.anchor as Slug; // Facts of money always name whose books they are.
  switch (fact.type) {
    case 'FundsReserved': {
      const place = { ...fact.data, anchor, because: fact.id };
      change(fact, 'reservation', reservationItem(fact.id), place, fact.data.amount, rows);
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

type Place = Omit<Move, 'amount'> & { readonly referral?: string; readonly correction?: string };

function change(
  fact: LedgerFact,
  kind: 'reservation' | 'move',
  item: string,
  { anchor, fund, year, pot, prescription, because, referral, correction }: Place,
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
    correction: correction ?? null,
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
