import { HeadWaiters, type Position } from '#event-log';
import type { Reading } from './reading.js';

/** How soon a follower hears of what another process has written. */
export const HEAD_POLL_MS = 50;

/**
 * Wakes followers when the head of the log moves: at once when this handle writes, by polling when
 * somebody else does. The timer runs only while somebody waits.
 */
export class HeadWatch {
  private readonly waiters = new HeadWaiters(() => {
    this.stopPolling();
  });
  private timer: NodeJS.Timeout | undefined;
  private dataVersion: bigint | undefined;

  constructor(private readonly reading: Reading) {}

  /** Resolves when the head may be beyond this position, when the signal aborts, or at the end. */
  moved(beyond: Position, signal: AbortSignal): Promise<void> {
    this.timer ??= setInterval(() => {
      this.poll();
    }, HEAD_POLL_MS);
    return this.waiters.wait(beyond, signal);
  }

  wakeAll(): void {
    this.waiters.wakeAll();
  }

  private poll(): void {
    try {
      const dataVersion = this.reading.dataVersion();
      if (dataVersion === this.dataVersion) return;
      this.dataVersion = dataVersion;
      this.waiters.wakeBelow(this.reading.head());
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
