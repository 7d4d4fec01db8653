import type { Minute } from './days.js';
import type { Told } from './told.js';

/** Who waits for a place, and what is written down when they get one. */
interface Waiting {
  isWaiting(): boolean;
  offer(at: Minute): Told;
}

/** The places of one service: how many are taken, and who waits for one, the longest first. */
export class Queue {
  private taken = 0;
  private readonly waiting: Waiting[] = [];
  declared = 0;

  /** Takes a place where there is one. */
  take(): boolean {
    if (this.taken >= this.declared) return false;
    this.taken += 1;
    return true;
  }

  free(): void {
    this.taken -= 1;
  }

  join(waiting: Waiting): void {
    this.waiting.push(waiting);
  }

  /** Where a place is free, the next who still waits is offered it. */
  next(at: Minute): Told | undefined {
    while (this.waiting.length > 0 && this.taken < this.declared) {
      const first = this.waiting.shift();
      if (first?.isWaiting() !== true) continue;
      this.taken += 1;
      return first.offer(at);
    }
    return undefined;
  }
}
