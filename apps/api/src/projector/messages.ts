import type { Position } from '#event-log';

/** What the worker is given when it is started. */
export interface WorkerGiven {
  /** Of the service; the worker opens the same stores. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the service says to the worker. */
export type ToWorker =
  /** Somebody waits for what was just written. */
  | { readonly kind: 'catch-up' }
  /** End what is being done, close the stores, and go. */
  | { readonly kind: 'stop' };

/** What the worker says to the service. */
export type FromWorker =
  | Reached
  /** Process managers wrote what a crash had left out, or what fell due by itself. */
  | {
      readonly kind: 'wrote';
      readonly told: number;
      readonly abandoned: number;
      readonly fired: number;
    }
  /** A store does not answer at once. */
  | { readonly kind: 'waiting'; readonly message: string }
  /** Why it is about to end; in fields that may be logged. */
  | { readonly kind: 'failed'; readonly error: Record<string, unknown> };

/** All that was in the log when the round began is in the read models. */
export interface Reached {
  readonly kind: 'reached';
  readonly position: Position;
  /** Partitions of a ledger that met what they cannot apply, and stay before it. */
  readonly stopped: number;
  /** Streams that views have put aside for the same reason. */
  readonly parked: number;
}
