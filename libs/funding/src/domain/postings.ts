import { assert, sum, type Pence, type PrescriptionId, type Slug } from '#kernel';
import { componentOf, sessionPrice, type ReferralFact, type ReferralFactOf } from '#referral';
import type { Account, Category, Line } from './accounts.js';
import type { FundingFact } from './events.js';
import { newMoney, type PrescriptionMoney, type ReferralMoney } from './prescription-money.js';

/** Why an entry was made: with the event's id and the line's number, an entry's key. */
export const RULES = [
  'fund-received',
  'budget-allocated',
  'prescribed',
  'trigger-prescribed',
  'attended',
  'attended-late',
  'nth-attendance',
  'missed',
  'missed-late',
  'completed',
  'trigger-completed',
  'dropped-out',
  'cancelled',
] as const;
export type Rule = (typeof RULES)[number];

/** What one rule makes of one event: each set of its lines sums to zero. */
export interface Entry {
  readonly rule: Rule;
  readonly lines: readonly Line[];
  readonly prescription?: PrescriptionId;
  readonly agreement?: { readonly agreement: Slug; readonly version: number };
}

/** Facts that are not of a referral. The budget's reservations guard; they do not post. */
export function postFunding(fact: FundingFact): Entry[] {
  if (fact.type === 'FundReceived') return [fundReceived(fact)];
  if (fact.type === 'BudgetOpened') return [budgetAllocated(fact)];
  return [];
}

function fundReceived(fact: Extract<FundingFact, { type: 'FundReceived' }>): Entry {
  const { fund, funder, amount, recognition } = fact.data;
  const owner = { anchor: fact.metadata.anchor as Slug, fund };
  const credit: Record<typeof recognition, Account> = {
    restricted: { ...owner, head: 'income' },
    'performance-related': { ...owner, head: 'deferred', funder },
    agent: { ...owner, head: 'held-as-agent', funder },
  };
  const debit: Account = { ...owner, head: 'bank' };
  return { rule: 'fund-received', lines: transfer(debit, credit[recognition], amount) };
}

function budgetAllocated(fact: Extract<FundingFact, { type: 'BudgetOpened' }>): Entry {
  const { fund, year, pots } = fact.data;
  const owner = { anchor: fact.metadata.anchor as Slug, fund, year };
  const authority = sum(pots.map(({ amount }) => amount));
  return {
    rule: 'budget-allocated',
    lines: [
      { account: { ...owner, head: 'authority' }, amount: authority },
      ...pots.map(({ pot, amount }): Line => {
        return { account: { ...owner, head: 'available', pot }, amount: -amount };
      }),
    ],
  };
}

export interface Posted {
  readonly entries: readonly Entry[];
  readonly money: ReferralMoney;
}

/** What a referral's fact posts, given the money of the referral so far, and that money after. */
export function postReferral(fact: ReferralFact, money: ReferralMoney): Posted {
  switch (fact.type) {
    case 'Prescribed':
      return prescribed(fact, money);
    case 'Attended':
      return onOne(money, fact.data.prescription, (p) => attended(p, fact));
    case 'Missed':
      return onOne(money, fact.data.prescription, (p) => missed(p, fact));
    case 'PrescriptionCompleted':
      return onOne(money, fact.data.prescription, completed);
    case 'PrescriptionCancelled':
      return onOne(money, fact.data.prescription, (p) => releaseAll(p, 'cancelled'));
    case 'DroppedOut':
      return fact.data.scope === 'prescription'
        ? onOne(money, fact.data.prescription, (p) => releaseAll(p, 'dropped-out'))
        : onAll(money, (p) => releaseAll(p, 'dropped-out'));
    default:
      return { entries: [], money };
  }
}

interface Step {
  readonly entries: readonly Entry[];
  readonly after: PrescriptionMoney;
}

function onOne(
  money: ReferralMoney,
  id: PrescriptionId,
  step: (prescription: PrescriptionMoney) => Step,
): Posted {
  const before = money[id];
  // Free services have no money, and post nothing.
  if (before === undefined) return { entries: [], money };
  const { entries, after } = step(before);
  return { entries, money: { ...money, [id]: after } };
}

function onAll(money: ReferralMoney, step: (prescription: PrescriptionMoney) => Step): Posted {
  let posted: Posted = { entries: [], money };
  for (const { prescription, ended } of Object.values(money)) {
    if (ended) continue;
    const next = onOne(posted.money, prescription, step);
    posted = { entries: [...posted.entries, ...next.entries], money: next.money };
  }
  return posted;
}

function prescribed(fact: ReferralFactOf<'Prescribed'>, money: ReferralMoney): Posted {
  const fresh = newMoney(fact);
  if (fresh === null) return { entries: [], money };
  const { components, amount } = fresh.priced.commitment;
  const commit = entry(fresh, 'prescribed', [
    { account: available(fresh), amount },
    ...components.map(({ component, amount: part }): Line => {
      return { account: committed(fresh, component), amount: -part };
    }),
  ]);
  let step: Step = { entries: [commit], after: fresh };
  for (const component of fresh.priced.terms.components) {
    if (component.trigger !== 'prescribed') continue;
    step = then(step, (p) => earnComponent(p, component, 'trigger-prescribed'));
  }
  return { entries: step.entries, money: { ...money, [fresh.prescription]: step.after } };
}

function attended(before: PrescriptionMoney, { data }: ReferralFactOf<'Attended'>): Step {
  const { terms } = before.priced;
  const p = { ...before, attended: before.attended + 1 };
  const rule = before.ended ? 'attended-late' : 'attended';
  const price = sessionPrice(terms, before.planned, data.number);
  const session = componentOf(terms, 'session-attended');
  let step: Step = { entries: [], after: p };
  if (session !== undefined && price > 0n) {
    step = then(step, (now) => earn(now, session.component, price, 'delivery', rule));
  }
  for (const component of terms.components) {
    if (component.trigger !== 'nth-attendance' || component.nth !== p.attended) continue;
    step = then(step, (now) => earnComponent(now, component, 'nth-attendance'));
  }
  return step;
}

/**
 * The person did not come: the session's whole price leaves the commitment, the fee (while the
 * terms still pay one) to the provider, the rest to the pot. Not held for the provider's own
 * reasons: nothing moves, the session may still be held.
 */
function missed(before: PrescriptionMoney, { data }: ReferralFactOf<'Missed'>): Step {
  const nothing = { entries: [], after: before };
  const { terms } = before.priced;
  const session = componentOf(terms, 'session-attended');
  const price = sessionPrice(terms, before.planned, data.number);
  if (data.class === 'provider-logistics' || session === undefined || price === 0n) return nothing;
  const paid = feeFor(before, data.class);
  const after = { ...before, feesPaid: before.feesPaid + (paid > 0n ? 1 : 0) };
  if (before.ended) {
    // Its price went back to the pot at the end; only a fee has to be drawn from there again.
    return paid === 0n ? nothing : earn(after, session.component, paid, 'noshow', 'missed-late');
  }
  const fee = earnLines(after, committed(after, session.component), paid, 'noshow');
  const rest = transfer(committed(after, session.component), available(after), price - paid);
  return {
    entries: [entry(after, 'missed', netted([...fee, ...rest]))],
    after: take(after, session.component, price),
  };
}

function feeFor({ priced, feesPaid }: PrescriptionMoney, missedClass: string): Pence {
  const fee = componentOf(priced.terms, 'session-missed');
  if (fee === undefined || feesPaid >= fee.limit) return 0n;
  return fee.classes.some((paidClass) => paidClass === missedClass) ? fee.amount : 0n;
}

/** What completion earns; the sessions not held go back; an outcome stays until met or lapsed. */
function completed(before: PrescriptionMoney): Step {
  let step: Step = { entries: [], after: before };
  const outcomes = new Set<Slug>();
  for (const component of before.priced.terms.components) {
    if (component.trigger === 'outcome-met') outcomes.add(component.component);
    if (component.trigger !== 'completed') continue;
    step = then(step, (p) => earnComponent(p, component, 'trigger-completed'));
  }
  return then(step, (p) => release(p, 'completed', (component) => !outcomes.has(component)));
}

function releaseAll(before: PrescriptionMoney, rule: 'dropped-out' | 'cancelled'): Step {
  return release(before, rule, () => true);
}

function release(before: PrescriptionMoney, rule: Rule, which: (component: Slug) => boolean): Step {
  const left = before.committed.filter(({ component, amount }) => amount > 0n && which(component));
  let after: PrescriptionMoney = { ...before, ended: true };
  for (const { component, amount } of left) after = take(after, component, amount);
  if (left.length === 0) return { entries: [], after };
  const lines = left.map(({ component, amount }): Line => {
    return { account: committed(before, component), amount };
  });
  const total = sum(left.map(({ amount }) => amount));
  lines.push({ account: available(before), amount: -total });
  return { entries: [entry(before, rule, lines)], after };
}

function earnComponent(
  p: PrescriptionMoney,
  { component, amount }: { readonly component: Slug; readonly amount: Pence },
  rule: Rule,
): Step {
  return earn(p, component, amount, 'delivery', rule);
}

/** Earned from the commitment while the prescription lives, after its end from the pot. */
function earn(
  p: PrescriptionMoney,
  component: Slug,
  amount: Pence,
  category: Category,
  rule: Rule,
): Step {
  const source = p.ended ? available(p) : committed(p, component);
  return {
    entries: [entry(p, rule, earnLines(p, source, amount, category))],
    after: p.ended ? p : take(p, component, amount),
  };
}

function earnLines(
  p: PrescriptionMoney,
  source: Account,
  amount: Pence,
  category: Category,
): Line[] {
  const { anchor, provider } = p;
  const { fund, year, recognition, funder } = p.priced.budget;
  const owner = { anchor, fund };
  // What the anchor delivers itself stays visible and is owed to nobody.
  const owed: Account =
    provider === anchor
      ? { ...owner, head: 'own-service', year }
      : { ...owner, head: 'accrued', provider };
  return [
    ...transfer(source, { ...owner, head: 'consumed', year, category }, amount),
    ...transfer({ ...owner, head: 'expenses', year, category }, owed, amount),
    ...(recognition === 'performance-related'
      ? transfer({ ...owner, head: 'deferred', funder }, { ...owner, head: 'income' }, amount)
      : []),
  ];
}

function transfer(debit: Account, credit: Account, amount: Pence): Line[] {
  if (amount === 0n) return [];
  return [
    { account: debit, amount },
    { account: credit, amount: -amount },
  ];
}

/** One line an account: the two debits of a missed session's commitment become its whole price. */
function netted(lines: readonly Line[]): Line[] {
  const [first, ...others] = lines;
  if (first === undefined) return [];
  const key = JSON.stringify(first.account);
  const same = others.filter(({ account }) => JSON.stringify(account) === key);
  const rest = others.filter(({ account }) => JSON.stringify(account) !== key);
  const total = first.amount + sum(same.map(({ amount }) => amount));
  return [{ ...first, amount: total }, ...rest];
}

function take(p: PrescriptionMoney, component: Slug, amount: Pence): PrescriptionMoney {
  const parts = p.committed.map((part) =>
    part.component === component ? { ...part, amount: part.amount - amount } : part,
  );
  const short = parts.find((part) => part.amount < 0n);
  assert(short === undefined, `${p.prescription} spends no more than is committed for it`);
  return { ...p, committed: parts };
}

function then(step: Step, next: (p: PrescriptionMoney) => Step): Step {
  const { entries, after } = next(step.after);
  return { entries: [...step.entries, ...entries], after };
}

function entry(p: PrescriptionMoney, rule: Rule, lines: readonly Line[]): Entry {
  const { agreement, version } = p.priced;
  return { rule, lines, prescription: p.prescription, agreement: { agreement, version } };
}

function available({ anchor, priced }: PrescriptionMoney): Account {
  const { fund, year, pot } = priced.budget;
  return { anchor, fund, head: 'available', year, pot };
}

function committed(p: PrescriptionMoney, component: Slug): Account {
  const { fund, year } = p.priced.budget;
  const { anchor, prescription, provider } = p;
  return { anchor, fund, head: 'committed', year, prescription, provider, component };
}
