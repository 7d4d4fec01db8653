import { directoryEvents, placeEvents, type DirectoryEvent, type PlaceEvent } from '#directory';
import { dayOf } from '#kernel';
import type { Position, RecordedFact } from '#event-log';
import type { Projection, Rows } from '#projection';
import { referralEvents, type ReferralEvent } from '#referral';
import { fundingEvents, type FundingEvent } from '../domain/events.js';

/** Whose facts belong to no anchor: the directory's. No slug is empty. */
const NO_ANCHOR = '';

type Learned = RecordedFact<ReferralEvent | FundingEvent | DirectoryEvent | PlaceEvent>;

const REFERRAL_TYPES = Object.keys(referralEvents) as ReferralEvent['type'][];

/**
 * What was recorded when: for each anchor and day, where in the log that begins and ends. It is the
 * same in whatever order the facts are gone through; at which moment of a day a fact was recorded,
 * the log itself says.
 */
export const learned: Projection<Learned> = {
  name: 'learned',
  version: 4,
  whenBroken: 'stop',
  applies: [
    ...REFERRAL_TYPES,
    ...(Object.keys(fundingEvents) as FundingEvent['type'][]),
    ...(Object.keys(directoryEvents) as DirectoryEvent['type'][]),
    ...(Object.keys(placeEvents) as PlaceEvent['type'][]),
  ],
  tables: [
    {
      name: 'learned',
      columns: {
        anchor: 'text',
        /** In London, as people there ask what was known by the end of it. */
        day: 'text',
        /** The first place in the log of what was recorded on it, and the last. */
        since: 'integer',
        until: 'integer',
      },
      key: ['anchor', 'day'],
    },
  ],
  looksAt: (fact) => [['learned', ...keyOf(fact)]],
  byStream: {
    types: REFERRAL_TYPES,
    first: 'Referred',
    sharesRows: true,
    // All facts of a referral are of one anchor, and a few of each day.
    reduce(facts, rows) {
      const days = Map.groupBy(facts, ({ metadata }) => dayOf(metadata.recordedAt));
      for (const recorded of days.values()) reduceDay(recorded, rows);
    },
  },
  reduce(fact, rows) {
    reduceDay([fact], rows);
  },
};

/** Some facts of an anchor that were recorded on one day, in the order of the log. */
function reduceDay(facts: readonly Learned[], rows: Rows): void {
  const [first, last] = [facts[0], facts.at(-1)];
  if (first === undefined || last === undefined) return;
  const [anchor, day] = keyOf(first);
  const known = rows.get('learned', anchor, day) as Known | undefined; // By the table's definition.
  if (known !== undefined && known.since <= first.position && last.position <= known.until) return;
  rows.put('learned', {
    ...{ anchor, day },
    since: known === undefined || first.position < known.since ? first.position : known.since,
    until: known === undefined || last.position > known.until ? last.position : known.until,
  });
}

interface Known {
  readonly since: Position;
  readonly until: Position;
}

function keyOf({ metadata }: Learned): readonly [anchor: string, day: string] {
  return [metadata.anchor ?? NO_ANCHOR, dayOf(metadata.recordedAt)];
}
