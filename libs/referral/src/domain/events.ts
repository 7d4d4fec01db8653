import type { EventOf, Fact } from '#kernel';
import { pathwayEvents } from './events-pathway.js';
import { prescriptionEvents } from './events-prescription.js';
import { supportEvents } from './events-support.js';

/**
 * The facts of a referral as they lie in the log: storage formats, changed only by a new version
 * with an upcaster and a golden file. `protectedData` is encrypted under the person's key. The day
 * of a fact is its metadata's `occurredOn`.
 */
export const referralEvents = {
  ...pathwayEvents,
  ...supportEvents,
  ...prescriptionEvents,
} as const;

export type ReferralEvent = EventOf<typeof referralEvents>;
export type ReferralEventOf<T extends ReferralEvent['type']> = Extract<ReferralEvent, { type: T }>;
export type ReferralFact = Fact<ReferralEvent>;
export type ReferralFactOf<T extends ReferralEvent['type']> = Extract<ReferralFact, { type: T }>;
