import type { ReferralFact, ReferralFactOf } from '#referral';

type Amended = NonNullable<ReferralFactOf<'EntryCorrected'>['data']['amended']>;

/**
 * A referral's facts as they would have been written if everything had been known at once. A
 * correction names only what is older, so from the newest back each is known to stand or not.
 */
export function rewritten(facts: readonly ReferralFact[]): readonly ReferralFact[] {
  const gone = new Set<string>();
  const changed = new Map<string, Amended>();
  for (const fact of [...facts].reverse()) {
    if (fact.type !== 'EntryCorrected' || gone.has(fact.id)) continue;
    const { corrects, kind, amended } = fact.data;
    if (kind === 'void') gone.add(corrects);
    else changed.set(corrects, amended ?? {});
  }
  if (gone.size === 0 && changed.size === 0) return facts;
  return facts
    .filter(({ id }) => !gone.has(id))
    .map((fact) => {
      const amended = changed.get(fact.id);
      return amended === undefined ? fact : withAmended(fact, amended);
    });
}

function withAmended(fact: ReferralFact, { on, number, class: why, met }: Amended): ReferralFact {
  const metadata = { ...fact.metadata, ...(on && { occurredOn: on }) };
  switch (fact.type) {
    case 'Attended':
      return { ...fact, metadata, data: { ...fact.data, number: number ?? fact.data.number } };
    case 'Missed': {
      const data = { ...fact.data, number: number ?? fact.data.number };
      return { ...fact, metadata, data: { ...data, class: why ?? data.class } };
    }
    case 'OutcomeDetermined':
      return { ...fact, data: { ...fact.data, met: met ?? fact.data.met } };
    default:
      // What else can be amended moves no money.
      return fact;
  }
}
