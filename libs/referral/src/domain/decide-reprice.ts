import { refuse, type CivilDate, type PrescriptionId, type Slug } from '#kernel';
import type { Data, Decided } from './rules.js';
import { isLive, type Prescription, type ReferralState } from './state.js';

/** An agreement whose later terms still reach a prescription, and the version that it has. */
export interface Followed {
  readonly agreement: Slug;
  readonly version: number;
  readonly prescribedOn: CivilDate;
}

/** `null` where later terms change nothing. */
export function followedBy(state: ReferralState, prescription: PrescriptionId): Followed | null {
  const found = state?.prescriptions.find((given) => given.prescription === prescription);
  return found === undefined || !isLive(found) ? null : followed(found);
}

function followed({ priced, repriced, prescribedOn }: Prescription): Followed | null {
  if (priced?.terms.priceBasis !== 'at-delivery') return null;
  const version = Math.max(priced.version, ...repriced.map((later) => later.version));
  return { agreement: priced.agreement, version, prescribedOn };
}

/**
 * Later terms reach what is still to be delivered, each version once: not what has ended, nor what
 * was priced when it was prescribed, nor what has these terms or later ones.
 */
export function reprice(state: ReferralState, data: Data<'PrescriptionRepriced'>): Decided {
  if (state === null) return refuse('no-such-referral', 'There is no such referral.');
  const known = followedBy(state, data.prescription);
  if (known === null || known.agreement !== data.agreement) return [];
  return known.version >= data.version ? [] : [{ type: 'PrescriptionRepriced', data }];
}
