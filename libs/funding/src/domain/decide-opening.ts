import { formatPence, isRefusal, refuse, sum, type Moment, type Refusal } from '#kernel';
import type { Category, Purpose } from './events.js';
import {
  beyondFree,
  ownBudget,
  potOf,
  type BudgetNamed,
  type Data,
  type Decided,
} from './rules.js';
import type { Budget, FundingState } from './state.js';

type Balances = Pick<Data<'OpeningBalanceRecorded'>, 'bank' | 'accrued' | 'consumed' | 'document'>;

/** Where books begin in the middle of a year: recorded once, and then like any other money. */
export function recordOpeningBalance(
  state: FundingState,
  named: BudgetNamed,
  given: Balances,
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  if (budget.begun) {
    return refuse(
      'opening-recorded',
      `The opening balances of ${budget.fund} ${budget.year} are recorded already.`,
      { field: 'year' },
    );
  }
  const wrong = wrongSpending(budget, given) ?? wrongDebts(budget, given);
  if (wrong !== null) return wrong;
  const { fund, year, funder, recognition } = budget;
  return [{ type: 'OpeningBalanceRecorded', data: { ...given, fund, year, funder, recognition } }];
}

const PURPOSE_OF: Record<Category, Purpose> = {
  delivery: 'prescribing',
  noshow: 'prescribing',
  outcomes: 'prescribing',
  capacity: 'capacity',
  training: 'training',
};

function wrongSpending(budget: Budget, { consumed }: Balances): Refusal | null {
  const field = 'consumed';
  for (const { pot: name, category } of consumed) {
    const pot = potOf(budget, name, field);
    if (isRefusal(pot)) return pot;
    if (pot.purpose !== PURPOSE_OF[category]) {
      return refuse(
        'ring-fenced',
        `Pot ${name} is for ${pot.purpose}: nothing of it was spent on ${category}.`,
        { field },
      );
    }
    const spent = sum(consumed.filter((each) => each.pot === name).map(({ amount }) => amount));
    const beyond = beyondFree(pot, spent, field);
    if (beyond !== null) return beyond;
  }
  return null;
}

/** What was received before is what is there, and was spent, and is not owed. */
function wrongDebts({ anchor }: Budget, { bank, accrued, consumed }: Balances): Refusal | null {
  const field = 'accrued';
  for (const { payee } of accrued) {
    if (payee === anchor) {
      return refuse('owed-to-itself', `${anchor} owes nothing to itself: leave it out.`, { field });
    }
    if (accrued.filter((other) => other.payee === payee).length > 1) {
      return refuse('payee-twice', `${payee} is there twice: add up what is owed to them.`, {
        field,
      });
    }
  }
  const spent = sum(consumed.map(({ amount }) => amount));
  const owed = sum(accrued.map(({ amount }) => amount));
  if (bank + spent >= owed) return null;
  return refuse(
    'more-owed-than-received',
    `${formatPence(bank)} in the bank and ${formatPence(spent)} spent do not explain the ` +
      `${formatPence(owed)} owed: less than nothing would have been received before. ` +
      'What is owed for this year was spent in it: check bank, consumed and accrued.',
    { field: 'bank' },
  );
}
