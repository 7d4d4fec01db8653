import type { EventCatalogue, StreamName } from '#kernel';
import { LOG_START, LogDamaged, type Codec, type EventLog } from '#event-log';
import { ledger, type FundingFact } from '#funding';
import { Generations, type OnProgress, type Runner, type ViewsDatabase } from '#projection';
import type { ReferralFact } from '#referral';
import { INVARIANTS, findBroken } from './books-checks.js';
import { MODELLED_LINES_MAX, groupsOf } from './groups.js';
import { LogIntegrity } from './log-integrity.js';
import { Modelled, type Found } from './modelled.js';

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
 * the log gives. To be run when the read models have caught up. The log is read once for each group
 * of anchors, so that what is modelled at once stays within bounds, whatever its length.
 */
export async function* verify(
  { log, codec, views, runner }: Verified,
  onProgress: OnProgress = () => undefined,
  linesMax: number = MODELLED_LINES_MAX,
): AsyncGenerator<Check> {
  // Others may be writing: the books and the log are looked at as they were at one position.
  yield* await views.snapshot((then) =>
    checkBooks({ log, codec, views: then }, onProgress, linesMax),
  );
  for (const stopped of await runner.generations.stopped()) {
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
  { log, codec, views }: Omit<Verified, 'runner'>,
  onProgress: OnProgress,
  linesMax: number,
): Promise<Check[]> {
  const total = await new Generations(views).reached(ledger.name);
  const integrity = new LogIntegrity();
  const groups = await groupsOf(views, linesMax);
  const found: Found[] = [];
  let events = 0;
  for (const [before, group] of groups.entries()) {
    const modelled = new Modelled(group);
    for await (const page of log.readLog({ after: LOG_START, max: PAGE_EVENTS })) {
      const upTo = page.filter(({ position }) => position <= total);
      for (const stored of upTo) {
        const fact = codec.decode(stored);
        if (before === 0) integrity.hear(fact);
        // The catalogue of the whole log is wider: the models leave alone what is not theirs.
        modelled.hear(fact as unknown as ReferralFact | FundingFact, fact.stream);
      }
      events += upTo.length;
      const done = BigInt(before) * total + (upTo.at(-1)?.position ?? total);
      onProgress({ done, total: total * BigInt(groups.length), events });
      if (upTo.length < page.length) break;
    }
    found.push(await modelled.against(views));
  }
  const checks = [checkOf('the log is whole', integrity.findings, `${integrity.events} events`)];
  checks.push(await streamsWhole(log, integrity.streamNames()));
  for (const invariant of INVARIANTS) {
    checks.push(checkOf(invariant.name, await findBroken(views, invariant)));
  }
  return [...checks, ...checksOf(found)];
}

/** What was found group by group, as checks of the whole. */
function checksOf(found: readonly Found[]): Check[] {
  const all = (of: (each: Found) => readonly string[]) => found.flatMap(of);
  const first = (of: (each: Found) => readonly string[]) => all(of).slice(0, DIFFERENCES_MAX);
  const count = (of: (each: Found) => number) => found.reduce((sum, each) => sum + of(each), 0);
  const underWay = count(({ guard }) => guard.underWay);
  const waiting = underWay === 0 ? '' : `, ${underWay} under way`;
  const signed = `${count(({ monthsSigned }) => monthsSigned)} months signed`;
  return [
    checkOf(
      'no reservation was made beyond what was free',
      all(({ overdrawn }) => overdrawn),
    ),
    checkOf(
      'every balance is what a second, independent model gives',
      first(({ balances }) => balances),
      `${count(({ accounts }) => accounts)} accounts`,
    ),
    checkOf(
      "the budgets' guard agrees with the ledger",
      first(({ guard }) => guard.findings),
      `${count(({ guard }) => guard.pots)} pots${waiting}`,
    ),
    checkOf(
      'every signed month still gives its signature',
      all(({ changed }) => changed),
      signed,
    ),
    checkOf(
      'every signed month is what a second, independent model gives',
      first(({ missigned }) => missigned),
      signed,
    ),
  ];
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
