import type { RecordedFact } from '#event-log';
import type { Value } from '#projection';
import type { ReferralEvent } from '../domain/events.js';

type Fact = RecordedFact<ReferralEvent>;

/** What one fact sealed, with what the people library needs to open it. */
export interface SealedIdentity {
  readonly event: string;
  readonly type: string;
  readonly person: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Who a referral is about, sealed, as JSON: as it was brought, and every amendment of that. Which
 * of them holds follows from the corrections, and may change with the next one.
 */
export function identityAfter(before: Value | undefined, fact: Fact): string {
  if (before === undefined) return JSON.stringify([sealedIn(fact)]);
  const text = String(before);
  if (fact.type !== 'EntryCorrected') return text;
  const [brought, ...amendments] = sealedIdentities(text);
  const sealed = sealedIn(fact);
  if (fact.data.corrects !== brought?.event || sealed.person === '') return text;
  return JSON.stringify([brought, ...amendments, sealed]);
}

export function sealedIdentities(text: string): readonly SealedIdentity[] {
  return JSON.parse(text) as readonly SealedIdentity[];
}

function sealedIn({ id, type, sealed }: Fact): SealedIdentity {
  const [person = '', fields = {}] = Object.entries(sealed)[0] ?? [];
  return { event: id, type, person, fields };
}
