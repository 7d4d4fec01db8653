import { placeEvents, type PlaceEvent } from '#directory';
import type { RecordedFact } from '#event-log';
import type { ReferralId } from '#kernel';
import { packJson, unpackJson, type Projection } from '#projection';
import { referralEvents, type ReferralEvent } from '../domain/events.js';
import { evolve } from '../domain/evolve.js';
import { initialState, statusOf, type ReferralState } from '../domain/state.js';
import { CLOCK_TABLE, reduceClocks } from './clocks.js';
import { identityAfter } from './identity.js';
import { CAPACITY_TABLE, PLACE_TABLE, reducePlaceFact, reducePlaces } from './places.js';

type Fact = RecordedFact<ReferralEvent>;

/**
 * Each referral as it stands: its state and version, and who it is about as ciphertext; with what
 * of it falls due, and the places that it holds or waits for.
 */
export const referral: Projection<Fact | RecordedFact<PlaceEvent>> = {
  name: 'referral',
  version: 3,
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
        /** The folded state, as JSON. */
        state: 'text',
        /** Who it is about, sealed. */
        identity: 'text',
      },
      key: ['referral'],
      indexes: [['anchor']],
    },
    CLOCK_TABLE,
    CAPACITY_TABLE,
    PLACE_TABLE,
  ],
  reduce(fact, rows) {
    if (isPlaceFact(fact)) {
      reducePlaceFact(fact, rows);
      return;
    }
    const id = fact.stream.slice('referral-'.length) as ReferralId; // Named after it.
    const before = rows.get('referral', id);
    const state = before === undefined ? initialState : stateOf(before['state'] ?? null);
    const after = evolve(state, fact);
    if (after === null) throw new Error(`${fact.type} before the referral was received`);
    rows.put('referral', {
      referral: id,
      version: BigInt(fact.version),
      anchor: after.anchor,
      status: statusOf(after),
      state: packJson(after),
      identity: identityAfter(before?.['identity'], fact),
    });
    reduceClocks(id, state, after, rows);
    reducePlaces(fact, id, state, after, rows);
  },
};

function isPlaceFact(fact: Fact | RecordedFact<PlaceEvent>): fact is RecordedFact<PlaceEvent> {
  return Object.hasOwn(placeEvents, fact.type);
}

function stateOf(text: string | bigint | null): ReferralState {
  return unpackJson(text) as ReferralState;
}
