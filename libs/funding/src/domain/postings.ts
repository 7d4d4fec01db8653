import type { CivilDate, EventId, PrescriptionId, Slug } from '#kernel';
import type { Line } from './accounts.js';

/** Why an entry was made: with the event's id and the line's number, an entry's key. */
export const RULES = [
  'fund-received',
  'budget-allocated',
  'prescribed',
  'trigger-prescribed',
  'attended',
  'attended-late',
  'nth-attendance',
  'missed',
  'missed-late',
  'completed',
  'trigger-completed',
  'dropped-out',
  'drop-out-minimum',
  'declined',
  'cancelled',
  'lapsed',
  'continued',
  'outcome-met',
  'outcome-lapsed',
  'repriced',
  'corrected',
  'budget-changed',
  'virement',
  'recalled',
  'capacity-awarded',
  'milestone-evidenced',
  'training-bought',
  'opening-balance',
] as const;
export type Rule = (typeof RULES)[number];

/** What one rule makes of one event: each set of its lines sums to zero. */
export interface Entry {
  readonly rule: Rule;
  readonly lines: readonly Line[];
  readonly prescription?: PrescriptionId;
  readonly agreement?: { readonly agreement: Slug; readonly version: number };
  /** The day it is about, where that is not the fact's own. */
  readonly on?: CivilDate;
  /** The record whose pay it changed. */
  readonly corrects?: EventId;
}
