import { formatPence, type EventCatalogue, type Pence, type Slug } from '#kernel';
import type { Codec, EventLog } from '#event-log';
import { ledger, type FundingFact } from '#funding';
import { reading, type OnProgress, type Runner, type ViewsDatabase } from '#projection';
import type { ReferralFact } from '#referral';
import { Auditor, type Books } from './auditor.js';
import { INVARIANTS, anchorsOf, compareBooks, findBroken } from './books-checks.js';
import { LogIntegrity } from './log-integrity.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was looked at when it holds; what is wrong when it does not. */
  readonly details: readonly string[];
}

export interface Verified {
  readonly log: EventLog;
  readonly codec: Codec<EventCatalogue>;
  readonly views: ViewsDatabase;
  readonly runner: Runner;
}

const PAGE_EVENTS = 1_000;
const DIFFERENCES_MAX = 20;

/**
 * Proves the books from the log, check by check: the log itself, every invariant, every balance
 * against a second model, the budgets' guard against the ledger, and the read models against what
 * the log gives. To be run when the read models have caught up.
 */
export async function* verify(
  { log, codec, views, runner }: Verified,
  onProgress: OnProgress = () => undefined,
): AsyncGenerator<Check> {
  const integrity = new LogIntegrity();
  const auditor = new Auditor();
  const budgets = new Budgets();
  const total = await log.head();
  for await (const page of log.readLog({ after: 0n, max: PAGE_EVENTS })) {
    for (const stored of page) {
      const fact = codec.decode(stored);
      integrity.hear(fact);
      // The catalogue of the whole log is wider: both leave alone what is not theirs.
      const known = fact as unknown as ReferralFact | FundingFact;
      auditor.hear(known, fact.stream);
      budgets.hear(known as FundingFact);
    }
    onProgress({ done: page.at(-1)?.position ?? 0n, total });
  }
  yield checkOf('the log is whole', integrity.findings, `${integrity.events} events`);
  for (const invariant of INVARIANTS) {
    yield checkOf(invariant.name, await findBroken(views, invariant));
  }
  yield checkOf('no reservation was made beyond what was free', budgets.overdrawn);
  yield await againstAuditor(views, auditor);
  yield await guardAgainstLedger(views, budgets);
  for (const stopped of runner.generations.stopped()) {
    yield checkOf(`${stopped.projection} is up to date`, [
      `stopped after position ${stopped.position}: ${stopped.reason}`,
    ]);
  }
  const compared = await runner.compareRebuilt(onProgress);
  for (const { projection, equal } of compared) {
    yield checkOf(
      `${projection}: rebuilt equals live`,
      equal ? [] : ['the read model is not what the log gives: run "wayledger rebuild"'],
    );
  }
}

function checkOf(name: string, findings: readonly string[], seen?: string): Check {
  const ok = findings.length === 0;
  return { name, ok, details: ok ? (seen === undefined ? [] : [seen]) : findings };
}

async function ledgerBooks(views: ViewsDatabase, anchor: Slug): Promise<Books> {
  const rows = await reading(views, ledger, (query, table) =>
    query
      .selectFrom(table('balance'))
      .select(['account', 'balance'])
      .where('anchor', '=', anchor)
      .execute(),
  );
  return new Map(rows.map((row) => [String(row['account']), row['balance'] as Pence]));
}

async function againstAuditor(views: ViewsDatabase, auditor: Auditor): Promise<Check> {
  const findings: string[] = [];
  let accounts = 0;
  for (const anchor of await anchorsOf(views)) {
    const books = await ledgerBooks(views, anchor);
    accounts += books.size;
    for (const { account, ledger: held, auditor: expected } of compareBooks(
      books,
      auditor.books(anchor),
    )) {
      findings.push(`${account} holds ${formatPence(held)}, must hold ${formatPence(expected)}`);
    }
  }
  const name = 'every balance is what a second, independent model gives';
  return checkOf(name, findings.slice(0, DIFFERENCES_MAX), `${accounts} accounts`);
}

/** The budgets as their own streams tell them. */
class Budgets {
  readonly overdrawn: string[] = [];
  private readonly free = new Map<string, Pence>();

  hear(fact: FundingFact): void {
    const anchor = fact.metadata.anchor ?? ('' as Slug);
    if (fact.type === 'BudgetOpened') {
      for (const { pot, amount } of fact.data.pots) {
        this.free.set(potKey(anchor, { ...fact.data, pot }), amount);
      }
      return;
    }
    const change = changeOf(fact);
    if (change === 0n || !('pot' in fact.data)) return;
    const key = potKey(anchor, fact.data);
    const free = (this.free.get(key) ?? 0n) + change;
    if (fact.type === 'FundsReserved' && free < 0n) {
      this.overdrawn.push(`event ${fact.id} took ${key} to ${formatPence(free)}`);
    }
    this.free.set(key, free);
  }

  pots(): ReadonlyMap<string, Pence> {
    return this.free;
  }
}

function changeOf(fact: FundingFact): Pence {
  switch (fact.type) {
    case 'FundsReserved':
    case 'FundsDrawn':
      return -fact.data.amount;
    case 'FundsReleased':
      return fact.data.amount;
    default:
      return 0n;
  }
}

function potKey(
  anchor: Slug,
  { fund, year, pot }: { readonly fund: Slug; readonly year: number; readonly pot: Slug },
): string {
  return `${anchor} ${fund} ${year} ${pot}`;
}

/**
 * What is free by the budget's own stream, and what is available by the ledger: the same, but for
 * what is known to be under way between the two.
 */
async function guardAgainstLedger(views: ViewsDatabase, budgets: Budgets): Promise<Check> {
  const available = await reading(views, ledger, (query, table) =>
    query.selectFrom(table('balance')).select(['anchor', 'parts', 'balance']).execute(),
  );
  const underWay = await reading(views, ledger, (query, table) =>
    query.selectFrom(table('guard')).selectAll().execute(),
  );
  const ledgers = new Map<string, Pence>();
  for (const row of available) {
    const parts = JSON.parse(String(row['parts'])) as {
      head: string;
      fund: Slug;
      year: number;
      pot: Slug;
    };
    if (parts.head !== 'available') continue;
    ledgers.set(potKey(row['anchor'] as Slug, parts), -(row['balance'] as bigint));
  }
  for (const row of underWay) {
    const place = { fund: row['fund'] as Slug, year: Number(row['year']), pot: row['pot'] as Slug };
    const key = potKey(row['anchor'] as Slug, place);
    ledgers.set(key, (ledgers.get(key) ?? 0n) - (row['amount'] as bigint));
  }
  const findings = [...budgets.pots()].flatMap(([key, free]) => {
    const held = ledgers.get(key) ?? 0n;
    if (held === free) return [];
    return [`${key}: ${formatPence(free)} free, ${formatPence(held)} available in the ledger`];
  });
  const waiting = underWay.length === 0 ? '' : `, ${underWay.length} under way`;
  const seen = `${budgets.pots().size} pots${waiting}`;
  return checkOf("the budgets' guard agrees with the ledger", findings, seen);
}
