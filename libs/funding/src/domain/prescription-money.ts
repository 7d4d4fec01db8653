import type { Pence, PrescriptionId, Slug } from '#kernel';
import type { Priced, ReferralFactOf } from '#referral';

/** The money of one priced prescription so far: what its next fact posts follows from it. */
export interface PrescriptionMoney {
  readonly prescription: PrescriptionId;
  readonly anchor: Slug;
  readonly provider: Slug;
  readonly planned: number;
  readonly priced: Priced;
  /** Still committed, by component, in the order of the terms. */
  readonly committed: readonly { readonly component: Slug; readonly amount: Pence }[];
  readonly attended: number;
  readonly feesPaid: number;
  readonly ended: boolean;
}

/** The priced prescriptions of one referral. */
export type ReferralMoney = Readonly<Record<PrescriptionId, PrescriptionMoney>>;

export const noMoney: ReferralMoney = {};

/** `null` for a free service. */
export function newMoney({
  data,
  metadata,
}: ReferralFactOf<'Prescribed'>): PrescriptionMoney | null {
  const { prescription, provider, priced, plannedSessions: planned = 0 } = data;
  if (priced === undefined) return null;
  return {
    prescription,
    anchor: metadata.anchor as Slug, // A referral's facts all name the anchor it is with.
    provider,
    planned,
    priced,
    committed: priced.commitment.components,
    attended: 0,
    feesPaid: 0,
    ended: false,
  };
}
