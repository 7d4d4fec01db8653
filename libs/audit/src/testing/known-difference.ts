import type { Recorded } from './log.js';

const ENDS = ['DroppedOut', 'PrescriptionCompleted', 'PrescriptionCancelled'];
const CHANGES = ['Attended', 'Missed', 'OutcomeDetermined', 'OutcomeLapsed', 'EntryCorrected'];

/**
 * Whether an end is voided, or its void is, after something else was recorded of the referral.
 * Ledger and auditor then agree on every balance of now, and not on the days: see
 * `revived.spec.ts`.
 */
export function revivesWhatWasCorrected(history: readonly Recorded[]): boolean {
  const placeOf = new Map<string, number>(history.map(({ id }, place) => [id, place]));
  /** The fact that is corrected in the end, through corrections of corrections. */
  const rootOf = (place: number): number => {
    const fact = history[place];
    if (fact?.type !== 'EntryCorrected') return place;
    return rootOf(placeOf.get(fact.data.corrects) ?? place);
  };
  return history.some((fact, at) => {
    const end = rootOf(at);
    if (end === at || !ENDS.includes(history[end]?.type ?? '')) return false;
    return history.some(
      ({ type, stream }, place) =>
        place > end &&
        place < at &&
        stream === fact.stream &&
        CHANGES.includes(type) &&
        rootOf(place) !== end,
    );
  });
}
