import type { RecordedFact } from '#event-log';
import type { Projection } from '#projection';
import { referralEvents, type ReferralEvent } from '#referral';
import { fundingEvents, type FundingEvent } from '../domain/events.js';

/**
 * When what was learned: for each anchor, how far in the log it knew at which moment. A fact is
 * known from the latest recorded time at or before it in the log, so that clocks that disagree
 * cannot make anybody forget.
 */
export const learned: Projection<RecordedFact<ReferralEvent> | RecordedFact<FundingEvent>> = {
  name: 'learned',
  version: 1,
  whenBroken: 'stop',
  applies: [
    ...(Object.keys(referralEvents) as ReferralEvent['type'][]),
    ...(Object.keys(fundingEvents) as FundingEvent['type'][]),
  ],
  tables: [
    {
      name: 'learned',
      columns: {
        anchor: 'text',
        known_at: 'text',
        /** The last one known by then. */
        position: 'integer',
      },
      key: ['anchor', 'known_at'],
      indexes: [['position']],
    },
    { name: 'newest', columns: { anchor: 'text', known_at: 'text' }, key: ['anchor'] },
  ],
  reduce({ metadata, position }, rows) {
    const { anchor, recordedAt } = metadata;
    if (anchor === undefined) return;
    const newest = rows.get('newest', anchor)?.['known_at'];
    const isLater = typeof newest !== 'string' || recordedAt > newest;
    const knownAt = isLater ? recordedAt : newest;
    if (isLater) rows.put('newest', { anchor, known_at: knownAt });
    rows.put('learned', { anchor, known_at: knownAt, position });
  },
};
