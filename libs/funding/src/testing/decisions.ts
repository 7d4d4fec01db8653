import { isRefusal, type Actor, type Decision, type Moment } from '#kernel';
import type { FundingEvent, FundingEventOf } from '../domain/events.js';
import { evolve, initialState, type FundingState } from '../domain/state.js';
import { ALLOT, NORTH, day, fee, fundingFact, perSession, slug, type When } from './facts.js';

export const anna: Actor = { id: 'anna', role: 'anchor', organisation: NORTH };
export const stranger: Actor = { ...anna, organisation: slug('south') };
export const now: Moment = { on: day('2026-04-01'), today: day('2026-04-01'), actor: anna };

/** As `now`, of a day that may be told of on a later one. */
export function onDay(on: string, today = on): Moment {
  return { ...now, on: day(on), today: day(today) };
}

/** A stream's state after these events of north's. */
export function after(...events: FundingEvent[]): FundingState {
  return events.reduce<FundingState>((state, e) => evolve(state, fundingFact(e)), initialState);
}

/** A stream's state after a decision more; what is refused fails the test. */
export function then(
  state: FundingState,
  decision: Decision<FundingEvent>,
  when: When = {},
): FundingState {
  if (isRefusal(decision)) throw new Error(decision.message);
  return decision.reduce<FundingState>((s, e) => evolve(s, fundingFact(e, when)), state);
}

export const FUND: FundingEventOf<'FundReceived'>['data'] = {
  ...{ fund: slug('lottery'), funder: slug('tnlcf'), amount: 500_000n, recognition: 'restricted' },
  purposes: ['prescribing', 'training'],
};
export const POT = { pot: slug('prescribing'), purpose: 'prescribing' as const, amount: 300_000n };
export const BUDGET = {
  ...{ fund: slug('lottery'), year: 2026, from: day('2026-04-01'), to: day('2027-03-31') },
  pots: [POT, { pot: slug('courses'), purpose: 'training' as const, amount: 0n }],
};
export const AGREEMENT: FundingEventOf<'AgreementSigned'>['data'] = {
  ...{ agreement: slug('garden-terms'), version: 1, payer: NORTH, payee: ALLOT },
  ...{ services: [slug('gardening')], from: day('2026-04-01'), until: day('2026-12-31') },
  terms: { components: [perSession(1250n), fee(500n)] },
};

export const fund = after({ type: 'FundReceived', data: FUND });
export const budget = after({
  type: 'BudgetOpened',
  data: { ...BUDGET, funder: slug('tnlcf'), recognition: 'restricted' },
});
export const agreement = after({ type: 'AgreementSigned', data: AGREEMENT });

/** A year of three ring-fences: 3000.00 to prescribe, 900.00 for capacity, 500.00 for training. */
export const NAMED = { anchor: NORTH, fund: slug('lottery'), year: 2026 };
export const threePots = after({
  type: 'BudgetOpened',
  data: {
    ...BUDGET,
    ...{ funder: slug('tnlcf'), recognition: 'restricted' },
    pots: [
      POT,
      { pot: slug('men-s-health'), purpose: 'prescribing', amount: 0n },
      { pot: slug('grants'), purpose: 'capacity', amount: 90_000n },
      { pot: slug('courses'), purpose: 'training', amount: 50_000n },
    ],
  },
});

/** What is free, pot by pot. */
export function free(state: FundingState): Record<string, bigint> {
  const pots = state?.kind === 'budget' ? state.pots : [];
  return Object.fromEntries(pots.map((pot) => [String(pot.pot), pot.free]));
}
