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
   * Takes a place for a command; what it holds already it keeps, what it took once and gave back it
   * takes again: that is for the state to say, not for its id. `taken`: by this very call.
   * @throws CommandRefused when all are taken
   */
  async take(
    meta: CommandMeta,
    anchor: Slug,
    place: Place,
    how: Parameters<typeof takePlace>[2],
  ): Promise<{ readonly past: boolean; readonly taken: EventId | undefined }> {
    const { prescription } = place;
    const stream = placesStream(place.provider, place.service);
    const { state: before } = await this.streams.load(stream);
    const times = String(before.facts);
    const commandId = deriveId<'command'>('take-place', meta.commandId, prescription, times);
    const { state, added, unchanged } = await this.streams.execute({
      stream,
      meta: ownMeta(meta, commandId, { take: prescription, how }),
      decide: (now) => takePlace(now, place, how),
      anchor: () => anchor,
    });
    return {
      past: state.taken.get(holderOf(place))?.past ?? false,
      taken: unchanged ? undefined : added[0]?.id,
    };
  }

  /** What was taken for something that was then refused. */
  async giveBack(meta: CommandMeta, anchor: Slug, place: Place, taken: EventId): Promise<void> {
    await this.tell({ ...place, takes: false, because: taken }, anchor, meta);
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
