import type { RecordedFact } from '#event-log';
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
 * Who a referral is about, sealed: as it was brought, and every amendment of that. Which of them
 * holds follows from the corrections, and may change with the next one. A fact that adds nothing
 * leaves the very list.
 */
export type SealedIdentities = readonly SealedIdentity[];

export function identityAfter(before: SealedIdentities | undefined, fact: Fact): SealedIdentities {
  if (before === undefined) return [sealedIn(fact)];
  if (fact.type !== 'EntryCorrected') return before;
  const [brought] = before;
  const sealed = sealedIn(fact);
  if (fact.data.corrects !== brought?.event || sealed.person === '') return before;
  return [...before, sealed];
}

function sealedIn({ id, type, sealed }: Fact): SealedIdentity {
  const [person = '', fields = {}] = Object.entries(sealed)[0] ?? [];
  return { event: id, type, person, fields };
}
