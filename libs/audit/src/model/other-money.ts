import type { Pence, Slug } from '#kernel';
import type { FundingFact, FundingFactOf } from '#funding';
import type { Recognition } from '#referral';
import type { Move } from './case.js';

type Amount = Omit<Move, 'day'>;
const on = (account: string, amount: Pence): Amount => ({ account, amount });

/** What a fact that is not of a referral puts on which account. */
export function otherMoney(fact: FundingFact): Move[] {
  const anchor = fact.metadata.anchor as Slug; // Money always belongs to somebody's books.
  return amountsOf(fact, anchor)
    .filter(({ amount }) => amount !== 0n)
    .map((amount) => ({ ...amount, day: fact.metadata.occurredOn }));
}

function amountsOf(fact: FundingFact, anchor: Slug): Amount[] {
  switch (fact.type) {
    case 'FundReceived': {
      const { fund, amount } = fact.data;
      return [
        on(`assets:${anchor}:${fund}:bank`, amount),
        on(receivedAs(anchor, fact.data), -amount),
      ];
    }
    case 'BudgetOpened':
      return fact.data.pots.flatMap((pot) => allotted(budgetOf(anchor, fact.data), pot));
    case 'BudgetChanged':
      return fact.data.changes.flatMap((pot) => allotted(budgetOf(anchor, fact.data), pot));
    case 'VirementApproved': {
      const { from, to, amount } = fact.data;
      const available = `${budgetOf(anchor, fact.data)}:available`;
      return [on(`${available}:${from}`, amount), on(`${available}:${to}`, -amount)];
    }
    case 'FundsRecalled': {
      const { pot, fund, funder, amount } = fact.data;
      return [
        ...allotted(budgetOf(anchor, fact.data), { pot, amount: -amount }),
        on(receivedAs(anchor, fact.data), amount),
        on(`liabilities:${anchor}:${fund}:repayable:${funder}`, -amount),
      ];
    }
    case 'CapacityAwarded':
      return awarded(fact, anchor);
    case 'MilestoneEvidenced': {
      const { award, payee, milestone, amount, pot } = fact.data;
      const budget = budgetOf(anchor, fact.data);
      return [
        on(`${budget}:committed:${award}:${payee}:${milestone}`, amount),
        on(`${budget}:available:${pot}`, -amount),
        ...bought(anchor, { ...fact.data, category: 'capacity' }),
      ];
    }
    case 'TrainingBought':
      return bought(anchor, { ...fact.data, category: 'training' });
    case 'OpeningBalanceRecorded':
      return openingOf(fact, anchor);
    default:
      return [];
  }
}

interface Budget {
  readonly fund: Slug;
  readonly year: number;
}
interface Source {
  readonly fund: Slug;
  readonly funder: Slug;
  readonly recognition: Recognition;
}

const budgetOf = (anchor: Slug, { fund, year }: Budget) => `budget:${anchor}:${fund}:${year}`;

const incomeOf = (anchor: Slug, fund: Slug) => `income:${anchor}:${fund}:restricted`;

/** Where money that came in is kept until it is spent. */
function receivedAs(anchor: Slug, { fund, funder, recognition }: Source): string {
  if (recognition === 'restricted') return incomeOf(anchor, fund);
  const kind = recognition === 'agent' ? 'heldasagent' : 'deferred';
  return `liabilities:${anchor}:${fund}:${kind}:${funder}`;
}

function allotted(budget: string, { pot, amount }: { pot: Slug; amount: Pence }): Amount[] {
  return [on(`${budget}:authority`, amount), on(`${budget}:available:${pot}`, -amount)];
}

function awarded({ data }: FundingFactOf<'CapacityAwarded'>, anchor: Slug): Amount[] {
  const budget = budgetOf(anchor, data);
  return data.milestones.flatMap(({ milestone, amount }) => [
    on(`${budget}:available:${data.pot}`, amount),
    on(`${budget}:committed:${data.award}:${data.payee}:${milestone}`, -amount),
  ]);
}

interface Bought extends Budget, Source {
  readonly pot: Slug;
  readonly payee: Slug;
  readonly amount: Pence;
  readonly category: 'capacity' | 'training';
}

/** Straight from what is available to what was spent. */
function bought(anchor: Slug, { amount, category, payee, ...of }: Bought): Amount[] {
  const { fund, year, pot, recognition } = of;
  const budget = budgetOf(anchor, of);
  const owed =
    payee === anchor
      ? `expenses:${anchor}:${fund}:${year}:ownservice`
      : `liabilities:${anchor}:${fund}:accrued:${payee}`;
  const earned = [on(receivedAs(anchor, of), amount), on(incomeOf(anchor, fund), -amount)];
  return [
    on(`${budget}:available:${pot}`, amount),
    on(`${budget}:consumed:${category}`, -amount),
    on(`expenses:${anchor}:${fund}:${year}:${category}`, amount),
    on(owed, -amount),
    ...(recognition === 'performance-related' ? earned : []),
  ];
}

/** What was spent was earned; whatever else came in before is still what it came in as. */
function openingOf(fact: FundingFactOf<'OpeningBalanceRecorded'>, anchor: Slug): Amount[] {
  const { fund, year, bank, accrued, consumed, recognition } = fact.data;
  const budget = budgetOf(anchor, fact.data);
  const spent = consumed.reduce((total, { amount }) => total + amount, 0n);
  const owed = accrued.reduce((total, { amount }) => total + amount, 0n);
  const income = recognition === 'performance-related' ? spent : 0n;
  return [
    on(`assets:${anchor}:${fund}:bank`, bank),
    ...accrued.map(({ payee, amount }) =>
      on(`liabilities:${anchor}:${fund}:accrued:${payee}`, -amount),
    ),
    ...consumed.flatMap(({ pot, category, amount }) => [
      on(`budget:${anchor}:${fund}:${year}:available:${pot}`, amount),
      on(`${budget}:consumed:${category}`, -amount),
      on(`expenses:${anchor}:${fund}:${year}:${category}`, amount),
    ]),
    on(incomeOf(anchor, fund), -income),
    on(receivedAs(anchor, fact.data), income - bank - spent + owed),
  ];
}
