import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '#kernel';
import {
  answer,
  AppendQueue,
  LOCK_WAIT_MAX_MS,
  refuseAll,
  retryDelayMs,
  type Appended,
  type AppendRequest,
  type Outcome,
  type QueuedAppend,
} from '#event-log';
import type { Appending } from './appending.js';
import { isBusy } from './sqlite-errors.js';

/**
 * Appends that arrive together are written in one transaction and share its one wait for the disk:
 * a total order drawn under a lock stays fast. Nobody is answered before the commit.
 */
export class GroupCommit {
  private readonly queue = new AppendQueue();
  private scheduled = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly writer: DatabaseSync,
    private readonly appending: Appending,
    private readonly onCommit: () => void,
  ) {}

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

  private schedule(afterMs = 0): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const flush = (): void => {
      this.scheduled = false;
      this.flush();
    };
    if (afterMs === 0) setImmediate(flush);
    else setTimeout(flush, afterMs);
  }

  private flush(): void {
    if (this.queue.isEmpty()) {
      for (const resolve of this.whenIdle.splice(0)) resolve();
      return;
    }
    if (this.begin()) this.write(this.queue.takeBatch({ eachStreamOnce: false }));
    if (!this.queue.isEmpty() || this.whenIdle.length > 0) this.schedule();
  }

  /** @returns whether the lock is held; if not, those who waited too long have their answer */
  private begin(): boolean {
    try {
      this.rollBack(); // What an earlier failure could not undo must never be committed.
      this.writer.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      const message = isBusy(error)
        ? `The event log was locked by another process for ${LOCK_WAIT_MAX_MS} ms`
        : `The event log cannot be written: ${messageOf(error)}`;
      const given = isBusy(error) ? this.queue.takeLate() : this.queue.takeAll();
      refuseAll(given, message, false, error);
      if (!this.queue.isEmpty()) this.schedule(retryDelayMs());
      return false;
    }
  }

  private write(batch: readonly QueuedAppend[]): void {
    let outcomes: Outcome[];
    let committing = false;
    try {
      outcomes = this.appending.write(batch.map((queued) => queued.request));
      committing = true;
      this.writer.exec('COMMIT');
      this.appending.confirm();
    } catch (error) {
      this.tryRollBack();
      const message = `The event log could not be written: ${messageOf(error)}`;
      refuseAll(batch, message, committing, error);
      return;
    }
    this.onCommit();
    answer(batch, outcomes);
  }

  private rollBack(): void {
    if (this.writer.isTransaction) this.writer.exec('ROLLBACK');
  }

  private tryRollBack(): void {
    try {
      this.rollBack();
    } catch {
      // The first error is the one to tell; `begin` tries the rollback again.
    }
  }
}
