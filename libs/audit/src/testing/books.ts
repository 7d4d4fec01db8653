import type { Pence, Slug } from '#kernel';
import { ledger } from '#funding';
import { Rows, type Row } from '#projection';
import { Auditor } from '../auditor.js';
import { potKey, type Movement } from '../budgets.js';
import type { Recorded } from './histories.js';

/** One line of the ledger's entries. */
export interface EntryRow {
  readonly event: string;
  readonly rule: string;
  readonly line: bigint;
  readonly anchor: string;
  readonly account: string;
  readonly amount: Pence;
  readonly prescription: string | null;
  readonly agreement_version: bigint | null;
}

/** What the ledger makes of a history, in memory: the rows of each of its tables. */
export function ledgerRows(history: readonly Recorded[]): (table: string) => readonly Row[] {
  const rows = new Rows(ledger.tables, () => undefined);
  for (const fact of history) if (ledger.applies.includes(fact.type)) ledger.reduce(fact, rows);
  const changes = rows.netChanges();
  return (name) => changes.find(({ table }) => table.name === name)?.inserted ?? [];
}

export function entriesOf(history: readonly Recorded[]): EntryRow[] {
  // The table's columns are these.
  return ledgerRows(history)('entry') as unknown as EntryRow[];
}

/** What these entries add up to, account by account. */
export function booksOf(entries: readonly EntryRow[], anchor: Slug): Map<string, Pence> {
  const books = new Map<string, Pence>();
  for (const { anchor: whose, account, amount } of entries) {
    if (whose !== anchor) continue;
    books.set(account, (books.get(account) ?? 0n) + amount);
  }
  return books;
}

export function auditorOf(history: readonly Recorded[]): Auditor {
  const auditor = new Auditor();
  for (const fact of history) auditor.hear(fact, fact.stream);
  return auditor;
}

/** What the entries moved on the pots beside the commitments, by hand. */
export function movementsOf(entries: readonly EntryRow[]): Movement[] {
  const moves = new Map<string, Movement>();
  for (const { event, rule, account, amount, prescription } of entries) {
    const [, anchor, fund, year, head, pot] = account.split(':');
    if (head !== 'available' || prescription === null || rule === 'prescribed') continue;
    const place = { fund: fund as Slug, year: Number(year), pot: pot as Slug };
    const before = moves.get(`${event} ${prescription}`)?.amount ?? 0n;
    moves.set(`${event} ${prescription}`, {
      pot: potKey(anchor as Slug, place),
      ...{ because: event, prescription, amount: before - amount },
    });
  }
  return [...moves.values()].filter((move) => move.amount !== 0n);
}

export const setOfPath = (account: string) =>
  account.startsWith('budget:') ? 'budgetary' : 'financial';
