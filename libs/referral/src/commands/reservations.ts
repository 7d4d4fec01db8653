import type {
  CivilDate,
  CommandMeta,
  EventId,
  Id,
  Instant,
  PrescriptionId,
  ReferralId,
  Refusal,
  Slug,
} from '#kernel';
import type { ReferralFact } from '../domain/events.js';
import type { Priced, Reservation, Terms } from '../domain/terms.js';

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

/** Money that was set aside, and the fact that says so. */
export interface Reserved {
  readonly because: EventId;
  readonly prescription: PrescriptionId;
  readonly reservation: Reservation;
}

/** One version of an agreement's terms, and the fact that gave it. */
export interface TermsVersion {
  readonly version: number;
  readonly from: CivilDate;
  readonly terms: Terms;
  readonly because: EventId;
  readonly recordedAt: Instant;
  readonly correlationId: Id<'correlation'>;
}

/**
 * What this slice needs of the money, and the funding slice gives: two streams are never written in
 * one transaction, so a prescription is reserved first and written after.
 */
export interface Reservations {
  /** The terms in force on the day and the pot they would be paid from, or why there are none. */
  quote(wanted: QuoteWanted): Promise<Omit<Priced, 'commitment'> | Refusal>;
  /** The versions of an agreement after one that is known, in their order. */
  laterTerms(anchor: Slug, agreement: Slug, version: number): Promise<readonly TermsVersion[]>;
  /**
   * Sets aside what the facts to be written would draw from the budgets; the same command again
   * finds its reservations. What facts draw without asking (they happened) is not reserved.
   * @throws CommandRefused when a pot holds less than that (it says what is free), or when the same
   *   command asked for another amount before; then nothing new is held
   */
  reserve(
    meta: CommandMeta,
    referral: ReferralId,
    history: readonly ReferralFact[],
    toBeWritten: readonly ReferralFact[],
  ): Promise<readonly Reserved[]>;
  /** Tells the budgets what facts of a referral moved in or out of their free money. */
  settle(history: readonly ReferralFact[], added: readonly ReferralFact[]): Promise<void>;
}
