import { shape, type EventOf, type Fact } from '#kernel';

const service = { provider: shape.slug('provider'), service: shape.slug('service') };
const holder = { prescription: shape.id('prescription'), referral: shape.id('referral') };

/**
 * The facts of a service's places, on a stream of its own: whoever takes the last one, in whatever
 * process, everybody else hears of it. What holds a place names the anchor whose referral it is.
 */
export const placeEvents = {
  CapacityDeclared: {
    version: 1,
    about: 'How many people a service has room for.',
    data: shape.object({ ...service, places: shape.integer({ minimum: 0 }) }),
  },
  PlaceTaken: {
    version: 1,
    about: 'A prescription holds a place.',
    data: shape.object({
      ...service,
      ...holder,
      /** Past the capacity on purpose; why is protected, and said on the referral. */
      override: shape.optional(shape.object({ by: shape.slug('role') })),
      /** The fact that took it; absent where a command takes it before its own fact. */
      because: shape.optional(shape.eventId()),
    }),
  },
  PlaceFreed: {
    version: 1,
    about: 'The place is free again: the prescription ended, or never came to be.',
    data: shape.object({ ...service, ...holder, because: shape.eventId() }),
  },
} as const;

export type PlaceEvent = EventOf<typeof placeEvents>;
export type PlaceFact = Fact<PlaceEvent>;
