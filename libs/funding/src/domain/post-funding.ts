import { sum, type Pence, type Slug } from '#kernel';
import type { Recognition } from '#referral';
import type { Account, Category, Line } from './accounts.js';
import type { FundingFact, FundingFactOf } from './events.js';
import { spent, transfer } from './lines.js';
import type { Entry, Rule } from './postings.js';

/** Facts that are not of a referral. The budget's reservations guard; they do not post. */
export function postFunding(fact: FundingFact): Entry[] {
  const anchor = fact.metadata.anchor as Slug; // Every fact of this slice is somebody's books.
  switch (fact.type) {
    case 'FundReceived':
      return [fundReceived(anchor, fact.data)];
    case 'BudgetOpened':
      return [allocated(anchor, 'budget-allocated', { ...fact.data, changes: fact.data.pots })];
    case 'BudgetChanged':
      return [allocated(anchor, 'budget-changed', fact.data)];
    case 'VirementApproved':
      return [virement(anchor, fact.data)];
    case 'FundsRecalled':
      return [recalled(anchor, fact.data)];
    case 'CapacityAwarded':
      return [capacityAwarded(anchor, fact.data)];
    case 'MilestoneEvidenced':
      return [milestoneEvidenced(anchor, fact.data)];
    case 'TrainingBought':
      return [trainingBought(anchor, fact.data)];
    case 'OpeningBalanceRecorded':
      return openingBalance(anchor, fact.data);
    default:
      return [];
  }
}

type Data<T extends FundingFact['type']> = FundingFactOf<T>['data'];

function fundReceived(anchor: Slug, data: Data<'FundReceived'>): Entry {
  const { fund, amount } = data;
  const debit: Account = { anchor, fund, head: 'bank' };
  return { rule: 'fund-received', lines: transfer(debit, received(anchor, data), amount) };
}

/** Where money of a fund stands once it was received and before any of it was earned. */
function received(
  anchor: Slug,
  given: { readonly fund: Slug; readonly funder: Slug; readonly recognition: Recognition },
): Account {
  const { fund, funder, recognition } = given;
  const owner = { anchor, fund };
  const accounts: Record<Recognition, Account> = {
    restricted: { ...owner, head: 'income' },
    'performance-related': { ...owner, head: 'deferred', funder },
    agent: { ...owner, head: 'held-as-agent', funder },
  };
  return accounts[recognition];
}

function allocated(
  anchor: Slug,
  rule: Rule,
  given: {
    readonly fund: Slug;
    readonly year: number;
    readonly changes: readonly { readonly pot: Slug; readonly amount: Pence }[];
  },
): Entry {
  const { fund, year, changes } = given;
  const owner = { anchor, fund, year };
  const authority = sum(changes.map(({ amount }) => amount));
  return {
    rule,
    lines: [
      { account: { ...owner, head: 'authority' }, amount: authority },
      ...changes.map(({ pot, amount }): Line => {
        return { account: { ...owner, head: 'available', pot }, amount: -amount };
      }),
    ],
  };
}

function available(
  anchor: Slug,
  { fund, year, pot }: { readonly fund: Slug; readonly year: number; readonly pot: Slug },
): Account {
  return { anchor, fund, head: 'available', year, pot };
}

function virement(anchor: Slug, { from, to, amount, ...of }: Data<'VirementApproved'>): Entry {
  const debit = available(anchor, { ...of, pot: from });
  const credit = available(anchor, { ...of, pot: to });
  return { rule: 'virement', lines: transfer(debit, credit, amount) };
}

function recalled(anchor: Slug, data: Data<'FundsRecalled'>): Entry {
  const { fund, year, funder, amount } = data;
  const owner = { anchor, fund };
  const owed: Account = { ...owner, head: 'repayable', funder };
  return {
    rule: 'recalled',
    lines: [
      ...transfer(available(anchor, data), { ...owner, head: 'authority', year }, amount),
      ...transfer(received(anchor, data), owed, amount),
    ],
  };
}

function awardedTo(
  anchor: Slug,
  { fund, year, award, payee }: Data<'CapacityAwarded' | 'MilestoneEvidenced'>,
  milestone: Slug,
): Account {
  return { anchor, fund, head: 'awarded', year, award, provider: payee, milestone };
}

/** A commitment to each milestone: nothing is owed before it is evidenced. */
function capacityAwarded(anchor: Slug, data: Data<'CapacityAwarded'>): Entry {
  const { milestones } = data;
  const whole = sum(milestones.map(({ amount }) => amount));
  return {
    rule: 'capacity-awarded',
    lines: [
      { account: available(anchor, data), amount: whole },
      ...milestones.map(({ milestone, amount }): Line => {
        return { account: awardedTo(anchor, data, milestone), amount: -amount };
      }),
    ],
  };
}

function milestoneEvidenced(anchor: Slug, data: Data<'MilestoneEvidenced'>): Entry {
  const source = awardedTo(anchor, data, data.milestone);
  return { rule: 'milestone-evidenced', lines: spending(anchor, data, source, 'capacity') };
}

function trainingBought(anchor: Slug, data: Data<'TrainingBought'>): Entry {
  const source = available(anchor, data);
  return { rule: 'training-bought', lines: spending(anchor, data, source, 'training') };
}

function spending(
  anchor: Slug,
  data: Data<'MilestoneEvidenced' | 'TrainingBought'>,
  source: Account,
  category: Category,
): Line[] {
  const { amount } = data;
  return [{ account: source, amount }, ...spent({ ...data, anchor }, amount, category)];
}

/**
 * What is in the bank and what was spent, less what is still owed, was received before. Of money
 * that is income once it is earned, what was spent has been earned; the rest is still deferred.
 */
function openingBalance(anchor: Slug, data: Data<'OpeningBalanceRecorded'>): Entry[] {
  const { fund, year, recognition, bank, accrued, consumed } = data;
  const owner = { anchor, fund };
  const income: Account = { ...owner, head: 'income' };
  const used = sum(consumed.map(({ amount }) => amount));
  const owed = sum(accrued.map(({ amount }) => amount));
  const earned = recognition === 'performance-related' ? used : 0n;
  const before = bank + used - owed - earned;
  const all: Line[] = [
    ...consumed.flatMap(({ pot, category, amount }) =>
      transfer(
        available(anchor, { ...data, pot }),
        { ...owner, head: 'consumed', year, category },
        amount,
      ),
    ),
    { account: { ...owner, head: 'bank' }, amount: bank },
    ...consumed.map(({ category, amount }): Line => {
      return { account: { ...owner, head: 'expenses', year, category }, amount };
    }),
    ...accrued.map(({ payee, amount }): Line => {
      return { account: { ...owner, head: 'accrued', provider: payee }, amount: -amount };
    }),
    { account: income, amount: -earned },
    { account: received(anchor, data), amount: -before },
  ];
  const lines = all.filter(({ amount }) => amount !== 0n);
  return lines.length === 0 ? [] : [{ rule: 'opening-balance', lines }];
}
