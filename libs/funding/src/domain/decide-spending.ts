import { isRefusal, refuse, sum, type Moment, type Refusal, type Slug } from '#kernel';
import type { Purpose } from './events.js';
import {
  beyondFree,
  outsideTheYear,
  ownBudget,
  potOf,
  type BudgetNamed,
  type Data,
  type Decided,
} from './rules.js';
import type { Budget, FundingState, Pot } from './state.js';

/** Spending that is not of a referral: the budget's own stream decides whether there is room. */
export function awardCapacity(
  state: FundingState,
  named: BudgetNamed,
  given: Pick<Data<'CapacityAwarded'>, 'pot' | 'award' | 'payee' | 'milestones' | 'document'>,
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  const pot = potFor(budget, given.pot, 'capacity', moment);
  if (isRefusal(pot)) return pot;
  const { award, milestones } = given;
  if (budget.awards.some((known) => known.award === award)) {
    return refuse('award-exists', `There is an award ${award} already: give it another name.`, {
      field: 'award',
    });
  }
  for (const { milestone } of milestones) {
    if (milestones.filter((other) => other.milestone === milestone).length > 1) {
      return refuse('milestone-twice', `Milestone ${milestone} is there twice.`, {
        field: 'milestones',
      });
    }
  }
  const beyond = beyondFree(pot, sum(milestones.map(({ amount }) => amount)));
  if (beyond !== null) return beyond;
  return [{ type: 'CapacityAwarded', data: { ...given, ...moneyOf(budget) } }];
}

/** May come after the year of its budget: what was committed lives on there until it is earned. */
export function evidenceMilestone(
  state: FundingState,
  named: BudgetNamed,
  given: Pick<Data<'MilestoneEvidenced'>, 'award' | 'milestone' | 'document'>,
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  const award = budget.awards.find((known) => known.award === given.award);
  if (award === undefined) {
    return refuse('no-such-award', `The budget has no award ${given.award}: award it first.`, {
      field: 'award',
    });
  }
  const found = award.milestones.find(({ milestone }) => milestone === given.milestone);
  if (found === undefined) {
    const names = award.milestones.map(({ milestone }) => milestone).join(', ');
    return refuse(
      'no-such-milestone',
      `Award ${award.award} has no milestone ${given.milestone}; it has: ${names}.`,
      { field: 'milestone' },
    );
  }
  if (moment.on < award.awardedOn) {
    return refuse(
      'before-the-award',
      `${moment.on} is before the award was made, ${award.awardedOn}.`,
      { field: 'at', data: { at: moment.on, awardedOn: award.awardedOn } },
    );
  }
  if (found.evidenced) return [];
  const { pot, payee } = award;
  const { amount } = found;
  const data = { ...given, ...moneyOf(budget), pot, payee, amount };
  return [{ type: 'MilestoneEvidenced', data }];
}

export function buyTraining(
  state: FundingState,
  named: BudgetNamed,
  given: Pick<Data<'TrainingBought'>, 'pot' | 'payee' | 'amount' | 'what' | 'document'>,
  moment: Moment,
): Decided {
  const budget = ownBudget(state, named, moment);
  if (isRefusal(budget)) return budget;
  const pot = potFor(budget, given.pot, 'training', moment);
  if (isRefusal(pot)) return pot;
  const beyond = beyondFree(pot, given.amount);
  if (beyond !== null) return beyond;
  return [{ type: 'TrainingBought', data: { ...given, ...moneyOf(budget) } }];
}

function potFor(budget: Budget, name: Slug, purpose: Purpose, { on }: Moment): Pot | Refusal {
  const outside = outsideTheYear(budget, on);
  if (outside !== null) return outside;
  const pot = potOf(budget, name);
  if (isRefusal(pot) || pot.purpose === purpose) return pot;
  return refuse('ring-fenced', `Pot ${name} is for ${pot.purpose}: it pays no ${purpose}.`, {
    field: 'pot',
  });
}

/** What the posting needs of the budget, copied: nothing of it is ever looked up again. */
function moneyOf({ fund, year, funder, recognition }: Budget) {
  return { fund, year, funder, recognition };
}
