import type { EventId, PrescriptionId, Slug } from '#kernel';
import type { ReferralFact } from './events.js';
import { evolve } from './evolve.js';
import { isLive, type Prescription, type ReferralState } from './state.js';

/** A prescription that began or ceased to hold a place of its service. */
export interface PlaceHeld {
  readonly provider: Slug;
  readonly service: Slug;
  readonly prescription: PrescriptionId;
  readonly takes: boolean;
  readonly because: EventId;
}

/** Whoever is supported holds one; on the waiting list nobody, until they come all the same. */
export function holdsPlace(prescription: Prescription): boolean {
  return isLive(prescription) && prescription.status !== 'waitlisted';
}

/** What one fact changed; a correction may change several, and in either direction. */
export function placesMoved(
  before: ReferralState,
  after: ReferralState,
  because: EventId,
): PlaceHeld[] {
  return (after?.prescriptions ?? []).flatMap((now) => {
    const { provider, service, prescription } = now;
    const then = before?.prescriptions.find((given) => given.prescription === prescription);
    const takes = holdsPlace(now);
    if (takes === (then !== undefined && holdsPlace(then))) return [];
    return [{ provider, service, prescription, takes, because }];
  });
}

/** Of facts that were just added, the last word about each prescription. */
export function placesMovedBy(
  history: readonly ReferralFact[],
  added: readonly ReferralFact[],
): PlaceHeld[] {
  let state = history.reduce<ReferralState>(evolve, null);
  const moved = new Map<PrescriptionId, PlaceHeld>();
  for (const fact of added) {
    const after = evolve(state, fact);
    for (const move of placesMoved(state, after, fact.id)) moved.set(move.prescription, move);
    state = after;
  }
  return [...moved.values()];
}
