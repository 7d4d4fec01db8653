import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { HeadWaiters, LOG_START, type EventLog, type Position } from '#event-log';
import type { Environment } from '../config.js';
import { Freshness, NotReached, PositionAhead, REACH_MS_MAX, type Fresh } from '../freshness.js';
import { errorFields } from '../logging.js';
import type { FromWorker, Reached, ToWorker, WorkerGiven } from './messages.js';

/** How long a worker that ended by itself is left alone: twice as long each time, up to a limit. */
export const RESTART_MS_MIN = 500;
export const RESTART_MS_MAX = 30_000;
/** How long a worker may take to end its round when it is told to stop. */
export const STOP_MS_MAX = 5_000;

const WORKER = new URL('./worker.js', import.meta.url);

export interface ProjectorOptions {
  /** The service's own, to find the head. */
  readonly log: Pick<EventLog, 'head'>;
  readonly environment: Environment;
  readonly logger: Logger;
}

/** Where the read models stand, as far as the service has heard. */
export interface Standing {
  /** Whether the worker is there; `false` while it waits to be started again. */
  readonly running: boolean;
  /** How long ago it last had all that was in the log, in milliseconds; `null`: not once yet. */
  readonly behindMs: number | null;
  readonly stopped: number;
  readonly parked: number;
}

/** Keeps a worker thread at work on the read models, and tells how far they are. */
export class Projector extends Freshness {
  private readonly waiters = new HeadWaiters();
  private worker: Worker | undefined;
  private latest: Reached | undefined;
  private latestAt = 0;
  private restart: NodeJS.Timeout | undefined;
  private restartMs = RESTART_MS_MIN;
  private stopping = false;

  private constructor(private readonly given: ProjectorOptions) {
    super();
  }

  static start(options: ProjectorOptions): Projector {
    const projector = new Projector(options);
    projector.begin();
    return projector;
  }

  async reach(position?: Position): Promise<Fresh> {
    const head = await this.given.log.head();
    if (position !== undefined && position > head) {
      throw new PositionAhead(`The log has nothing at ${position} yet: its head is at ${head}.`);
    }
    const wanted = position ?? LOG_START;
    const reached = this.reachedAtLeast(wanted) ?? (await this.waitFor(wanted));
    return { position: reached, head: reached > head ? reached : head };
  }

  private reachedAtLeast(wanted: Position): Position | undefined {
    const reached = this.latest?.position;
    return reached !== undefined && reached >= wanted ? reached : undefined;
  }

  private async waitFor(wanted: Position): Promise<Position> {
    const limit = AbortSignal.timeout(REACH_MS_MAX);
    while (!this.stopping && !limit.aborted) {
      const waiting = this.waiters.wait(wanted - 1n, limit);
      this.tell({ kind: 'catch-up' });
      await waiting;
      const reached = this.reachedAtLeast(wanted);
      if (reached !== undefined) return reached;
    }
    throw new NotReached(
      `The read models are at ${this.latest?.position ?? LOG_START} and were to be at ${wanted}: ` +
        'ask again in a moment.',
    );
  }

  /** `head`: of the log, a moment ago. */
  standing(head: Position): Standing {
    const { latest } = this;
    const running = this.worker !== undefined;
    if (latest === undefined) return { running, behindMs: null, stopped: 0, parked: 0 };
    const { position, stopped, parked } = latest;
    const behindMs = position >= head ? 0 : Math.round(performance.now() - this.latestAt);
    return { running, behindMs, stopped, parked };
  }

  /** After the round that is under way, its checkpoint included; or without it, if that is long. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    this.waiters.wakeAll();
    const { worker } = this;
    if (worker === undefined) return;
    // Not `once` of node:events: that gives up when the worker fails on its way out.
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    this.tell({ kind: 'stop' });
    const limit = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
    await ended;
    clearTimeout(limit);
  }

  private begin(): void {
    const startedAt = performance.now();
    const workerData: WorkerGiven = { environment: this.given.environment };
    const worker = new Worker(WORKER, { workerData });
    this.worker = worker;
    worker.on('message', (message: FromWorker) => {
      this.hear(message);
    });
    // What it did not foresee itself.
    worker.on('error', (error) => {
      this.hear({ kind: 'failed', error: errorFields(error) });
    });
    worker.once('exit', () => {
      this.worker = undefined;
      if (this.stopping) return;
      if (performance.now() - startedAt > RESTART_MS_MAX) this.restartMs = RESTART_MS_MIN;
      const retryMs = this.restartMs;
      this.restartMs = Math.min(retryMs * 2, RESTART_MS_MAX);
      this.given.logger.warn({ retryMs }, 'the projector ended and is started again');
      this.restart = setTimeout(() => {
        this.begin();
      }, retryMs);
    });
  }

  private tell(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private hear(message: FromWorker): void {
    const { logger } = this.given;
    switch (message.kind) {
      case 'reached':
        this.hearReached(message);
        return;
      case 'wrote':
        logger.info(message, 'wrote what was left out or fell due');
        return;
      case 'waiting':
        logger.warn(message.message);
        return;
      case 'failed':
        logger.error({ error: message.error }, 'the projector failed');
        return;
    }
  }

  private hearReached(reached: Reached): void {
    const { latest } = this;
    if (latest === undefined) {
      this.given.logger.info({ position: String(reached.position) }, 'the read models caught up');
    }
    const { stopped, parked } = reached;
    if (stopped !== (latest?.stopped ?? 0) || parked !== (latest?.parked ?? 0)) {
      const message = 'facts cannot be applied to the read models: `wayledger verify` says which';
      if (stopped + parked > 0) this.given.logger.error({ stopped, parked }, message);
      else this.given.logger.info({ stopped, parked }, 'all facts are applied again');
    }
    this.latest = reached;
    this.latestAt = performance.now();
    this.waiters.wakeBelow(reached.position);
  }
}
