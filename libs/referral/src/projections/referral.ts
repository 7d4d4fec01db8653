import { placeEvents, type PlaceEvent } from '#directory';
import type { RecordedFact } from '#event-log';
import { present, type ReferralId } from '#kernel';
import { Json, type Projection, type Row, type Rows } from '#projection';
import { referralEvents, type ReferralEvent } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import { initialState, statusOf, type Referral } from '../domain/state.js';
import { ASSIGNED_TABLE, CASELOAD_TABLE, reduceAssigned, reduceCaseload } from './caseload.js';
import { CLOCK_TABLE, reduceClocks } from './clocks.js';
import { identityAfter, type SealedIdentities } from './identity.js';
import { CAPACITY_TABLE, PLACE_TABLE, reducePlaceFact, reducePlaces } from './places.js';

type Fact = RecordedFact<ReferralEvent>;

const REFERRAL_TYPES = Object.keys(referralEvents) as ReferralEvent['type'][];

/**
 * Each referral as it stands: its state and version, and who it is about as ciphertext; with what
 * its link worker sees of it, what of it falls due, and the places that it holds or waits for.
 */
export const referral: Projection<Fact | RecordedFact<PlaceEvent>> = {
  name: 'referral',
  version: 5,
  whenBroken: 'park',
  applies: [...REFERRAL_TYPES, ...(Object.keys(placeEvents) as PlaceEvent['type'][])],
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
  byStream: {
    types: REFERRAL_TYPES,
    first: 'Referred',
    // Of its streams no fact is of a place.
    reduce: (facts, rows) => {
      reduceFacts(facts as readonly Fact[], rows);
    },
  },
  reduce(fact, rows) {
    if (isPlaceFact(fact)) reducePlaceFact(fact, rows);
    else reduceFacts([fact], rows);
  },
};

/** Some facts of one referral, none left out in between. */
function reduceFacts(facts: readonly Fact[], rows: Rows): void {
  const [first] = facts;
  const last = facts.at(-1);
  if (first === undefined || last === undefined) return;
  const id = first.stream.slice('referral-'.length) as ReferralId; // Named after it.
  const known = first.version === 0 ? undefined : rows.get('referral', id);
  const before = known === undefined ? initialState : (valueIn(known, 'state') as Referral);
  let identity = known && (valueIn(known, 'identity') as SealedIdentities);
  let state = before;
  for (const fact of facts) {
    const after = evolve(state, fact);
    if (after === null) throw new Error(`${fact.type} before the referral was received`);
    identity = identityAfter(identity, fact);
    reduceAssigned(fact, id, rows);
    reducePlaces(fact, id, state, after, rows);
    state = after;
  }
  const after = present(state, 'a fact that was applied leaves a referral');
  const row = {
    referral: id,
    version: BigInt(last.version),
    anchor: after.anchor,
    status: statusOf(after),
    state: Json.of(after),
    identity: Json.of(identity),
  };
  // Few are heard of again after that.
  if (after.endedOn === undefined) rows.put('referral', row);
  else rows.settle('referral', row);
  reduceCaseload(last, id, after, rows);
  reduceClocks(id, before, after, rows);
}

function isPlaceFact(fact: Fact | RecordedFact<PlaceEvent>): fact is RecordedFact<PlaceEvent> {
  return Object.hasOwn(placeEvents, fact.type);
}

/** As the last fact left it. */
function valueIn(row: Row, column: 'state' | 'identity'): unknown {
  return (row[column] as Json).value; // By the table's definition.
}
