import { instantOfEpochMs, type Instant } from './dates.js';

/** Time is passed in: what happens "now" can be decided, replayed and tested. */
export interface Clock {
  now(): Instant;
}

export const systemClock: Clock = { now: () => instantOfEpochMs(Date.now()) };
