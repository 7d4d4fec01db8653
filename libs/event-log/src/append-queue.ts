import { present, type StreamName } from '#kernel';
import { LogUnavailable } from './errors.js';
import { sizeOf } from './paging.js';
import type { ExpectedVersion } from './place.js';
import type { Appended } from './port.js';
import type { EventToStore } from './stored-event.js';

// One commit must neither keep other processes waiting for long nor this one's event loop.
const APPENDS_PER_COMMIT_MAX = 256;
const BYTES_PER_COMMIT_MAX = 4 * 1024 * 1024;
/** How long an append, or the opening of a log, waits for another process to let go of it. */
export const LOCK_WAIT_MAX_MS = 10_000;
const LOCK_RETRY_MAX_MS = 8;

/** Spread out, so that processes waiting for the same lock do not meet again and again. */
export function retryDelayMs(): number {
  return 1 + Math.random() * (LOCK_RETRY_MAX_MS - 1);
}

export interface AppendRequest {
  readonly stream: StreamName;
  readonly expected: ExpectedVersion;
  readonly events: readonly EventToStore[];
}

/** What one append of a batch comes to; it counts only once the batch is committed. */
export type Outcome = { readonly appended: Appended } | { readonly error: Error };

/** An append that waits for its answer. */
export interface QueuedAppend {
  readonly request: AppendRequest;
  readonly size: number;
  readonly giveUpAtMs: number;
  resolve(appended: Appended): void;
  reject(error: Error): void;
}

/** Appends in the order in which they came, to be taken and committed several at once. */
export class AppendQueue {
  private queue: QueuedAppend[] = [];

  constructor(private readonly patienceMs = LOCK_WAIT_MAX_MS) {}

  isEmpty(): boolean {
    return this.queue.length === 0;
  }

  add(request: AppendRequest): Promise<Appended> {
    return new Promise((resolve, reject) => {
      const giveUpAtMs = performance.now() + this.patienceMs;
      const size = request.events.reduce((sum, event) => sum + sizeOf(event), 0);
      this.queue.push({ request, size, giveUpAtMs, resolve, reject });
    });
  }

  takeAll(): QueuedAppend[] {
    return this.queue.splice(0);
  }

  takeLate(): QueuedAppend[] {
    const now = performance.now();
    const inTime = this.queue.findIndex((queued) => queued.giveUpAtMs > now);
    return this.queue.splice(0, inTime === -1 ? this.queue.length : inTime);
  }

  /** As many as one commit may carry. With `eachStreamOnce`, what else there is of one stays. */
  takeBatch({ eachStreamOnce }: { readonly eachStreamOnce: boolean }): QueuedAppend[] {
    const taken = new Set<StreamName>();
    const batch: QueuedAppend[] = [];
    const rest: QueuedAppend[] = [];
    let size = 0;
    let full = false;
    for (const queued of this.queue) {
      const { stream } = queued.request;
      full ||= batch.length === APPENDS_PER_COMMIT_MAX;
      full ||= batch.length > 0 && size + queued.size > BYTES_PER_COMMIT_MAX;
      if (full || (eachStreamOnce && taken.has(stream))) {
        rest.push(queued);
      } else {
        taken.add(stream);
        batch.push(queued);
        size += queued.size;
      }
    }
    this.queue = rest;
    return batch;
  }
}

/** Everybody in a batch has the answer to his own append. */
export function answer(batch: readonly QueuedAppend[], outcomes: readonly Outcome[]): void {
  for (const [index, queued] of batch.entries()) {
    const outcome = present(outcomes[index], 'an append of a batch has an outcome');
    if ('appended' in outcome) queued.resolve(outcome.appended);
    else queued.reject(outcome.error);
  }
}

export function refuseAll(
  batch: readonly QueuedAppend[],
  message: string,
  mayBeWritten: boolean,
  cause?: unknown,
): void {
  for (const queued of batch) queued.reject(new LogUnavailable(message, mayBeWritten, { cause }));
}
