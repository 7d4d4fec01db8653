import type {
  CivilDate,
  CommandMeta,
  EventId,
  PrescriptionId,
  ReferralId,
  Refusal,
  Slug,
} from '#kernel';
import type { ReferralFact } from '../domain/events.js';
import type { Priced, Reservation } from '../domain/terms.js';

/** The token under which the money side is wired in. */
export const RESERVATIONS = Symbol('Reservations');

export interface QuoteWanted {
  readonly anchor: Slug;
  readonly provider: Slug;
  readonly service: Slug;
  readonly agreement: Slug;
  readonly fund: Slug;
  readonly year: number;
  readonly pot: Slug;
  readonly on: CivilDate;
}

/**
 * What this slice needs of the money, and the funding slice gives: two streams are never written in
 * one transaction, so a prescription is reserved first and written after.
 */
export interface Reservations {
  /** The terms in force on the day and the pot they would be paid from, or why there are none. */
  quote(wanted: QuoteWanted): Promise<Omit<Priced, 'commitment'> | Refusal>;
  /**
   * Sets the whole commitment aside; the same command again finds its reservation.
   * @throws CommandRefused when the pot holds less than that; says what is free
   */
  reserve(
    meta: CommandMeta,
    anchor: Slug,
    prescription: PrescriptionId,
    referral: ReferralId,
    reservation: Reservation,
  ): Promise<EventId>;
  /** Tells the budgets what facts of a referral moved in or out of their free money. */
  settle(history: readonly ReferralFact[], added: readonly ReferralFact[]): Promise<void>;
}
