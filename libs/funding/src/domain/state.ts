import type { CivilDate, Pence, Slug } from '#kernel';
import type { TermsVersion, Recognition } from '#referral';
import type { FundingFact, FundingFactOf, Purpose } from './events.js';

export interface Fund {
  readonly kind: 'fund';
  readonly anchor: Slug;
  readonly funder: Slug;
  readonly recognition: Recognition;
  readonly purposes: readonly Purpose[];
}

export interface Pot {
  readonly pot: Slug;
  readonly purpose: Purpose;
  /** What is neither reserved nor spent; drawing for late facts may take it below zero. */
  readonly free: Pence;
}

/** Money set aside for an organisation, paid milestone by milestone. */
export interface Award {
  readonly award: Slug;
  readonly pot: Slug;
  readonly payee: Slug;
  readonly awardedOn: CivilDate;
  readonly milestones: readonly {
    readonly milestone: Slug;
    readonly amount: Pence;
    readonly evidenced: boolean;
  }[];
}

export interface Budget {
  readonly kind: 'budget';
  readonly anchor: Slug;
  readonly fund: Slug;
  readonly funder: Slug;
  readonly recognition: Recognition;
  readonly year: number;
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly pots: readonly Pot[];
  readonly awards: readonly Award[];
  /** The balances with which its books began are recorded, once. */
  readonly begun: boolean;
}

export interface Agreement {
  readonly kind: 'agreement';
  readonly agreement: Slug;
  readonly payer: Slug;
  readonly payee: Slug;
  readonly services: readonly Slug[];
  readonly from: CivilDate;
  readonly until?: CivilDate;
  /** As they follow each other: none is in force from an earlier day than the one before it. */
  readonly versions: readonly TermsVersion[];
}

/** What one stream of this slice is about; `null` before its first fact. */
export type FundingState = Fund | Budget | Agreement | null;

export const initialState: FundingState = null;

/** Total: any history folds, a fact that the state cannot place changes nothing. */
export function evolve(state: FundingState, fact: FundingFact): FundingState {
  const anchor = fact.metadata.anchor as Slug; // Every fact of this slice is somebody's books.
  switch (fact.type) {
    case 'FundReceived': {
      const { funder, recognition, purposes } = fact.data;
      const before = state?.kind === 'fund' ? state.purposes : [];
      const all = [...new Set([...before, ...purposes])];
      return { kind: 'fund', anchor, funder, recognition, purposes: all };
    }
    case 'BudgetOpened': {
      const pots = fact.data.pots.map(({ amount, ...pot }) => ({ ...pot, free: amount }));
      return { ...fact.data, kind: 'budget', anchor, pots, awards: [], begun: false };
    }
    case 'AgreementSigned': {
      const { version: _version, terms: _terms, ...rest } = fact.data;
      return { ...rest, kind: 'agreement', versions: [versionOf(fact)] };
    }
    case 'TermsChanged': {
      if (state?.kind !== 'agreement') return state;
      return { ...state, versions: [...state.versions, versionOf(fact)] };
    }
    case 'AgreementEnded':
      return state?.kind === 'agreement' ? { ...state, until: fact.data.until } : state;
    case 'PeriodCutOff':
    case 'PeriodClosed':
      return state;
    default:
      return state?.kind === 'budget' ? changeBudget(state, fact) : state;
  }
}

function versionOf({
  id,
  data,
  metadata,
}: FundingFactOf<'AgreementSigned' | 'TermsChanged'>): TermsVersion {
  const { version, from, terms } = data;
  const { recordedAt, correlationId } = metadata;
  return { version, from, terms, because: id, recordedAt, correlationId };
}

type BudgetFact = FundingFactOf<
  | 'FundsReserved'
  | 'FundsReleased'
  | 'FundsDrawn'
  | 'BudgetChanged'
  | 'VirementApproved'
  | 'FundsRecalled'
  | 'CapacityAwarded'
  | 'MilestoneEvidenced'
  | 'TrainingBought'
  | 'OpeningBalanceRecorded'
>;

function changeBudget(budget: Budget, fact: BudgetFact): Budget {
  switch (fact.type) {
    case 'FundsReserved':
    case 'FundsDrawn':
    case 'FundsRecalled':
    case 'TrainingBought':
      return moved(budget, fact.data.pot, -fact.data.amount);
    case 'FundsReleased':
      return moved(budget, fact.data.pot, fact.data.amount);
    case 'BudgetChanged':
      return fact.data.changes.reduce(withChange, budget);
    case 'VirementApproved': {
      const { from, to, amount } = fact.data;
      return moved(moved(budget, from, -amount), to, amount);
    }
    case 'CapacityAwarded':
      return awarded(budget, fact);
    case 'MilestoneEvidenced':
      return evidenced(budget, fact.data);
    case 'OpeningBalanceRecorded': {
      const { consumed } = fact.data;
      const spent = consumed.reduce((b, { pot, amount }) => moved(b, pot, -amount), budget);
      return { ...spent, begun: true };
    }
    default:
      // A newer version's fact that this one does not know changes nothing here.
      return ((_: never) => budget)(fact);
  }
}

function moved(budget: Budget, name: Slug, change: Pence): Budget {
  const pots = budget.pots.map((pot) =>
    pot.pot === name ? { ...pot, free: pot.free + change } : pot,
  );
  return { ...budget, pots };
}

function withChange(
  budget: Budget,
  { pot, purpose, amount }: FundingFactOf<'BudgetChanged'>['data']['changes'][number],
): Budget {
  if (budget.pots.some((known) => known.pot === pot)) return moved(budget, pot, amount);
  return { ...budget, pots: [...budget.pots, { pot, purpose, free: amount }] };
}

function awarded(budget: Budget, { data, metadata }: FundingFactOf<'CapacityAwarded'>): Budget {
  const { award, pot, payee, milestones } = data;
  let after = budget;
  for (const { amount } of milestones) after = moved(after, pot, -amount);
  const fresh: Award = {
    ...{ award, pot, payee, awardedOn: metadata.occurredOn },
    milestones: milestones.map((milestone) => ({ ...milestone, evidenced: false })),
  };
  return { ...after, awards: [...budget.awards, fresh] };
}

function evidenced(
  budget: Budget,
  { award, milestone }: FundingFactOf<'MilestoneEvidenced'>['data'],
): Budget {
  const awards = budget.awards.map((given) => {
    if (given.award !== award) return given;
    const milestones = given.milestones.map((each) =>
      each.milestone === milestone ? { ...each, evidenced: true } : each,
    );
    return { ...given, milestones };
  });
  return { ...budget, awards };
}
