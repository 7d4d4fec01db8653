import type { CivilDate, Pence, Slug } from '#kernel';
import { ledger } from '#funding';
import type { Row } from '#projection';
import { reduced } from '#projection/testing';
import { Auditor, type DatedMove } from '../auditor.js';
import { signatureOf } from '../model/signed-months.js';
import { potKey, type Movement } from '../budgets.js';
import type { Recorded } from './log.js';

/** One line of the ledger's entries. */
export interface EntryRow {
  readonly event: string;
  readonly rule: string;
  readonly line: bigint;
  readonly anchor: string;
  readonly account: string;
  readonly amount: Pence;
  readonly occurred: CivilDate;
  readonly posted: CivilDate;
  readonly prescription: string | null;
  readonly agreement_version: bigint | null;
}

/** What the ledger makes of a history, in memory: the rows of each of its tables. */
export function ledgerRows(history: readonly Recorded[]): (table: string) => readonly Row[] {
  return reduced(ledger, history);
}

export function entriesOf(history: readonly Recorded[]): EntryRow[] {
  // The table's columns are these.
  return ledgerRows(history)('entry') as unknown as EntryRow[];
}

/** Up to and with a day: by when it happened, or by when the books carry it. */
export interface Cut {
  readonly occurredBy?: CivilDate;
  readonly postedBy?: CivilDate;
}

type Dated = Pick<EntryRow, 'anchor' | 'account' | 'amount' | 'occurred' | 'posted'>;

/** What these add up to, account by account. */
export function booksOf(entries: readonly Dated[], anchor: Slug, cut: Cut = {}) {
  const { occurredBy, postedBy } = cut;
  const books = new Map<string, Pence>();
  for (const { anchor: whose, account, amount, occurred, posted } of entries) {
    if (whose !== anchor) continue;
    if (occurredBy !== undefined && occurred > occurredBy) continue;
    if (postedBy !== undefined && posted > postedBy) continue;
    books.set(account, (books.get(account) ?? 0n) + amount);
  }
  return books;
}

export interface Heard {
  readonly auditor: Auditor;
  readonly moves: readonly DatedMove[];
}

export function auditorOf(history: readonly Recorded[]): Heard {
  const moves: DatedMove[] = [];
  const auditor = new Auditor((move) => moves.push(move));
  for (const fact of history) auditor.hear(fact, fact.stream);
  return { auditor, moves };
}

/** What the entries moved on the pots, by hand. */
export function movementsOf(entries: readonly EntryRow[]): Movement[] {
  const moves = new Map<string, Movement>();
  for (const { event, account, amount, prescription } of entries) {
    const [, anchor, fund, year, head, pot] = account.split(':');
    if (head !== 'available' || prescription === null) continue;
    const place = { fund: fund as Slug, year: Number(year), pot: pot as Slug };
    const key = `${event} ${prescription}`;
    moves.set(key, {
      pot: potKey(anchor as Slug, place),
      ...{ because: event, prescription },
      amount: (moves.get(key)?.amount ?? 0n) - amount,
    });
  }
  return [...moves.values()].filter((move) => move.amount !== 0n);
}

/** The same history with each month's close as the ledger would have it signed. */
export function signed(history: readonly Recorded[]): readonly Recorded[] {
  const entries = entriesOf(history);
  return history.map((fact) => {
    const { anchor } = fact.metadata;
    if (fact.type !== 'PeriodClosed' || anchor === undefined) return fact;
    const { month } = fact.data;
    const balances = booksOf(entries, anchor, { postedBy: `${month}-31` as CivilDate });
    return { ...fact, data: { ...fact.data, ...signatureOf(anchor, month, balances) } };
  });
}

export const setOfPath = (account: string) =>
  account.startsWith('budget:') ? 'budgetary' : 'financial';
