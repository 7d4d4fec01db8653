import {
  inTheFuture,
  refuse,
  type Decision,
  type EventId,
  type Moment,
  type PrescriptionId,
  type ReferralId,
  type Refusal,
  type Slug,
} from '#kernel';
import type { PlaceEvent, PlaceFact } from './place-events.js';

/** What a place is of, and for whom. */
export interface Place {
  readonly provider: Slug;
  readonly service: Slug;
  readonly prescription: PrescriptionId;
  readonly referral: ReferralId;
}

/** One place that is taken. */
export interface Taken {
  readonly event: EventId;
  /** Past the capacity, on purpose. */
  readonly past: boolean;
}

/** The places of one service. */
export interface Places {
  /** None: no capacity was declared, and nothing is limited. */
  readonly declared?: number;
  /** By their holders: see `holderOf`. */
  readonly taken: ReadonlyMap<string, Taken>;
  /** How many facts there are: a command that takes one twice does so under two ids. */
  readonly facts: number;
}

/** Whose a place is: a prescription is known by its id within its referral. */
export const holderOf = ({ referral, prescription }: Pick<Place, 'referral' | 'prescription'>) =>
  `${referral} ${prescription}`;

export const noPlaces: Places = { taken: new Map(), facts: 0 };

/** Total: any history folds, a fact that the state cannot place changes nothing. */
export function evolvePlaces(state: Places, fact: PlaceFact): Places {
  const facts = state.facts + 1;
  switch (fact.type) {
    case 'CapacityDeclared':
      return { ...state, facts, declared: fact.data.places };
    case 'PlaceTaken': {
      const { override } = fact.data;
      const place = { event: fact.id, past: override !== undefined };
      return { ...state, facts, taken: new Map(state.taken).set(holderOf(fact.data), place) };
    }
    case 'PlaceFreed': {
      const taken = new Map(state.taken);
      taken.delete(holderOf(fact.data));
      return { ...state, facts, taken };
    }
    default:
      // A newer version's fact that this one does not know changes nothing here.
      return ((_: never) => state)(fact);
  }
}

export function declareCapacity(
  state: Places,
  data: { readonly provider: Slug; readonly service: Slug; readonly places: number },
  moment: Moment,
): Decision<PlaceEvent> {
  const future = inTheFuture(moment);
  if (future !== null) return future;
  return state.declared === data.places ? [] : [{ type: 'CapacityDeclared', data }];
}

/** For a command, before its own fact: a free place, or one past the capacity on purpose. */
export function takePlace(
  state: Places,
  place: Place,
  how: {
    readonly override?: { readonly by: Slug };
    /** The prescription whose place it takes over; both hold one until that is freed. */
    readonly continues?: PrescriptionId;
  },
): Decision<PlaceEvent> {
  if (state.declared === undefined || state.taken.has(holderOf(place))) return [];
  if (isFree(state, how.continues && { ...place, prescription: how.continues }))
    return [{ type: 'PlaceTaken', data: place }];
  const { override } = how;
  if (override === undefined) return full(state.declared, state.taken.size, place);
  return [{ type: 'PlaceTaken', data: { ...place, override } }];
}

function isFree({ declared, taken }: Places, continued: Place | undefined): boolean {
  const leaving = continued !== undefined && taken.has(holderOf(continued)) ? 1 : 0;
  return declared === undefined || taken.size - leaving < declared;
}

function full(declared: number, taken: number, { provider, service }: Place): Refusal {
  return refuse(
    'places-full',
    `${taken} of ${declared} places of ${service} at ${provider} are taken: put the person on ` +
      'the waiting list (waitlist: true) or give a reason to go past it (override).',
    { field: 'service', data: { declared, taken } },
  );
}

/** What became of a place, as a fact of the referral says: it is not refused for capacity. */
export interface PlaceMove extends Place {
  readonly takes: boolean;
  readonly because: EventId;
}

export function followMove(state: Places, { takes, because, ...place }: PlaceMove): PlaceEvent[] {
  const holds = state.taken.has(holderOf(place));
  if (holds === takes) return [];
  if (!takes) return [{ type: 'PlaceFreed', data: { ...place, because } }];
  return state.declared === undefined ? [] : [{ type: 'PlaceTaken', data: { ...place, because } }];
}
