import type { RecordedFact } from '#event-log';
import type { Projection } from '#projection';
import { monthOf } from '#kernel';
import type { ReferralEventOf } from '../domain/events.js';

const TYPES = ['Referred', 'ReferralAccepted', 'ReferralDeclined', 'ReferralReopened'] as const;
type Fact = RecordedFact<ReferralEventOf<(typeof TYPES)[number]>>;

/** How each referral came, and whether it was taken up: what volumes are counted from. */
export const volumes: Projection<Fact> = {
  name: 'volumes',
  version: 1,
  whenBroken: 'park',
  applies: TYPES,
  tables: [
    {
      name: 'volumes',
      columns: {
        referral: 'text',
        anchor: 'text',
        /** The month in which it was received. */
        month: 'text',
        route: 'text',
        /** Empty where no organisation referred. */
        referrer: 'text',
        accepted: 'integer',
        declined: 'integer',
      },
      key: ['referral'],
      indexes: [['anchor', 'month']],
    },
  ],
  byStream: {
    types: TYPES,
    first: 'Referred',
    reduce(facts, rows) {
      for (const fact of facts) volumes.reduce(fact, rows);
    },
  },
  reduce(fact, rows) {
    const referral = fact.stream.slice('referral-'.length);
    if (fact.type === 'Referred') {
      const { anchor, route, referrer = '' } = fact.data;
      const month = monthOf(fact.metadata.occurredOn);
      const row = { referral, anchor, month, route, referrer, accepted: 0n, declined: 0n };
      rows.put('volumes', row);
      return;
    }
    const before = rows.get('volumes', referral);
    if (before === undefined) throw new Error(`${fact.type} before the referral was received`);
    // Who comes back after all has declined no more.
    if (fact.type === 'ReferralAccepted') rows.put('volumes', { ...before, accepted: 1n });
    else rows.put('volumes', { ...before, declined: fact.type === 'ReferralDeclined' ? 1n : 0n });
  },
};
