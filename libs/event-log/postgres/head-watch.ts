import { HeadWaiters, LOG_START, type Position } from '#event-log';
import type { Notices } from './notices.js';
import type { Reading } from './reading.js';

/**
 * Wakes followers when the head of the log moves: at once when this handle writes, soon when
 * another says that it has, and by polling whatever happens: a notice is only a hint. The polling
 * rests while nobody waits.
 */
export class HeadWatch {
  private readonly waiters = new HeadWaiters(() => {
    clearTimeout(this.timer);
    this.timer = undefined;
  });
  private timer: NodeJS.Timeout | undefined;
  private heard: Position = LOG_START;

  constructor(
    private readonly reading: Reading,
    private readonly notices: Notices,
    private readonly pollMs: number,
  ) {}

  /** Resolves when the head may be beyond this position, when the signal aborts, or at the end. */
  moved(beyond: Position, signal: AbortSignal): Promise<void> {
    if (this.heard > beyond) return Promise.resolve();
    this.notices.listen(() => void this.look());
    this.pollLater();
    return this.waiters.wait(beyond, signal);
  }

  /** The log is at least so far. */
  tell(head: Position): void {
    if (head > this.heard) this.heard = head;
    this.waiters.wakeBelow(head);
  }

  wakeAll(): void {
    this.waiters.wakeAll();
  }

  /** Not all processes at the same moment. */
  private pollLater(): void {
    const delayMs = this.pollMs * (0.75 + Math.random() / 2);
    this.timer ??= setTimeout(() => void this.poll(), delayMs);
  }

  private async poll(): Promise<void> {
    await this.look();
    if (this.timer === undefined) return;
    this.timer = undefined;
    this.pollLater();
  }

  private async look(): Promise<void> {
    try {
      this.tell(await this.reading.head());
    } catch {
      this.wakeAll(); // Each follower meets the error itself, where it can be handled.
    }
  }
}
