import { formatPence, type EventCatalogue, type Pence, type Slug, type StreamName } from '#kernel';
import { LOG_START, LogDamaged, type Codec, type EventLog } from '#event-log';
import { ledger, type FundingFact } from '#funding';
import { reading, type OnProgress, type Runner, type ViewsDatabase } from '#projection';
import type { ReferralFact } from '#referral';
import { Auditor, type Books } from './auditor.js';
import { Budgets } from './budgets.js';
import { INVARIANTS, anchorsOf, compareBooks, findBroken } from './books-checks.js';
import { guardAgainstLedger } from './guard-check.js';
import { LogIntegrity } from './log-integrity.js';
import { SignedMonths } from './model/signed-months.js';
import { signedAgainstLedger } from './signed-check.js';

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
/** Of streams at once. */
const READERS = 16;

/**
 * Proves the books from the log, check by check: the log itself, every invariant, every balance
 * against a second model, the budgets' guard against the ledger, and the read models against what
 * the log gives. To be run when the read models have caught up.
 */
export async function* verify(
  { log, codec, views, runner }: Verified,
  onProgress: OnProgress = () => undefined,
): AsyncGenerator<Check> {
  // Others may be writing: the books and the log are looked at as they were at one position.
  yield* await views.snapshot(() => checkBooks({ log, codec, views, runner }, onProgress));
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

async function checkBooks(
  { log, codec, views, runner }: Verified,
  onProgress: OnProgress,
): Promise<Check[]> {
  const total = runner.generations.reached(ledger.name);
  const integrity = new LogIntegrity();
  const months = new SignedMonths();
  const auditor = new Auditor((move) => {
    months.move(move);
  });
  const budgets = new Budgets();
  for await (const page of log.readLog({ after: LOG_START, max: PAGE_EVENTS })) {
    const upTo = page.filter(({ position }) => position <= total);
    for (const stored of upTo) {
      const fact = codec.decode(stored);
      integrity.hear(fact);
      // The catalogue of the whole log is wider: both leave alone what is not theirs.
      const known = fact as unknown as ReferralFact | FundingFact;
      auditor.hear(known, fact.stream);
      budgets.hear(known, fact.stream);
      if (known.type === 'PeriodClosed') months.hear(known);
    }
    onProgress({ done: upTo.at(-1)?.position ?? total, total, events: integrity.events });
    if (upTo.length < page.length) break;
  }
  const checks = [checkOf('the log is whole', integrity.findings, `${integrity.events} events`)];
  checks.push(await streamsWhole(log, integrity.streamNames()));
  for (const invariant of INVARIANTS) {
    checks.push(checkOf(invariant.name, await findBroken(views, invariant)));
  }
  checks.push(checkOf('no reservation was made beyond what was free', budgets.overdrawn));
  checks.push(await againstAuditor(views, auditor));
  checks.push(await againstBudgets(views, budgets));
  checks.push(...(await againstSigned(views, months)));
  return checks;
}

/** What a stream hides, a store may still show in the log as a whole: decisions would miss it. */
async function streamsWhole(log: EventLog, streams: readonly StreamName[]): Promise<Check> {
  const findings: string[] = [];
  const left = [...streams];
  const read = async (): Promise<void> => {
    for (let stream = left.pop(); stream !== undefined; stream = left.pop()) {
      try {
        let version = -1;
        for await (const first of log.readStream(stream, { max: 1 })) ({ version } = first);
        if (version !== 0) findings.push(`${stream} has lost its first event`);
      } catch (error) {
        if (!(error instanceof LogDamaged)) throw error;
        findings.push(error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  const name = 'every stream is there from its first event';
  return checkOf(name, findings.slice(0, DIFFERENCES_MAX), `${streams.length} streams`);
}

function checkOf(name: string, findings: readonly string[], seen?: string): Check {
  const ok = findings.length === 0;
  return { name, ok, details: ok ? (seen === undefined ? [] : [seen]) : findings };
}

async function againstBudgets(views: ViewsDatabase, budgets: Budgets): Promise<Check> {
  const { findings, pots, underWay } = await guardAgainstLedger(views, budgets);
  const waiting = underWay === 0 ? '' : `, ${underWay} under way`;
  const name = "the budgets' guard agrees with the ledger";
  return checkOf(name, findings.slice(0, DIFFERENCES_MAX), `${pots} pots${waiting}`);
}

async function againstSigned(views: ViewsDatabase, months: SignedMonths): Promise<Check[]> {
  const { signed, findings } = months;
  const seen = `${signed.length} months signed`;
  const changed = await signedAgainstLedger(views, signed);
  return [
    checkOf('every signed month still gives its signature', changed, seen),
    checkOf(
      'every signed month is what a second, independent model gives',
      findings.slice(0, DIFFERENCES_MAX),
      seen,
    ),
  ];
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
  // An anchor that the ledger has no books of must have none.
  for (const anchor of new Set([...(await anchorsOf(views)), ...auditor.anchors()])) {
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
