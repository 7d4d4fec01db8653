import { isRefusal, refuse, sum, type Moment, type Pence, type Refusal, type Slug } from '#kernel';
import { PURPOSES, type Purpose } from './events.js';
import {
  beyondFree,
  ownBooks,
  ownBudget,
  potOf,
  type BudgetNamed,
  type Data,
  type Decided,
} from './rules.js';
import type { Budget, FundingState } from './state.js';

export function openBudget(
  state: FundingState,
  fund: FundingState,
  anchor: Slug,
  data: Omit<Data<'BudgetOpened'>, 'recognition' | 'funder'>,
  moment: Moment,
): Decided {
  const stranger = ownBooks(anchor, moment);
  if (stranger !== null) return stranger;
  if (state !== null) {
    return refuse('budget-open', `Fund ${data.fund} has a budget for ${data.year} already.`, {
      field: 'year',
    });
  }
  if (fund?.kind !== 'fund') {
    return refuse('no-such-fund', `${anchor} has no fund ${data.fund}: receive it first.`, {
      field: 'fund',
    });
  }
  if (fund.recognition === 'agent') {
    return refuse('held-as-agent', `${data.fund} is held for others: it is nobody's budget here.`, {
      field: 'fund',
    });
  }
  if (data.from > data.to) {
    return refuse('ends-before-it-starts', 'A budget ends on or after the day it starts.', {
      field: 'to',
    });
  }
  const twice = potTwice(data.pots, 'pots');
  if (twice !== null) return twice;
  for (const { purpose } of data.pots) {
    const outside = outsidePurpose(data.fund, fund.purposes, purpose, 'pots');
    if (outside !== null) return outside;
  }
  const { funder, recognition } = fund;
  return [{ type: 'BudgetOpened', data: { ...data, funder, recognition } }];
}

function potTwice(pots: readonly { readonly pot: Slug }[], field: string): Refusal | null {
  const twice = pots.find(({ pot }, index) => pots.findIndex((p) => p.pot === pot) !== index);
  return twice === undefined
    ? null
    : refuse('pot-twice', `Pot ${twice.pot} is there twice.`, { field });
}

function outsidePurpose(
  fund: Slug,
  purposes: readonly Purpose[],
  purpose: Purpose,
  field: string,
): Refusal | null {
  if (purposes.includes(purpose)) return null;
  return refuse(
    'outside-purpose',
    `${fund} was given for ${purposes.join(', ')}, not for ${purpose}.`,
    { field },
  );
}

/** A pot named like a purpose is for it; any other name is for prescribing unless it says so. */
export function purposeOf(pot: Slug): Purpose {
  return PURPOSES.find((purpose) => purpose === String(pot)) ?? 'prescribing';
}

interface Change {
  readonly pot: Slug;
  readonly purpose?: Purpose | undefined;
  readonly amount: Pence;
}

/** Pots grow by any amount, shrink by what is free, and new ones are for the fund's purposes. */
export function changeBudget(
  state: FundingState,
  fund: FundingState,
  named: BudgetNamed,
  given: Omit<Data<'BudgetChanged'>, 'changes' | 'fund' | 'year'> & {
    readonly changes: readonly Change[];
  },
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  const twice = potTwice(given.changes, 'changes');
  if (twice !== null) return twice;
  const purposes = fund?.kind === 'fund' ? fund.purposes : [];
  const changes: Data<'BudgetChanged'>['changes'] = [];
  for (const change of given.changes) {
    const purpose = purposeOfChange(budget, purposes, change);
    if (isRefusal(purpose)) return purpose;
    changes.push({ pot: change.pot, purpose, amount: change.amount });
  }
  const { fund: name, year } = named;
  return [{ type: 'BudgetChanged', data: { ...given, fund: name, year, changes } }];
}

function purposeOfChange(
  budget: Budget,
  purposes: readonly Purpose[],
  { pot, purpose, amount }: Change,
): Purpose | Refusal {
  const field = 'changes';
  const known = budget.pots.find((candidate) => candidate.pot === pot);
  if (known === undefined) {
    const fresh = purpose ?? purposeOf(pot);
    const nothingIn = beyondFree({ pot, free: 0n }, -amount, field);
    return nothingIn ?? outsidePurpose(budget.fund, purposes, fresh, field) ?? fresh;
  }
  if (purpose !== undefined && purpose !== known.purpose) {
    return refuse(
      'other-purpose',
      `Pot ${pot} is for ${known.purpose}: for ${purpose} make another pot.`,
      { field },
    );
  }
  if (amount === 0n) {
    return refuse('nothing-changes', `Pot ${pot} has what it has: say by how much it changes.`, {
      field,
    });
  }
  return beyondFree(known, -amount, field) ?? known.purpose;
}

/** Money crosses between pots; out of one purpose into another only if the funder agreed. */
export function approveVirement(
  state: FundingState,
  named: BudgetNamed,
  given: Omit<Data<'VirementApproved'>, 'fund' | 'year'>,
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  const from = potOf(budget, given.from, 'from');
  if (isRefusal(from)) return from;
  const to = potOf(budget, given.to, 'to');
  if (isRefusal(to)) return to;
  if (from.pot === to.pot) {
    return refuse('same-pot', `From pot ${from.pot} to itself nothing crosses: name another.`, {
      field: 'to',
    });
  }
  if (from.purpose !== to.purpose) {
    const across = `From ${from.purpose} to ${to.purpose} money crosses only`;
    if (given.authority !== 'funder-consent') {
      return refuse('consent-needed', `${across} with the funder's consent: funder-consent.`, {
        field: 'authority',
      });
    }
    if (given.document === undefined) {
      return refuse('document-needed', `${across} with the document by which the funder agreed.`, {
        field: 'document',
      });
    }
  }
  const beyond = beyondFree(from, given.amount, 'from');
  if (beyond !== null) return beyond;
  const { fund, year } = named;
  return [{ type: 'VirementApproved', data: { ...given, fund, year } }];
}

/** What is not free was promised to somebody, and the funder cannot have it back. */
export function recallFunds(
  state: FundingState,
  named: BudgetNamed,
  given: Pick<Data<'FundsRecalled'>, 'pot' | 'amount' | 'document'>,
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  const pot = potOf(budget, given.pot);
  if (isRefusal(pot)) return pot;
  const beyond = beyondFree(pot, given.amount);
  if (beyond !== null) return beyond;
  const { fund, year, funder, recognition } = budget;
  return [{ type: 'FundsRecalled', data: { ...given, fund, year, funder, recognition } }];
}

/** A pot is never over-committed: what does not fit is refused, with what is free. */
export function reserve(state: FundingState, wanted: readonly Data<'FundsReserved'>[]): Decided {
  const pots = state?.kind === 'budget' ? state.pots : [];
  for (const pot of new Set(wanted.map((reservation) => reservation.pot))) {
    const asked = sum(wanted.flatMap(({ pot: of, amount }) => (of === pot ? amount : [])));
    const found = pots.find((candidate) => candidate.pot === pot) ?? { pot, free: 0n };
    const beyond = beyondFree(found, asked);
    if (beyond !== null) return beyond;
  }
  return wanted.map((data) => ({ type: 'FundsReserved', data }));
}
