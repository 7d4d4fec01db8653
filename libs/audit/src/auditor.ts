import type { Pence, Slug } from '#kernel';
import type { FundingFact } from '#funding';
import type { ReferralFact, ReferralFactOf } from '#referral';

/** Debits positive, by account path. */
export type Books = ReadonlyMap<string, Pence>;

type PrescribedFact = ReferralFactOf<'Prescribed'>;
type Session = ReferralFactOf<'Attended' | 'Missed'>;

interface Case {
  readonly prescribed: PrescribedFact;
  readonly sessions: Session[];
  /** How many of the sessions were known before the end. */
  knownAtEnd: number;
  end: 'none' | 'completed' | 'released';
}

/**
 * A second, naive model of the books. It posts nothing: it collects what happened to each
 * prescription, then works out by plain sums what every balance must be, and what is available as
 * what is left. It shares no code with the ledger, so that the two can be held against each other.
 */
export class Auditor {
  private readonly funds: Extract<FundingFact, { type: 'FundReceived' }>[] = [];
  private readonly budgets: Extract<FundingFact, { type: 'BudgetOpened' }>[] = [];
  private readonly cases = new Map<string, Case>();
  private readonly ofReferral = new Map<string, Case[]>();

  /** In log order; `referral` tells one stream from another. */
  hear(fact: ReferralFact | FundingFact, referral: string): void {
    const caseOf = (prescription: string) => this.cases.get(`${referral} ${prescription}`);
    switch (fact.type) {
      case 'FundReceived':
        this.funds.push(fact);
        return;
      case 'BudgetOpened':
        this.budgets.push(fact);
        return;
      case 'Prescribed': {
        if (fact.data.priced === undefined) return;
        const fresh: Case = { prescribed: fact, sessions: [], knownAtEnd: 0, end: 'none' };
        this.cases.set(`${referral} ${fact.data.prescription}`, fresh);
        this.ofReferral.set(referral, [...(this.ofReferral.get(referral) ?? []), fresh]);
        return;
      }
      case 'Attended':
      case 'Missed':
        caseOf(fact.data.prescription)?.sessions.push(fact);
        return;
      case 'PrescriptionCompleted':
        end(caseOf(fact.data.prescription), 'completed');
        return;
      case 'PrescriptionCancelled':
        end(caseOf(fact.data.prescription), 'released');
        return;
      case 'DroppedOut':
        if (fact.data.scope === 'prescription') {
          end(caseOf(fact.data.prescription), 'released');
        } else for (const each of this.ofReferral.get(referral) ?? []) end(each, 'released');
        return;
      default:
        return;
    }
  }

  anchors(): ReadonlySet<Slug> {
    const facts = [...this.funds, ...this.budgets, ...[...this.cases.values()].map(prescribedOf)];
    return new Set(facts.flatMap(({ metadata }) => metadata.anchor ?? []));
  }

  /** What every account of an anchor must hold; accounts that must be zero may be absent. */
  books(anchor: Slug): Books {
    const books = new Map<string, Pence>();
    const add = (account: string, amount: Pence) => {
      books.set(account, (books.get(account) ?? 0n) + amount);
    };
    for (const { data, metadata } of this.funds) {
      if (metadata.anchor !== anchor) continue;
      add(`assets:${anchor}:${data.fund}:bank`, data.amount);
      add(receivedAs(anchor, data), -data.amount);
    }
    for (const { data, metadata } of this.budgets) {
      if (metadata.anchor !== anchor) continue;
      for (const { pot, amount } of data.pots) {
        add(`budget:${anchor}:${data.fund}:${data.year}:authority`, amount);
        add(`budget:${anchor}:${data.fund}:${data.year}:available:${pot}`, -amount);
      }
    }
    for (const each of this.cases.values()) {
      if (each.prescribed.metadata.anchor === anchor) addCase(each, anchor, add);
    }
    return books;
  }
}

const prescribedOf = ({ prescribed }: Case) => prescribed;

function end(found: Case | undefined, how: 'completed' | 'released'): void {
  if (found === undefined || found.end !== 'none') return;
  found.end = how;
  found.knownAtEnd = found.sessions.length;
}

function receivedAs(
  anchor: Slug,
  { fund, funder, recognition }: Extract<FundingFact, { type: 'FundReceived' }>['data'],
): string {
  if (recognition === 'restricted') return `income:${anchor}:${fund}:restricted`;
  const kind = recognition === 'agent' ? 'heldasagent' : 'deferred';
  return `liabilities:${anchor}:${fund}:${kind}:${funder}`;
}

type Add = (account: string, amount: Pence) => void;

function addCase(each: Case, anchor: Slug, add: Add): void {
  const { priced, provider, prescription } = each.prescribed.data;
  if (priced === undefined) return;
  const { fund, year, pot, recognition, funder } = priced.budget;
  const budget = `budget:${anchor}:${fund}:${year}`;
  const { committed, delivery, noshow } = reckon(each);
  let stillCommitted = 0n;
  for (const [component, amount] of committed) {
    stillCommitted += amount;
    add(`${budget}:committed:${prescription}:${provider}:${component}`, -amount);
  }
  const spent = delivery + noshow;
  add(`${budget}:available:${pot}`, stillCommitted + spent);
  add(`${budget}:consumed:delivery`, -delivery);
  add(`${budget}:consumed:noshow`, -noshow);
  add(`expenses:${anchor}:${fund}:${year}:delivery`, delivery);
  add(`expenses:${anchor}:${fund}:${year}:noshow`, noshow);
  const owed =
    provider === anchor
      ? `expenses:${anchor}:${fund}:${year}:ownservice`
      : `liabilities:${anchor}:${fund}:accrued:${provider}`;
  add(owed, -spent);
  if (recognition === 'performance-related') {
    add(`liabilities:${anchor}:${fund}:deferred:${funder}`, spent);
    add(`income:${anchor}:${fund}:restricted`, -spent);
  }
}

interface Reckoned {
  readonly committed: ReadonlyMap<string, Pence>;
  readonly delivery: Pence;
  readonly noshow: Pence;
}

function reckon({ prescribed, sessions, knownAtEnd, end: how }: Case): Reckoned {
  const { priced, plannedSessions = 0 } = prescribed.data;
  const committed = new Map<string, Pence>();
  let delivery = 0n;
  const attended = sessions.filter(({ type }) => type === 'Attended');
  const missed = sessions.filter(
    (s) => s.type === 'Missed' && s.data.class !== 'provider-logistics',
  );
  for (const part of priced?.terms.components ?? []) {
    const left = (amount: Pence) => committed.set(part.component, amount);
    switch (part.trigger) {
      case 'prescribed':
        delivery += part.amount;
        left(0n);
        break;
      case 'session-attended': {
        const prices = priceList(part.amount, part.per, plannedSessions);
        const priceOf = (session: Session) => prices[session.data.number - 1] ?? 0n;
        const whole = prices.reduce((total, price) => total + price, 0n);
        const known = how === 'none' ? sessions : sessions.slice(0, knownAtEnd);
        const used = known
          .filter((session) => attended.includes(session) || missed.includes(session))
          .reduce((total, session) => total + priceOf(session), 0n);
        delivery += attended.reduce((total, session) => total + priceOf(session), 0n);
        left(how === 'none' ? whole - used : 0n);
        break;
      }
      case 'nth-attendance': {
        const reached = attended.length >= part.nth;
        if (reached) delivery += part.amount;
        left(how === 'none' && !reached ? part.amount : 0n);
        break;
      }
      case 'completed':
        if (how === 'completed') delivery += part.amount;
        left(how === 'none' ? part.amount : 0n);
        break;
      case 'outcome-met':
        left(how === 'released' ? 0n : part.amount);
        break;
      case 'session-missed':
        break;
    }
  }
  return { committed, delivery, noshow: feesOf(priced, missed, plannedSessions) };
}

function feesOf(
  priced: PrescribedFact['data']['priced'],
  missed: readonly Session[],
  planned: number,
): Pence {
  let fees = 0n;
  let paid = 0;
  const hasPrice = priced?.terms.components.some((part) => part.trigger === 'session-attended');
  for (const part of priced?.terms.components ?? []) {
    if (part.trigger !== 'session-missed' || hasPrice !== true) continue;
    for (const { type, data } of missed) {
      if (type !== 'Missed' || data.number > planned || paid >= part.limit) continue;
      if (!(part.classes as readonly string[]).includes(data.class)) continue;
      fees += part.amount;
      paid += 1;
    }
  }
  return fees;
}

/** Penny by penny: everybody gets the whole share, the first ones the pennies that are left. */
function priceList(amount: Pence, per: 'session' | 'course', planned: number): Pence[] {
  const prices = new Array<Pence>(planned).fill(per === 'session' ? amount : 0n);
  if (per === 'session' || planned === 0) return prices;
  const share = amount / BigInt(planned);
  let left = amount - share * BigInt(planned);
  return prices.map(() => {
    const extra = left > 0n ? 1n : 0n;
    left -= extra;
    return share + extra;
  });
}
