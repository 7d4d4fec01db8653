import { setTimeout as pause } from 'node:timers/promises';
import { present } from '#kernel';
import {
  AppendQueue,
  LogUnavailable,
  retryDelayMs,
  type Appended,
  type AppendRequest,
  type QueuedAppend,
} from '#event-log';
import type { Answer, Appending } from './appending.js';
import { AnswerLost, reconnectPause, type Connections } from './connections.js';
import { asLogError, isLockTimeout, isPassing, isRaced } from './failures.js';

/**
 * Appends that arrive together are written in one call and share its one wait for the disk: a total
 * order drawn under a lock stays fast. Nobody is answered before the commit.
 */
export class GroupCommit {
  private readonly queue: AppendQueue;
  private underWay = false;
  private unanswered = 0;
  private scheduled = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly connections: Connections,
    private readonly appending: Appending,
    private readonly onCommit: (head: bigint) => void,
  ) {
    this.queue = new AppendQueue(connections.timings.patienceMs);
  }

  append(request: AppendRequest): Promise<Appended> {
    const answered = this.queue.add(request);
    this.schedule();
    return answered;
  }

  /** Resolves when every append so far has its answer. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.whenIdle.push(resolve);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (!this.underWay && !this.queue.isEmpty()) {
      void this.commit(this.queue.takeBatch({ eachStreamOnce: true }));
    }
    if (this.unanswered > 0 || !this.queue.isEmpty()) return;
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private async commit(batch: readonly QueuedAppend[]): Promise<void> {
    this.unanswered += 1;
    this.underWay = true;
    const written = await this.write(batch);
    this.underWay = false;
    this.schedule();
    await Promise.all(written.map(([queued, answer]) => this.settle(queued, answer)));
    this.unanswered -= 1;
    this.schedule();
  }

  /** Again and again, as long as somebody waits: what was written is then found by its ids. */
  private async write(
    batch: readonly QueuedAppend[],
  ): Promise<(readonly [QueuedAppend, Answer])[]> {
    let left = batch;
    let mayBeWritten = false;
    for (;;) {
      const [oldest] = left;
      if (oldest === undefined) return [];
      try {
        const lockWaitMs = Math.max(1, Math.ceil(oldest.giveUpAtMs - performance.now()));
        const answers = await this.appending.write(
          left.map(({ request }) => request),
          lockWaitMs,
        );
        return left.map((queued, index) => [queued, present(answers[index], 'each is answered')]);
      } catch (error) {
        mayBeWritten ||= error instanceof AnswerLost;
        left = this.giveUp(left, error, mayBeWritten);
        if (left.length > 0) await (isRaced(error) ? pause(retryDelayMs()) : reconnectPause());
      }
    }
  }

  /** @returns those that have time left, where trying again may help */
  private giveUp(
    batch: readonly QueuedAppend[],
    error: unknown,
    mayBeWritten: boolean,
  ): readonly QueuedAppend[] {
    const { where, timings } = this.connections;
    const isLocked = isLockTimeout(error);
    const isWorthIt = isLocked || isRaced(error) || isPassing(error) || error instanceof AnswerLost;
    const now = performance.now();
    const late = batch.filter((queued) => !isWorthIt || queued.giveUpAtMs <= now);
    for (const queued of late) {
      queued.reject(
        isLocked
          ? new LogUnavailable(
              `The event log was locked by another process for ${timings.patienceMs} ms`,
              mayBeWritten,
              { cause: error },
            )
          : asLogError(error instanceof AnswerLost ? error.cause : error, where, mayBeWritten),
      );
    }
    return batch.filter((queued) => !late.includes(queued));
  }

  private async settle(queued: QueuedAppend, answer: Answer): Promise<void> {
    const { position } = answer;
    if (position !== null) this.onCommit(position);
    try {
      queued.resolve(await this.appending.appended(queued.request, answer));
    } catch (error) {
      queued.reject(error as Error);
    }
  }
}
