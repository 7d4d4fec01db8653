import { placeEvents, type PlaceEvent } from '#directory';
import type { RecordedFact } from '#event-log';
import type { ReferralId } from '#kernel';
import { Json, type Projection, type Row } from '#projection';
import { referralEvents, type ReferralEvent } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import { initialState, statusOf, type Referral } from '../domain/state.js';
import { ASSIGNED_TABLE, CASELOAD_TABLE, reduceCaseload } from './caseload.js';
import { CLOCK_TABLE, reduceClocks } from './clocks.js';
import { identityAfter, type SealedIdentities } from './identity.js';
import { CAPACITY_TABLE, PLACE_TABLE, reducePlaceFact, reducePlaces } from './places.js';

type Fact = RecordedFact<ReferralEvent>;

/**
 * Each referral as it stands: its state and version, and who it is about as ciphertext; with what
 * its link worker sees of it, what of it falls due, and the places that it holds or waits for.
 */
export const referral: Projection<Fact | RecordedFact<PlaceEvent>> = {
  name: 'referral',
  version: 5,
  whenBroken: 'park',
  applies: [
    ...(Object.keys(referralEvents) as ReferralEvent['type'][]),
    ...(Object.keys(placeEvents) as PlaceEvent['type'][]),
  ],
  tables: [
    {
      name: 'referral',
      columns: {
        referral: 'text',
        version: 'integer',
        anchor: 'text',
        status: 'text',
        /** The folded state. */
        state: 'json',
        /** Who it is about, sealed. */
        identity: 'json',
      },
      key: ['referral'],
      indexes: [['anchor', 'referral']],
    },
    CASELOAD_TABLE,
    ASSIGNED_TABLE,
    CLOCK_TABLE,
    CAPACITY_TABLE,
    PLACE_TABLE,
  ],
  looksAt(fact) {
    // Nothing is known of a referral before its first fact.
    if (isPlaceFact(fact) || fact.version === 0) return [];
    return [['referral', fact.stream.slice('referral-'.length)]];
  },
  reduce(fact, rows) {
    if (isPlaceFact(fact)) {
      reducePlaceFact(fact, rows);
      return;
    }
    const id = fact.stream.slice('referral-'.length) as ReferralId; // Named after it.
    const before = fact.version === 0 ? undefined : rows.get('referral', id);
    const state = before === undefined ? initialState : (valueIn(before, 'state') as Referral);
    const after = evolve(state, fact);
    if (after === null) throw new Error(`${fact.type} before the referral was received`);
    const known = before && (valueIn(before, 'identity') as SealedIdentities);
    const row = {
      referral: id,
      version: BigInt(fact.version),
      anchor: after.anchor,
      status: statusOf(after),
      state: Json.of(after),
      identity: Json.of(identityAfter(known, fact)),
    };
    // Few are heard of again after that.
    if (after.endedOn === undefined) rows.put('referral', row);
    else rows.settle('referral', row);
    reduceCaseload(fact, id, after, rows);
    reduceClocks(id, state, after, rows);
    reducePlaces(fact, id, state, after, rows);
  },
};

function isPlaceFact(fact: Fact | RecordedFact<PlaceEvent>): fact is RecordedFact<PlaceEvent> {
  return Object.hasOwn(placeEvents, fact.type);
}

/** As the last fact left it. */
function valueIn(row: Row, column: 'state' | 'identity'): unknown {
  return (row[column] as Json).value; // By the table's definition.
}
