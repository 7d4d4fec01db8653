import {
  deriveId,
  momentOf,
  slugStream,
  type CommandAnswer,
  type CommandMeta,
  type EventId,
  type PrescriptionId,
  type Slug,
} from '#kernel';
import type { Streams } from '#event-log';
import type { placeEvents } from '../domain/place-events.js';
import {
  declareCapacity,
  followMove,
  holderOf,
  takePlace,
  type Place,
  type PlaceMove,
  type Places as PlacesState,
} from '../domain/places.js';

export type PlaceStreams = Streams<typeof placeEvents, PlacesState>;

export const placesStream = (provider: Slug, service: Slug) =>
  slugStream('places', provider, service);

/** Unconditional and told once: the id follows from the fact that caused it. */
const toldId = (because: EventId, prescription: PrescriptionId): EventId =>
  deriveId<'event'>('place', because, prescription);

/** Who tells of a fact's consequence, and when that was known. */
type Told = Pick<CommandMeta, 'correlationId' | 'actor' | 'occurredOn' | 'recordedAt'>;

/** The places of services, guarded as money is: taken before the fact, freed after it. */
export class Places {
  constructor(private readonly streams: PlaceStreams) {}

  async declare(
    meta: CommandMeta,
    capacity: { readonly provider: Slug; readonly service: Slug; readonly places: number },
  ): Promise<CommandAnswer> {
    const stream = placesStream(capacity.provider, capacity.service);
    const decide = (state: PlacesState) => declareCapacity(state, capacity, momentOf(meta));
    const result = await this.streams.execute({ stream, meta, decide });
    const { version, position, added, unchanged } = result;
    const events = added.map(({ id, type }) => ({ id, type }));
    return { stream, version, position, unchanged, events };
  }

  /**
   * Takes a place for a command. What the command holds already it keeps; what it took once and
   * gave back it takes again: whether it holds one is for the stream to say, not for its id.
   * @throws CommandRefused when all are taken
   */
  async take(
    meta: CommandMeta,
    anchor: Slug,
    place: Place,
    how: Parameters<typeof takePlace>[2],
  ): Promise<{ readonly past: boolean }> {
    const { prescription } = place;
    const stream = placesStream(place.provider, place.service);
    let facts = 0;
    const { state } = await this.streams.execute({
      stream,
      meta: ownMeta(meta, meta.commandId, { take: prescription }),
      decide: (now) => {
        facts = now.facts;
        return takePlace(now, place, how);
      },
      anchor: () => anchor,
      idOf: () => deriveId<'event'>('take-place', meta.commandId, prescription, String(facts)),
    });
    return { past: state.taken.get(holderOf(place))?.past ?? false };
  }

  /** What was taken for a command that was then refused; never what another took meanwhile. */
  async giveBack(meta: CommandMeta, anchor: Slug, place: Place): Promise<void> {
    const { state } = await this.streams.load(placesStream(place.provider, place.service));
    const taken = state.taken.get(holderOf(place));
    if (taken?.command !== meta.commandId) return;
    await this.tell({ ...place, takes: false, because: taken.event }, anchor, meta);
  }

  /** Does nothing where the places heard of it before; answers whether it is news. */
  async tell(move: PlaceMove, anchor: Slug, told: Told): Promise<boolean> {
    const { because, prescription } = move;
    const commandId = deriveId<'command'>('tell-place', because, prescription);
    const { unchanged } = await this.streams.execute({
      stream: placesStream(move.provider, move.service),
      meta: ownMeta(told, commandId, { place: because, prescription }),
      decide: (state) => followMove(state, move),
      anchor: () => anchor,
      causation: because,
      idOf: () => toldId(because, prescription),
    });
    return !unchanged;
  }
}

/** Of the command only who and when: what it says beside that may be about a person. */
function ownMeta(
  { correlationId, actor, occurredOn, recordedAt }: Told,
  commandId: CommandMeta['commandId'],
  content: object,
): CommandMeta {
  return {
    ...{ commandId, correlationId, actor, occurredOn, recordedAt },
    canonical: JSON.stringify(content),
  };
}
