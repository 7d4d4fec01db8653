import type { Position } from './place.js';

interface Waiter {
  readonly beyond: Position;
  readonly wake: () => void;
}

/** Followers that sleep until the head of the log moves beyond what they have seen. */
export class HeadWaiters {
  private readonly waiters = new Set<Waiter>();

  /** @param onLast called when nobody waits any more */
  constructor(private readonly onLast: () => void = () => undefined) {}

  /** Resolves when somebody says that the head is beyond this position, or the signal aborts. */
  wait(beyond: Position, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiters.delete(waiter);
        signal.removeEventListener('abort', wake);
        if (this.waiters.size === 0) this.onLast();
        resolve();
      };
      const waiter: Waiter = { beyond, wake };
      this.waiters.add(waiter);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  wakeBelow(head: Position): void {
    for (const waiter of [...this.waiters]) if (head > waiter.beyond) waiter.wake();
  }

  wakeAll(): void {
    for (const waiter of [...this.waiters]) waiter.wake();
  }
}
