import type { Position } from '#event-log';
import type { Reading } from './reading.js';

/** How soon a follower hears of what another process has written. */
export const HEAD_POLL_MS = 50;

interface Waiter {
  readonly beyond: Position;
  readonly wake: () => void;
}

/**
 * Lets followers sleep until the head of the log moves: at once when this handle writes, by
 * polling when somebody else does. The timer runs only while somebody waits.
 */
export class HeadWatch {
  private readonly waiters = new Set<Waiter>();
  private timer: NodeJS.Timeout | undefined;
  private dataVersion: bigint | undefined;

  constructor(private readonly reading: Reading) {}

  /** Resolves when the head may be beyond this position, when the signal aborts, or at the end. */
  moved(beyond: Position, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiters.delete(waiter);
        signal.removeEventListener('abort', wake);
        if (this.waiters.size === 0) this.stopPolling();
        resolve();
      };
      const waiter: Waiter = { beyond, wake };
      this.waiters.add(waiter);
      signal.addEventListener('abort', wake, { once: true });
      this.timer ??= setInterval(() => {
        this.poll();
      }, HEAD_POLL_MS);
    });
  }

  wakeAll(): void {
    for (const waiter of [...this.waiters]) waiter.wake();
  }

  private poll(): void {
    try {
      const dataVersion = this.reading.dataVersion();
      if (dataVersion === this.dataVersion) return;
      this.dataVersion = dataVersion;
      const head = this.reading.head();
      for (const waiter of [...this.waiters]) if (head > waiter.beyond) waiter.wake();
    } catch {
      this.wakeAll(); // Each follower meets the error itself, where it can be handled.
    }
  }

  private stopPolling(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    // The next to wait has looked at the head just before, not at this version.
    this.dataVersion = undefined;
  }
}
