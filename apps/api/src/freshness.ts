import type { Position } from '#event-log';

/** How far the read models were when they answered. */
export interface Fresh {
  readonly position: Position;
  /** The head of the log at that moment. */
  readonly head: Position;
}

/** Lets a query wait until what was written before can be seen. */
export abstract class Freshness {
  /**
   * Waits until the read models have come so far, if a position is given.
   * @throws PositionAhead when the log has nothing there yet
   * @throws NotReached when they do not come so far within `REACH_MS_MAX`
   */
  abstract reach(position?: Position): Promise<Fresh>;
}

/** How long a query waits for the position it asked for, in milliseconds. */
export const REACH_MS_MAX = 10_000;

export class PositionAhead extends Error {
  override readonly name = 'PositionAhead';
}
export class NotReached extends Error {
  override readonly name = 'NotReached';
}
