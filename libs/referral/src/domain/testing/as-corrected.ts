import type { EventId } from '#kernel';
import type { Amended } from '../entries.js';
import type { ReferralFact } from '../events.js';

/**
 * The facts as a careful hand would have written them in the first place, knowing every correction:
 * the newest correction is read first, so one that was voided is known to be before it is met.
 */
export function asCorrected(facts: readonly ReferralFact[]): readonly ReferralFact[] {
  const { voided, amended } = whatHolds(facts);
  return facts
    .filter(({ id, type }) => type !== 'EntryCorrected' && !voided.has(id))
    .map((fact) => rewritten(fact, amended.get(fact.id) ?? {}));
}

/** How many corrections of each event hold. */
export function correctionsThatHold(facts: readonly ReferralFact[]): ReadonlyMap<EventId, number> {
  return whatHolds(facts).count;
}

function whatHolds(facts: readonly ReferralFact[]) {
  const voided = new Set<EventId>();
  const amended = new Map<EventId, Amended>();
  const count = new Map<EventId, number>();
  for (const fact of [...facts].reverse()) {
    if (fact.type !== 'EntryCorrected' || voided.has(fact.id)) continue;
    const { corrects, kind, amended: values = {} } = fact.data;
    count.set(corrects, (count.get(corrects) ?? 0) + 1);
    if (kind === 'void') voided.add(corrects);
    else amended.set(corrects, values);
  }
  return { voided, amended, count };
}

function rewritten(fact: ReferralFact, { on, ...values }: Amended): ReferralFact {
  const metadata = on === undefined ? fact.metadata : { ...fact.metadata, occurredOn: on };
  // An amendment names only fields that the fact's own type has.
  return { ...fact, data: { ...fact.data, ...values }, metadata } as ReferralFact;
}
