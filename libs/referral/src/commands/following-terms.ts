import { deriveId, type CommandMeta, type Instant, type PrescriptionId, type Slug } from '#kernel';
import type { Followed } from '../domain/decide-reprice.js';
import type { ReferralFact } from '../domain/events.js';
import type { TermsVersion } from './reservations.js';

/**
 * It adds no knowledge: it is known from when the new terms were, but never before what the
 * referral heard already. It is of the day of the new terms, even one still to come, and never of
 * a day before the prescription.
 */
export function repricingMeta(
  { because, from, recordedAt, correlationId }: TermsVersion,
  prescription: PrescriptionId,
  anchor: Slug,
  { prescribedOn }: Followed,
  last: ReferralFact | undefined,
): CommandMeta {
  const heard = last?.metadata.recordedAt ?? recordedAt;
  return {
    commandId: deriveId<'command'>('reprice', because, prescription),
    correlationId,
    actor: { id: 'repricing', role: 'system', organisation: anchor },
    occurredOn: from > prescribedOn ? from : prescribedOn,
    recordedAt: later(recordedAt, heard),
    canonical: JSON.stringify({ reprice: because, prescription }),
  };
}

function later(one: Instant, other: Instant): Instant {
  return one > other ? one : other;
}
