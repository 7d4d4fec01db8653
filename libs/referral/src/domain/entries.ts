import type { CivilDate, EventId } from '#kernel';
import type { ReferralEventOf } from './events.js';

type CorrectionData = ReferralEventOf<'EntryCorrected'>['data'];
export type Amended = NonNullable<CorrectionData['amended']>;

/** That an earlier fact was not so (`void`), or was otherwise (`amend`). */
export interface Correction {
  readonly event: EventId;
  readonly corrects: EventId;
  readonly kind: CorrectionData['kind'];
  readonly amended?: Amended;
}

/** What is kept of a fact that can be corrected: as it was recorded, under the fact's id. */
export interface Entry {
  readonly event: EventId;
  readonly on: CivilDate;
}

/** The correction of a fact that holds now: one that is itself voided no longer does. */
export function standing(
  corrections: readonly Correction[],
  event: EventId,
): Correction | undefined {
  return corrections.find(
    (correction) =>
      correction.corrects === event && standing(corrections, correction.event) === undefined,
  );
}

/** The entries as they are now taken to have been, in the order in which they were recorded. */
export function effective<E extends Entry>(
  entries: readonly E[],
  corrections: readonly Correction[],
  amend: (entry: E, amended: Amended) => E,
): readonly E[] {
  if (corrections.length === 0) return entries;
  return entries.flatMap((entry) => {
    const correction = standing(corrections, entry.event);
    if (correction === undefined) return [entry];
    if (correction.kind === 'void') return [];
    return [amend(entry, correction.amended ?? {})];
  });
}
