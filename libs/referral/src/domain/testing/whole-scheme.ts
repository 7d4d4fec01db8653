import type { Slug } from '#kernel';
import type { SchemeOf, Tier } from '../scheme.js';
import { schemeOf } from './cast.js';

const SHORT: Tier = {
  tier: 'short' as Slug,
  cap: { kind: 'hard', contacts: 2 },
  overrideBy: ['link-worker'],
};
const LONG: Tier = { tier: 'long' as Slug, cap: { kind: 'soft', contacts: 6, promptAt: 4 } };

/** The random histories are of a scheme that uses all there is: rules, tiers, clocks, lists. */
export const wholeSchemeOf: SchemeOf = (pinned) => {
  const scheme = schemeOf(pinned);
  return {
    ...scheme,
    eligibility: [{ rule: 'adult' as Slug, age: { from: 18 } }],
    tiers: [SHORT, LONG],
    clocks: { ...scheme.clocks, placeDays: 7, quietDays: 30 },
    reasons: { barrier: ['frightened' as Slug] },
  };
};
