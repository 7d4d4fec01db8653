import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '#kernel';
import { LogUnavailable, sizeOf, type Appended } from '#event-log';
import type { Appending, AppendRequest, Outcome } from './appending.js';
import { LOCK_WAIT_MAX_MS, retryDelayMs } from './connections.js';
import { isBusy } from './sqlite-errors.js';

// One commit must neither keep other processes waiting for long nor this one's event loop.
const APPENDS_PER_COMMIT_MAX = 256;
const BYTES_PER_COMMIT_MAX = 4 * 1024 * 1024;

interface Queued {
  readonly request: AppendRequest;
  readonly size: number;
  readonly giveUpAtMs: number;
  resolve(appended: Appended): void;
  reject(error: Error): void;
}

/**
 * Appends that arrive together are written in one transaction and share its one wait for the disk:
 * a total order drawn under a lock stays fast. Nobody is answered before the commit.
 */
export class GroupCommit {
  private queue: Queued[] = [];
  private scheduled = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly writer: DatabaseSync,
    private readonly appending: Appending,
    private readonly onCommit: () => void,
  ) {}

  append(request: AppendRequest): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const giveUpAtMs = performance.now() + LOCK_WAIT_MAX_MS;
      const size = request.events.reduce((sum, event) => sum + sizeOf(event), 0);
      this.queue.push({ request, size, giveUpAtMs, resolve, reject });
      this.schedule();
    });
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
    if (this.queue.length === 0) {
      for (const resolve of this.whenIdle.splice(0)) resolve();
      return;
    }
    if (this.begin()) this.write(this.takeBatch());
    if (this.queue.length > 0 || this.whenIdle.length > 0) this.schedule();
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
      for (const queued of isBusy(error) ? this.takeLate() : this.queue.splice(0)) {
        queued.reject(new LogUnavailable(message, false, { cause: error }));
      }
      if (this.queue.length > 0) this.schedule(retryDelayMs());
      return false;
    }
  }

  private takeLate(): Queued[] {
    const now = performance.now();
    const inTime = this.queue.findIndex((queued) => queued.giveUpAtMs > now);
    return this.queue.splice(0, inTime === -1 ? this.queue.length : inTime);
  }

  private takeBatch(): Queued[] {
    let count = 0;
    let size = 0;
    for (const queued of this.queue) {
      size += queued.size;
      if (count === APPENDS_PER_COMMIT_MAX || (count > 0 && size > BYTES_PER_COMMIT_MAX)) break;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  private write(batch: readonly Queued[]): void {
    let outcomes: Outcome[];
    let committing = false;
    try {
      outcomes = this.appending.write(batch.map((queued) => queued.request));
      committing = true;
      this.writer.exec('COMMIT');
    } catch (error) {
      this.tryRollBack();
      const message = `The event log could not be written: ${messageOf(error)}`;
      for (const queued of batch) {
        queued.reject(new LogUnavailable(message, committing, { cause: error }));
      }
      return;
    }
    this.onCommit();
    for (const [index, queued] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined && 'appended' in outcome) queued.resolve(outcome.appended);
      else queued.reject(outcome?.error ?? new Error('An append has no outcome'));
    }
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
