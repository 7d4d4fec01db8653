import { addDays, daysBetween, type CivilDate, type EventId } from '#kernel';
import type { Amended } from '../entries.js';
import type { ReferralFact } from '../events.js';

/**
 * The facts as a careful hand would have written them in the first place, knowing every correction:
 * the newest correction is read first, so one that was voided is known to be before it is met.
 */
export function asCorrected(facts: readonly ReferralFact[]): readonly ReferralFact[] {
  const { voided, amended } = whatHolds(facts);
  const standing = facts
    .filter(({ id, type }) => type !== 'EntryCorrected' && !voided.has(id))
    .map((fact) => rewritten(fact, amended.get(fact.id) ?? {}));
  const first = standing.find(({ type }) => type === 'FirstContactMade' || type === 'ContactMade');
  const none = facts.findLast(({ id, type }) => type === 'FirstContactMade' && voided.has(id));
  if (first?.type !== 'ContactMade' || none === undefined) return standing;
  const { data } = rewritten(none, { on: first.metadata.occurredOn });
  return standing.map((fact) =>
    // As the fact it would have been: the first contact.
    fact === first
      ? ({ ...first, type: none.type, data: { ...data, ...first.data } } as never)
      : fact,
  );
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
  const data = { ...fact.data, ...clockOn(fact, metadata.occurredOn), ...values };
  return { ...fact, data, metadata } as ReferralFact;
}

/** The follow-up clock runs from the day of the first contact. */
function clockOn(fact: ReferralFact, on: CivilDate): { readonly followUpDueOn?: CivilDate } {
  if (fact.type !== 'FirstContactMade' || fact.data.followUpDueOn === undefined) return {};
  const days = daysBetween(fact.metadata.occurredOn, on);
  return { followUpDueOn: addDays(fact.data.followUpDueOn, days) };
}
