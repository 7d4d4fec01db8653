import type { Minute } from './days.js';
import type { Told } from './told.js';

/** Who waits for a place, and what is written down when they get one. */
interface Waiting {
  isWaiting(): boolean;
  offer(at: Minute): Told;
}

/** The places of one service that are taken, and who waits for one, the longest first. */
export class Queue {
  taken = 0;
  readonly waiting: Waiting[] = [];

  /** A place is free: the next who still waits is offered it. */
  next(at: Minute, places: number): Told | undefined {
    while (this.taken < places) {
      const first = this.waiting.shift();
      if (first === undefined) return undefined;
      if (first.isWaiting()) return first.offer(at);
    }
    return undefined;
  }
}
