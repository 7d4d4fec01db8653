import type { CivilDate, Pence, Slug } from '#kernel';
import type { Recognition, Terms } from '#referral';
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
}

export interface Agreement {
  readonly kind: 'agreement';
  readonly agreement: Slug;
  readonly version: number;
  readonly payer: Slug;
  readonly payee: Slug;
  readonly services: readonly Slug[];
  readonly from: CivilDate;
  readonly until?: CivilDate;
  readonly terms: Terms;
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
      return { ...fact.data, kind: 'budget', anchor, pots };
    }
    case 'FundsReserved':
    case 'FundsDrawn':
      return moved(state, fact, -fact.data.amount);
    case 'FundsReleased':
      return moved(state, fact, fact.data.amount);
    case 'AgreementSigned':
      return { ...fact.data, kind: 'agreement' };
    case 'BudgetChanged':
    case 'VirementApproved':
    case 'FundsRecalled':
    case 'CapacityAwarded':
    case 'MilestoneEvidenced':
    case 'TrainingBought':
    case 'OpeningBalanceRecorded':
    case 'PeriodCutOff':
    case 'PeriodClosed':
    case 'TermsChanged':
    case 'AgreementEnded':
      return state;
    default:
      // A newer version's fact that this one does not know changes nothing here.
      return ((_: never) => state)(fact);
  }
}

function moved(
  state: FundingState,
  { data }: FundingFactOf<'FundsReserved' | 'FundsReleased' | 'FundsDrawn'>,
  change: Pence,
): FundingState {
  if (state?.kind !== 'budget') return state;
  const pots = state.pots.map((pot) =>
    pot.pot === data.pot ? { ...pot, free: pot.free + change } : pot,
  );
  return { ...state, pots };
}
