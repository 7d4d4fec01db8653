/** All in milliseconds. */
export interface Timings {
  /** The server itself gives a write 2 s. */
  readonly appendDeadlineMs: number;
  /** For a read or a subscription under way, between one sign of life and the next. */
  readonly silenceMs: number;
  /** How long calls are tried again, through elections and restarts, before the caller hears. */
  readonly patienceMs: number;
  /** The same for a first connection to one node: a wrong address should be told soon. */
  readonly openingPatienceMs: number;
  /** How often a follower that hears nothing makes sure that there is nothing to hear. */
  readonly headCheckMs: number;
  /** Who waits longer is told what for. */
  readonly tellAfterMs: number;
}

export const TIMINGS: Timings = {
  appendDeadlineMs: 5_000,
  silenceMs: 5_000,
  patienceMs: 30_000,
  openingPatienceMs: 10_000,
  headCheckMs: 5_000,
  tellAfterMs: 2_000,
};

/** Calls at once: below the 100 streams of an HTTP/2 connection, with room for the subscription. */
export const CALLS_MAX = 64;
