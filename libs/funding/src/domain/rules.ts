import {
  formatPence,
  inTheFuture,
  refuse,
  type CivilDate,
  type Decision,
  type Moment,
  type Pence,
  type Refusal,
  type Slug,
} from '#kernel';
import type { FundingEvent, FundingEventOf } from './events.js';
import type { Budget, FundingState, Pot } from './state.js';

export type Decided = Decision<FundingEvent>;
export type Data<T extends FundingEvent['type']> = FundingEventOf<T>['data'];

/** The money of an anchor is its own: nobody else receives, opens or signs for it. */
export function ownBooks(anchor: Slug, moment: Moment): Refusal | null {
  const { actor } = moment;
  if (actor.organisation !== anchor) {
    return refuse('not-your-books', `${actor.organisation} cannot do this in ${anchor}'s books.`, {
      field: 'actor.organisation',
    });
  }
  return inTheFuture(moment);
}

/** Which budget a command is about: one fund of one anchor in one year. */
export interface BudgetNamed {
  readonly anchor: Slug;
  readonly fund: Slug;
  readonly year: number;
}

/** What every command on an open budget must satisfy; the budget it is about, or why not. */
export function ownBudget(
  state: FundingState,
  { anchor, fund, year }: BudgetNamed,
  moment: Moment,
): Budget | Refusal {
  const stranger = ownBooks(anchor, moment);
  if (stranger !== null) return stranger;
  return state?.kind === 'budget' ? state : noSuchBudget(`${fund} ${year}`);
}

export function noSuchBudget(name: string): Refusal {
  return refuse('no-such-budget', `There is no budget ${name}: open it first.`, { field: 'fund' });
}

export function outsideTheYear({ from, to }: Budget, on: CivilDate): Refusal | null {
  if (on >= from && on <= to) return null;
  return refuse(
    'outside-the-year',
    `The budget is for ${from} to ${to}; ${on} needs the one of its own year.`,
    { field: 'year' },
  );
}

export function potOf({ pots }: Budget, name: Slug, field = 'pot'): Pot | Refusal {
  const pot = pots.find((candidate) => candidate.pot === name);
  if (pot !== undefined) return pot;
  const names = pots.map((candidate) => candidate.pot).join(', ');
  return refuse('no-such-pot', `The budget has no pot ${name}; it has: ${names}.`, { field });
}

/** What is spent or taken away fits into what is free, or is refused with what is free. */
export function beyondFree(
  { pot, free }: Pick<Pot, 'pot' | 'free'>,
  asked: Pence,
  field = 'pot',
): Refusal | null {
  if (asked <= free) return null;
  return refuse(
    'pot-exhausted',
    `Pot ${pot} has ${formatPence(free)} free and ${formatPence(asked)} was asked.`,
    { field, data: { freePence: Number(free), askedPence: Number(asked) } },
  );
}
