import type { CivilDate, EventId, Instant, ReferralId } from '#kernel';
import { referralStream, sentenceOf, type ReferralFact } from '#referral';
import type { Wayledger } from '#engine';
import { FACTS_BETWEEN_MAX } from '../limits.js';

export interface FactBetween {
  readonly event: EventId;
  readonly type: string;
  readonly version: number;
  readonly occurredOn: CivilDate;
  readonly recordedAt: Instant;
  readonly sentence: string;
}

/** What was recorded of a referral after a version, the newest of it; `null`: there is none. */
export async function factsBetween(
  { log, codec }: Pick<Wayledger, 'log' | 'codec'>,
  referral: ReferralId,
  after: number,
): Promise<{ readonly version: number | null; readonly between: readonly FactBetween[] }> {
  const between: FactBetween[] = [];
  let version: number | null = null;
  const stream = referralStream(referral);
  const newest = { backwards: true, max: FACTS_BETWEEN_MAX } as const;
  for await (const stored of log.readStream(stream, newest)) {
    version ??= stored.version;
    if (stored.version <= after) break;
    // The catalogue of the whole log is wider than a referral's.
    const fact = codec.decode(stored) as unknown as ReferralFact;
    const { occurredOn, recordedAt } = fact.metadata;
    between.unshift({
      ...{ event: fact.id, type: fact.type, version: stored.version },
      ...{ occurredOn, recordedAt, sentence: sentenceOf(fact) },
    });
  }
  return { version, between };
}
