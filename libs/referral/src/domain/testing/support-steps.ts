import fc from 'fast-check';
import type { Slug } from '#kernel';
import type { ReferralFact } from '../events.js';
import type { SchemeOf } from '../scheme.js';
import { SUPPORT_LEVELS } from '../words.js';
import { NORTH, PHONED, assessmentId } from './cast.js';
import type { Deciders } from './commands.js';
import type { Decide } from './given.js';

const WHAT = [
  'eligibility',
  'barrier',
  'unmet-need',
  'signpost',
  'concern',
  'service-use',
  'plan',
  'amend-plan',
  'tier',
  'level',
  'withdraw-consent',
  'capped-contact',
  'feedback',
  'acknowledge',
] as const;

/** What is learned of the person and agreed with them, for the random histories. */
export interface SupportSaid {
  readonly verb: 'support';
  readonly what: (typeof WHAT)[number];
  /** The one or the other of two things that may be said. */
  readonly other: boolean;
}

export function supportOver(
  use: Deciders,
  schemeOf: SchemeOf,
): (said: SupportSaid, history: readonly ReferralFact[]) => Decide {
  return (said, history) => {
    const { what, other } = said;
    switch (what) {
      case 'eligibility':
        return (state, moment) =>
          use.decideEligibility(state, other ? {} : { age: 60 }, schemeOf, moment);
      case 'tier':
        return (state, moment) =>
          use.changeTier(state, { to: (other ? 'short' : 'long') as Slug }, {}, schemeOf, moment);
      case 'level':
        return (state, moment) =>
          use.setLevelOfSupport(state, { to: SUPPORT_LEVELS[other ? 0 : 5] }, {}, moment);
      case 'withdraw-consent':
        return (state, moment) =>
          use.withdrawConsent(state, { scopes: [other ? 'share' : 'research'] as Slug[] }, moment);
      case 'capped-contact': {
        const override = other ? { override: { reason: 'Needs longer.' } } : {};
        return (state, moment) =>
          use.recordContact(state, { ...PHONED, ...override }, {}, schemeOf, moment);
      }
      case 'feedback':
        return (state, moment) =>
          use.sendFeedback(state, { to: NORTH, covers: use.untold(history) }, moment);
      case 'acknowledge':
        return (state, moment) => use.acknowledgeFeedback(state, undefined, moment);
      default:
        return learned(use, schemeOf, { ...said, what });
    }
  };
}

interface LearnedSaid extends SupportSaid {
  readonly what: Exclude<
    SupportSaid['what'],
    | 'eligibility'
    | 'tier'
    | 'level'
    | 'withdraw-consent'
    | 'capped-contact'
    | 'feedback'
    | 'acknowledge'
  >;
}

function learned(use: Deciders, schemeOf: SchemeOf, { what, other }: LearnedSaid): Decide {
  const code = other ? 'unheard-of' : 'frightened';
  const because = other ? assessmentId('low') : undefined;
  switch (what) {
    case 'barrier':
      return (state, moment) => use.identifyBarrier(state, { code }, schemeOf, moment);
    case 'unmet-need':
      return (state, moment) => use.recordUnmetNeed(state, { code }, schemeOf, moment);
    case 'signpost':
      return (state, moment) => use.signpost(state, {}, { code }, moment);
    case 'concern':
      return (state, moment) =>
        use.raiseConcern(state, { source: 'link-worker' }, { code }, schemeOf, moment);
    case 'service-use':
      return (state, moment) => {
        const [from, to] = other ? [moment.today, moment.on] : [moment.on, moment.on];
        return use.recordServiceUse(state, { source: 'gp' as Slug, from, to }, {}, moment);
      };
    case 'plan':
      return (state, moment) => use.agreePlan(state, because, { goals: ['Out.'] }, moment);
    case 'amend-plan':
      return (state, moment) => use.amendPlan(state, because, { steps: ['The gate.'] }, moment);
    default:
      return ((never: never) => never)(what);
  }
}

export const supportSaid: fc.Arbitrary<SupportSaid> = fc.record({
  verb: fc.constant('support'),
  what: fc.constantFrom(...WHAT),
  other: fc.boolean(),
});
