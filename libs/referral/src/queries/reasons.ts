import {
  isSlug,
  type EventId,
  type JsonValue,
  type PersonId,
  type ReferralId,
  type Slug,
} from '#kernel';
import type { EventLog, StoredEvent } from '#event-log';
import { SealBroken, open, type KeyStore } from '#people';
import { referralStream } from '../commands/referrals.js';
import { NO_REASON_GIVEN } from '../domain/scheme.js';

/** Why people stopped. Every reason is in one of the numbers. */
export interface ReasonCounts {
  /** By code, the most frequent first. */
  readonly codes: readonly { readonly code: Slug; readonly count: number }[];
  /** Nobody must give one. */
  readonly notStated: number;
  /** Said in words: they are the person's, and never shown in a count. */
  readonly inWords: number;
  /** Of people who were erased. */
  readonly erased: number;
  /** Sealed under a key that is not there, or damaged. */
  readonly unreadable: number;
}

type Reason = { readonly code: Slug } | Exclude<keyof ReasonCounts, 'codes'>;

/** Opens the reasons that facts carry sealed, at the moment they are counted. */
export class ReasonReader {
  constructor(
    private readonly log: Pick<EventLog, 'readStream'>,
    private readonly keys: KeyStore,
  ) {}

  /** Of these facts, by the referral that they are of. */
  async counts(facts: ReadonlyMap<ReferralId, readonly EventId[]>): Promise<ReasonCounts> {
    const reasons: Reason[] = [];
    for (const [referral, events] of facts) {
      for await (const stored of this.log.readStream(referralStream(referral))) {
        if (events.includes(stored.id)) reasons.push(await this.reasonOf(stored));
      }
    }
    const count = (kind: Reason) => reasons.filter((reason) => reason === kind).length;
    return {
      codes: byFrequency(
        reasons.flatMap((reason) => (typeof reason === 'string' ? [] : reason.code)),
      ),
      notStated: count('notStated'),
      inWords: count('inWords'),
      erased: count('erased'),
      unreadable: count('unreadable'),
    };
  }

  private async reasonOf({ id, type, protected: text }: StoredEvent): Promise<Reason> {
    const people = JSON.parse(text) as Record<PersonId, Record<string, string>>;
    for (const [person, { reason }] of Object.entries(people)) {
      if (reason === undefined) continue;
      try {
        const place = { person: person as PersonId, event: id, type };
        const opened = await open(this.keys, place, { reason });
        return opened === 'erased' ? opened : kindOf(opened['reason']);
      } catch (error) {
        if (error instanceof SealBroken) return 'unreadable';
        throw error;
      }
    }
    return 'notStated';
  }
}

function kindOf(reason: JsonValue | undefined): Reason {
  if (reason === NO_REASON_GIVEN) return 'notStated';
  return typeof reason === 'string' && isSlug(reason) ? { code: reason } : 'inWords';
}

function byFrequency(codes: readonly Slug[]): ReasonCounts['codes'] {
  const counted = new Map<Slug, number>();
  for (const code of codes) counted.set(code, (counted.get(code) ?? 0) + 1);
  return [...counted]
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}
