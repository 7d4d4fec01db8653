import { expect } from '@jest/globals';
import { describeGoldenFiles } from '#event-log/conformance';
import { referralEvents } from './events.js';
import { evolve } from './evolve.js';
import { statusOf } from './state.js';
import { RECEIVED } from './testing/beginnings.js';
import { fold } from './testing/given.js';

describeGoldenFiles(referralEvents, 'libs/referral/src/domain/golden', (fact) => {
  const state = evolve(fold(RECEIVED), fact);
  expect(state && statusOf(state)).toEqual(expect.any(String));
});
