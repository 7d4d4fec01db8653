import { directoryEvents, placeEvents, type DirectoryEvent, type PlaceEvent } from '#directory';
import type { RecordedFact } from '#event-log';
import type { Projection } from '#projection';
import { referralEvents, type ReferralEvent } from '#referral';
import { fundingEvents, type FundingEvent } from '../domain/events.js';

/** Whose facts belong to no anchor: the directory's. No slug is empty. */
const NO_ANCHOR = '';

const columns = {
  anchor: 'text',
  known_at: 'text',
  /** From here on in the log it was that late. */
  since: 'integer',
  /** The last one known by then. */
  position: 'integer',
} as const;

type Learned = ReferralEvent | FundingEvent | DirectoryEvent | PlaceEvent;

/**
 * When what was learned: for each anchor, how far in the log it knew at which moment. A fact is
 * known from the latest recorded time at or before it in the log, so that clocks that disagree
 * cannot make anybody forget.
 */
export const learned: Projection<RecordedFact<Learned>> = {
  name: 'learned',
  version: 3,
  whenBroken: 'stop',
  metadataOnly: true,
  applies: [
    ...(Object.keys(referralEvents) as ReferralEvent['type'][]),
    ...(Object.keys(fundingEvents) as FundingEvent['type'][]),
    ...(Object.keys(directoryEvents) as DirectoryEvent['type'][]),
    ...(Object.keys(placeEvents) as PlaceEvent['type'][]),
  ],
  tables: [
    {
      /** The moments that are over: whatever is learned now belongs to a later one. */
      name: 'learned',
      columns,
      key: ['anchor', 'known_at'],
      indexes: [['anchor', 'since']],
      appendOnly: true,
    },
    { name: 'newest', columns, key: ['anchor'] },
  ],
  reduce({ metadata, position }, rows) {
    const { anchor = NO_ANCHOR, recordedAt } = metadata;
    const newest = rows.get('newest', anchor);
    if (newest === undefined || recordedAt > String(newest['known_at'])) {
      if (newest !== undefined) rows.add('learned', newest);
      rows.put('newest', { anchor, known_at: recordedAt, since: position, position });
    } else rows.put('newest', { ...newest, position });
  },
};
