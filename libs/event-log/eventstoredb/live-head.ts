import { setTimeout as pause } from 'node:timers/promises';
import type { AllStreamResolvedEvent } from '@eventstore/db-client';
import { HeadWaiters, type Position } from '#event-log';
import type { Connection } from './connection.js';
import { positionOf } from './frame.js';
import { gather } from './gather.js';
import type { HeadFinder } from './head-finder.js';
import type { Reading } from './reading.js';

/** Before a subscription is taken up again; longer each time that it failed at once. */
const RENEW_FIRST_MS = 50;
const RENEW_MAX_MS = 2_000;
/** Nothing to hear is no failure of a subscription that waits. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Wakes followers when the head of the log moves. However many there are, one subscription to
 * `$all` tells this process of it: what they then read, they read page by page. Nothing renews a
 * subscription that was dropped, and one that was forgotten says nothing: so it is taken up again
 * from the last position heard, and now and then the head itself is looked at.
 */
export class LiveHead {
  private readonly waiters = new HeadWaiters(() => {
    this.stopChecking();
  });
  private heard: Position | undefined;
  private renewal = new AbortController();
  private subscribing = false;
  private checking = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly reading: Reading,
    private readonly finder: HeadFinder,
  ) {}

  moved(beyond: Position, signal: AbortSignal): Promise<void> {
    // Not where the follower stands: that may be beyond the head, and is then no place to start.
    this.heard ??= this.finder.last;
    if (this.heard > beyond) return Promise.resolve();
    this.timer ??= setInterval(() => void this.check(), this.connection.timings.headCheckMs);
    void this.subscribe();
    return this.waiters.wait(beyond, signal);
  }

  /** Of an event that was written or heard of. */
  tell(position: Position): void {
    if (this.heard === undefined || position > this.heard) this.heard = position;
    this.waiters.wakeBelow(position);
  }

  wakeAll(): void {
    this.waiters.wakeAll();
  }

  private async subscribe(): Promise<void> {
    if (this.subscribing) return;
    this.subscribing = true;
    let waitMs = RENEW_FIRST_MS;
    // Followers come back after each page: it stays, once somebody has followed.
    while (this.connection.isOpen) {
      this.renewal = new AbortController();
      const sinceMs = performance.now();
      await this.listen().catch(() => undefined);
      // Each follower meets what is wrong itself, where it can be handled.
      this.wakeAll();
      const lasted = performance.now() - sinceMs > RENEW_MAX_MS;
      waitMs = lasted ? RENEW_FIRST_MS : Math.min(waitMs * 2, RENEW_MAX_MS);
      await pause(waitMs, undefined, { ref: false });
    }
  }

  private listen(): Promise<void> {
    return this.connection.hold((client, lost) =>
      gather(
        (gathering) => this.reading.subscription(client, this.heard ?? 0n, gathering),
        ({ event }: AllStreamResolvedEvent) => {
          if (event !== undefined) this.tell(positionOf(event));
        },
        {
          silenceMs: NEVER_MS,
          signal: AbortSignal.any([lost, this.renewal.signal]),
          endless: true,
        },
      ),
    );
  }

  private async check(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    const head = await this.finder.find().catch(() => null);
    this.checking = false;
    if (head === null || this.heard === undefined || head <= this.heard) return;
    // It should have been heard of.
    this.tell(head);
    this.renewal.abort();
  }

  private stopChecking(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
