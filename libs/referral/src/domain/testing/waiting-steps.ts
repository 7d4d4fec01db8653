import fc from 'fast-check';
import type { PrescriptionId, Slug } from '#kernel';
import type { SchemeOf } from '../scheme.js';
import { ALLOTMENTS, GARDENING, PLOT, WALK, WALKERS, WALKING, quoteOf, schemeOf } from './cast.js';
import type { Deciders } from './commands.js';
import type { Decide } from './given.js';
import { BY_OUTCOMES } from './waiting.js';

/** What is said of places and of what falls due, for the random histories. */
export interface WaitingSaid {
  readonly verb: 'waiting';
  readonly what: 'list' | 'hope' | 'offer-place' | 'lapse-place' | 'lapse-outcome' | 'quiet';
  readonly walk: boolean;
}

/** Every scheme of the histories waits a week for a place, and a month for news. */
const impatient: SchemeOf = (pinned) => {
  const scheme = schemeOf(pinned);
  return { ...scheme, clocks: { ...scheme.clocks, placeDays: 7, quietDays: 30 } };
};

export function waitingOver(use: Deciders): (said: WaitingSaid) => Decide {
  return ({ what, walk }) => {
    const prescription = walk ? WALK : PLOT;
    switch (what) {
      case 'list':
      case 'hope':
        return prescribing(use, prescription, walk, what === 'list');
      case 'offer-place':
        return (state, moment) => use.offerPlace(state, { prescription }, {}, impatient, moment);
      case 'lapse-place':
        return (state, moment) => use.lapsePlace(state, { prescription }, moment);
      case 'lapse-outcome':
        return (state, moment) =>
          use.lapseOutcome(state, { prescription, component: 'confidence' as Slug }, moment);
      case 'quiet':
        return (state, moment) => use.closeQuiet(state, impatient, moment);
      default:
        return ((never: never) => never)(what);
    }
  };
}

/** Onto the waiting list, or with two outcomes to hope for. */
function prescribing(
  use: Deciders,
  prescription: PrescriptionId,
  walk: boolean,
  waitlisted: boolean,
): Decide {
  const [service, provider] = walk ? [WALKING, WALKERS] : [GARDENING, ALLOTMENTS];
  return (state, moment) =>
    use.prescribe(
      state,
      {
        prescription,
        levelOfSupport: 'supported-introduction',
        listed: { service, provider, directoryVersion: 0 },
        placing: { waitlisted },
        ...(!waitlisted && { quote: quoteOf(BY_OUTCOMES) }),
      },
      schemeOf,
      moment,
    );
}

export const waitingSaid: fc.Arbitrary<WaitingSaid> = fc.record({
  verb: fc.constant('waiting'),
  what: fc.constantFrom('list', 'hope', 'offer-place', 'lapse-place', 'lapse-outcome', 'quiet'),
  walk: fc.boolean(),
});
