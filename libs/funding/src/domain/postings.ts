import { sum, type CivilDate, type EventId, type PrescriptionId, type Slug } from '#kernel';
import type { Account, Line } from './accounts.js';
import type { FundingFact } from './events.js';
import { transfer } from './lines.js';

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
  'drop-out-minimum',
  'declined',
  'cancelled',
  'lapsed',
  'continued',
  'outcome-met',
  'outcome-lapsed',
  'repriced',
  'corrected',
] as const;
export type Rule = (typeof RULES)[number];

/** What one rule makes of one event: each set of its lines sums to zero. */
export interface Entry {
  readonly rule: Rule;
  readonly lines: readonly Line[];
  readonly prescription?: PrescriptionId;
  readonly agreement?: { readonly agreement: Slug; readonly version: number };
  /** The day it is about, where that is not the fact's own. */
  readonly on?: CivilDate;
  /** The record whose pay it changed. */
  readonly corrects?: EventId;
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
