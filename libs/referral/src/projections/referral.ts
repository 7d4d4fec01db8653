import type { RecordedFact } from '#event-log';
import { packJson, unpackJson, type Projection } from '#projection';
import { referralEvents, type ReferralEvent } from '../domain/events.js';
import { evolve, initialState, statusOf, type ReferralState } from '../domain/state.js';

type Fact = RecordedFact<ReferralEvent>;

/** Each referral as it stands: its state and version, and who it is about as ciphertext. */
export const referral: Projection<Fact> = {
  name: 'referral',
  version: 2,
  whenBroken: 'park',
  applies: Object.keys(referralEvents) as ReferralEvent['type'][],
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
        /** The sealed fields of `Referred` with what opens them, as JSON. */
        identity: 'text',
      },
      key: ['referral'],
      indexes: [['anchor']],
    },
  ],
  reduce(fact, rows) {
    const id = fact.stream.slice('referral-'.length);
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
      identity: before?.['identity'] ?? identityOf(fact),
    });
  },
};

function stateOf(text: string | bigint | null): ReferralState {
  return unpackJson(text) as ReferralState;
}

/** What the people library needs to open the identity that a referral brought. */
export interface SealedIdentity {
  readonly event: string;
  readonly type: string;
  readonly person: string;
  readonly fields: Readonly<Record<string, string>>;
}

export function identityOf(fact: Fact): string {
  const [entry] = Object.entries(fact.sealed);
  const [person = '', fields = {}] = entry ?? [];
  const identity: SealedIdentity = { event: fact.id, type: fact.type, person, fields };
  return JSON.stringify(identity);
}
