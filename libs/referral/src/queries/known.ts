import type { Slug } from '#kernel';
import type { Position, RecordedFact } from '#event-log';
import type { ReferralEvent } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import { initialState, type ReferralState } from '../domain/state.js';
import { identityAfter, type SealedIdentities } from '../projections/identity.js';

/** How far in the log an anchor knew. */
export type KnownBy = (anchor: Slug) => Promise<Position>;

/** A referral as far as its facts were known at a place of the log; `null`: nothing was. */
export function knownOf(facts: readonly RecordedFact<ReferralEvent>[], upTo: Position) {
  const known = facts.filter(({ position }) => position <= upTo);
  const latest = known.at(-1);
  const state = known.reduce<ReferralState>(evolve, initialState);
  if (state === null || latest === undefined) return null;
  const identity = known.reduce<SealedIdentities | undefined>(identityAfter, undefined) ?? [];
  return { state, latest, identity };
}
