import { directoryEvents, placeEvents, type DirectoryEvent, type PlaceEvent } from '#directory';
import type { RecordedFact } from '#event-log';
import type { Projection } from '#projection';
import { referralEvents, type ReferralEvent } from '#referral';
import { fundingEvents, type FundingEvent } from '../domain/events.js';

/** Whose facts belong to no anchor: the directory's. No slug is empty. */
const NO_ANCHOR = '';

type Learned = ReferralEvent | FundingEvent | DirectoryEvent | PlaceEvent;

/**
 * When what was learned: for each anchor, how far in the log it knew at which moment. A fact is
 * known from the latest recorded time at or before it in the log, so that clocks that disagree
 * cannot make anybody forget.
 */
export const learned: Projection<RecordedFact<Learned>> = {
  name: 'learned',
  version: 2,
  whenBroken: 'stop',
  applies: [
    ...(Object.keys(referralEvents) as ReferralEvent['type'][]),
    ...(Object.keys(fundingEvents) as FundingEvent['type'][]),
    ...(Object.keys(directoryEvents) as DirectoryEvent['type'][]),
    ...(Object.keys(placeEvents) as PlaceEvent['type'][]),
  ],
  tables: [
    {
      name: 'learned',
      columns: {
        anchor: 'text',
        known_at: 'text',
        /** From here on in the log it was that late. */
        since: 'integer',
        /** The last one known by then. */
        position: 'integer',
      },
      key: ['anchor', 'known_at'],
      indexes: [['since']],
    },
    { name: 'newest', columns: { anchor: 'text', known_at: 'text' }, key: ['anchor'] },
  ],
  reduce({ metadata, position }, rows) {
    const { anchor = NO_ANCHOR, recordedAt } = metadata;
    const newest = rows.get('newest', anchor)?.['known_at'];
    const isLater = typeof newest !== 'string' || recordedAt > newest;
    const knownAt = isLater ? recordedAt : newest;
    if (isLater) rows.put('newest', { anchor, known_at: knownAt });
    const since = isLater
      ? position
      : (rows.get('learned', anchor, knownAt)?.['since'] ?? position);
    rows.put('learned', { anchor, known_at: knownAt, since, position });
  },
};
