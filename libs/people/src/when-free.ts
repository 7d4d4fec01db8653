import { randomInt } from 'node:crypto';
import { KEY_STORE_WAIT_MS_MAX, KeyStoreBusy } from './key-store.js';

const RETRY_MS_MAX = 20;

export interface Waiting {
  /** Whether it is worth trying again. */
  readonly isBusy: (error: unknown) => boolean;
  /** What is told when it stayed so. */
  readonly busyText: (error: unknown) => string;
}

/** The moment, on the clock of `performance.now`, at which a call that begins now gives up. */
export function giveUpAtLast(): number {
  return performance.now() + KEY_STORE_WAIT_MS_MAX;
}

/**
 * Tries again, after a random pause, while the store is busy.
 * @throws KeyStoreBusy
 */
export async function whenFree<T>(
  { isBusy, busyText }: Waiting,
  work: () => T | Promise<T>,
  giveUpAt = giveUpAtLast(),
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= giveUpAt) throw new KeyStoreBusy(busyText(error), { cause: error });
    }
    const pauseMs = randomInt(1, RETRY_MS_MAX + 1);
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
}
