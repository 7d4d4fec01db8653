import type { EventLog, StoredEvent } from '#event-log';

/** One store of its own for one case; all its handles see the same log. */
export interface EventLogFixture {
  /** Another handle on the store, as another process would have one. */
  open(namespace?: string): Promise<EventLog>;
  /** The store goes away and comes back. Handles from before may be closed by it, or reconnect. */
  restart(): Promise<void>;
  /** Every way past the port, in the store's own language, to change or delete what is written. */
  overwriteAttempts(written: StoredEvent): readonly OverwriteAttempt[];
  /** Closes every handle and removes the store. */
  dispose(): Promise<void>;
}

export interface OverwriteAttempt {
  readonly what: string;
  /** Throws, or rejects, when the store refuses. */
  run(): unknown;
}

/** One law of the log; every case has its own store and a first handle on it. */
export type Law = (
  claim: string,
  scenario: (log: EventLog, fixture: EventLogFixture) => Promise<void>,
) => void;
