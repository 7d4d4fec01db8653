import type { CivilDate, EventId, PrescriptionId, Slug } from '#kernel';
import type { ReferralFact, ReferralFactOf, Terms } from '#referral';

export type PrescribedFact = ReferralFactOf<'Prescribed'>;
export type Session = ReferralFactOf<'Attended' | 'Missed'>;
type Status =
  | 'completed'
  | 'dropped-out'
  | 'declined'
  | 'cancelled'
  | 'lapsed'
  /** Another prescription took its place. */
  | 'continued';

/** A fact that ends something, and on which day. */
export interface Record {
  readonly by: EventId;
  readonly day: CivilDate;
  /** Its place among the facts of the referral: what was recorded first comes first. */
  readonly place: number;
}

/** What happened to one prescription, in the order in which it was recorded. */
export interface Story {
  readonly prescribed: PrescribedFact;
  readonly sessions: readonly (Record & { readonly fact: Session })[];
  /** The first that counts. */
  readonly end?: Record & { readonly status: Status };
  readonly repriced: readonly (Record & { readonly terms: Terms })[];
  /** By component: when it was first met, and when its time was over. */
  readonly met: ReadonlyMap<Slug, Record>;
  readonly lapsed: ReadonlyMap<Slug, Record>;
}

/** `facts` are those of one referral, already rewritten by what corrects them. */
export function storyOf(facts: readonly ReferralFact[], prescribed: PrescribedFact): Story {
  const { prescription } = prescribed.data;
  const sessions: (Record & { fact: Session })[] = [];
  const repriced: (Record & { terms: Terms })[] = [];
  const met = new Map<Slug, Record>();
  const lapsed = new Map<Slug, Record>();
  let end: Story['end'];
  const start = facts.indexOf(prescribed);
  for (const [place, fact] of facts.entries()) {
    if (place <= start) continue;
    const record = { by: fact.id, day: fact.metadata.occurredOn, place };
    const status = endOf(fact, prescription);
    if (status !== undefined) {
      end ??= { ...record, status };
      continue;
    }
    if (!('prescription' in fact.data) || fact.data.prescription !== prescription) continue;
    if (fact.type === 'Attended' || fact.type === 'Missed') sessions.push({ ...record, fact });
    if (fact.type === 'PrescriptionRepriced') {
      repriced.push({ ...record, day: fact.data.from, terms: fact.data.terms });
    }
    if (fact.type === 'OutcomeDetermined' && fact.data.met && !met.has(fact.data.component)) {
      met.set(fact.data.component, record);
    }
    if (fact.type === 'OutcomeLapsed' && !lapsed.has(fact.data.component)) {
      lapsed.set(fact.data.component, { ...record, day: fact.data.windowEnd });
    }
  }
  return { prescribed, sessions, ...(end && { end }), repriced, met, lapsed };
}

function endOf(fact: ReferralFact, prescription: PrescriptionId): Status | undefined {
  switch (fact.type) {
    case 'DroppedOut': {
      const { data } = fact;
      const mine = data.scope === 'referral' || data.prescription === prescription;
      return mine ? 'dropped-out' : undefined;
    }
    case 'Prescribed':
      return fact.data.continues === prescription ? 'continued' : undefined;
    case 'PrescriptionCompleted':
      return fact.data.prescription === prescription ? 'completed' : undefined;
    case 'PrescriptionCancelled':
      return fact.data.prescription === prescription ? 'cancelled' : undefined;
    case 'PrescriptionDeclined':
      return fact.data.prescription === prescription ? 'declined' : undefined;
    case 'PlaceLapsed':
      return fact.data.prescription === prescription ? 'lapsed' : undefined;
    default:
      return undefined;
  }
}
