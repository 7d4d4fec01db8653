import fc from 'fast-check';
import type { Slug } from '#kernel';
import type { SchemeOf } from '../scheme.js';
import { ALLOTMENTS, GARDENING, PLOT, WALK, WALKERS, WALKING, quoteOf } from './cast.js';
import type { Deciders } from './commands.js';
import type { Decide } from './given.js';
import { BY_OUTCOMES } from './waiting.js';

const WHAT = [
  'list',
  'list-priced',
  'hope',
  'offer-place',
  'lapse-place',
  'lapse-outcome',
  'quiet',
] as const;

/** What is said of places and of what falls due, for the random histories. */
export interface WaitingSaid {
  readonly verb: 'waiting';
  readonly what: (typeof WHAT)[number];
  readonly walk: boolean;
}

export function waitingOver(use: Deciders, schemeOf: SchemeOf): (said: WaitingSaid) => Decide {
  return ({ what, walk }) => {
    const prescription = walk ? WALK : PLOT;
    switch (what) {
      case 'list':
      case 'list-priced':
      case 'hope':
        return prescribing(use, schemeOf, { what, walk });
      case 'offer-place':
        return (state, moment) => use.offerPlace(state, { prescription }, {}, schemeOf, moment);
      case 'lapse-place':
        return (state, moment) => use.lapsePlace(state, { prescription }, moment);
      case 'lapse-outcome':
        return (state, moment) =>
          use.lapseOutcome(state, { prescription, component: 'confidence' as Slug }, moment);
      case 'quiet':
        return (state, moment) => use.closeQuiet(state, schemeOf, moment);
      default:
        return ((never: never) => never)(what);
    }
  };
}

/** Onto the waiting list, or with two outcomes to hope for, or both. */
function prescribing(
  use: Deciders,
  schemeOf: SchemeOf,
  { what, walk }: Omit<WaitingSaid, 'verb'>,
): Decide {
  const [service, provider] = walk ? [WALKING, WALKERS] : [GARDENING, ALLOTMENTS];
  return (state, moment) =>
    use.prescribe(
      state,
      {
        prescription: walk ? WALK : PLOT,
        levelOfSupport: 'supported-introduction',
        listed: { service, provider, directoryVersion: 0 },
        placing: { waitlisted: what !== 'hope' },
        ...(what !== 'list' && { quote: quoteOf(BY_OUTCOMES) }),
      },
      schemeOf,
      moment,
    );
}

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

export const waitingSaid: fc.Arbitrary<WaitingSaid> = fc.record({
  verb: fc.constant('waiting'),
  what: fc.constantFrom(...WHAT),
  walk: fc.boolean(),
});

/** People who wait for a place, and for an outcome, longer than the scheme does. */
export const waitingLong: fc.Arbitrary<WaitingSaid> = fc.record({
  verb: fc.constant('waiting'),
  what: fc.oneof(
    weighted(1, fc.constantFrom(...WHAT)),
    weighted(3, fc.constantFrom('offer-place', 'lapse-place', 'lapse-outcome')),
  ),
  walk: fc.boolean(),
});
