import { setTimeout as pause } from 'node:timers/promises';
import {
  AccessDeniedError,
  binaryEvent,
  NotLeaderError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { streamOf, deriveId } from '#kernel';
import { LogUnavailable } from '#event-log';
import { describeConnection, type ConnectionSettings } from './connection-string.js';
import { asLogError, isPassing, Silence, type Circumstances } from './failures.js';
import { Naming } from './frame.js';
import { gather, type Source } from './gather.js';
import { clientFor, credentialsOf, type GuardedClient } from './guarded-client.js';
import { CALLS_MAX, type Timings } from './limits.js';
import { Slots } from './slots.js';

/** A call that kept its deadline on the server has had its answer by then. */
export const DEADLINE_GRACE_MS = 500;
/** No stream has this name, or ever will. */
const NOBODYS = streamOf('probe', deriveId<'stream'>('nobody'));
const RETRY_FIRST_MS = 20;
const RETRY_MAX_MS = 1_000;

/** One client for as long as nothing goes wrong with it. */
interface Link {
  readonly client: GuardedClient;
  readonly lost: AbortController;
  calls: number;
}

export interface CallOptions {
  /** An append: who gives up on it cannot know whether it was written. */
  readonly writes?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number;
}

/**
 * Keeps a live client and tries calls again, at whichever node leads, until they succeed, fail for
 * good, or patience ends. A client that failed once is not used again: its calls under way may
 * finish, new ones get a new client, which is used only after a first read has shown that it
 * reaches the leader. So an append is never sent on a connection that was not there.
 */
export class Connection {
  private readonly where: string;
  private readonly slots = new Slots(CALLS_MAX);
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();
  private current: Promise<Link> | undefined;
  private leader: NotLeaderError['leader'] | undefined;
  private isTold = false;
  private wasReached = false;

  constructor(
    readonly settings: ConnectionSettings,
    readonly timings: Timings,
    private readonly onWaiting: (message: string) => void,
  ) {
    this.where = describeConnection(settings);
  }

  get circumstances(): Pick<Circumstances, 'where' | 'wasReached'> {
    return { where: this.where, wasReached: this.wasReached };
  }

  get isOpen(): boolean {
    return !this.closing.signal.aborted;
  }

  /** @throws LogUnavailable when patience ends, or what the call itself throws for good */
  call<T>(work: (client: GuardedClient) => Promise<T>, options: CallOptions = {}): Promise<T> {
    if (!this.isOpen) return Promise.reject(closed());
    const result = this.retrying(() => this.slots.within(() => this.once(work)), options);
    this.underWay.add(result);
    const forget = (): void => {
      this.underWay.delete(result);
    };
    result.then(forget, forget);
    return result;
  }

  /** Something that goes on for as long as its client is good: then the signal aborts. */
  async hold(work: (client: GuardedClient, lost: AbortSignal) => Promise<void>): Promise<void> {
    const link = await this.live();
    const over = AbortSignal.any([link.lost.signal, this.closing.signal]);
    await this.using(link, () => work(link.client, over));
  }

  /** Answers what is under way, then lets go of the server. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.underWay);
    const link = await this.current?.catch(() => undefined);
    if (link !== undefined) this.drop(link);
  }

  private async retrying<T>(
    attempt: () => Promise<T>,
    { writes = false, signal, patienceMs = this.timings.patienceMs }: CallOptions,
  ): Promise<T> {
    const sinceMs = performance.now();
    let mayBeWritten = false;
    for (let failures = 0; ; failures += 1) {
      try {
        const result = await attempt();
        this.isTold = false;
        return result;
      } catch (error) {
        const cause = error instanceof NotReached ? error.cause : error;
        mayBeWritten ||= writes && cause === error && isPassing(cause);
        const waitMs =
          Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MAX_MS) * (0.5 + Math.random());
        const mayTryAgain =
          this.isOpen &&
          signal?.aborted !== true &&
          isPassing(cause) &&
          performance.now() + waitMs < sinceMs + patienceMs;
        if (!mayTryAgain) throw asLogError(cause, { ...this.circumstances, mayBeWritten });
        if (performance.now() > sinceMs + this.timings.tellAfterMs) this.tell(patienceMs);
        await pause(waitMs);
      }
    }
  }

  /** Once for each time that it is away, however many wait. */
  private tell(patienceMs: number): void {
    if (this.isTold) return;
    this.isTold = true;
    this.onWaiting(`waiting for ${this.where}, for up to ${patienceMs / 1_000} s …`);
  }

  private async once<T>(work: (client: GuardedClient) => Promise<T>): Promise<T> {
    const link = await this.live();
    return this.using(link, () => work(link.client));
  }

  private async using<T>(link: Link, work: () => Promise<T>): Promise<T> {
    link.calls += 1;
    try {
      return await work();
    } catch (error) {
      if (isPassing(error)) this.lose(link, error);
      throw error;
    } finally {
      link.calls -= 1;
      this.shutDownWhenIdle(link);
    }
  }

  private live(): Promise<Link> {
    this.current ??= this.connect().catch((error: unknown) => {
      this.current = undefined;
      throw new NotReached(error);
    });
    return this.current;
  }

  private async connect(): Promise<Link> {
    const client = clientFor(this.settings, this.leader);
    try {
      await this.probe(client);
      await this.mustBeInOffice(client);
      this.wasReached = true;
      return { client, lost: new AbortController(), calls: 0 };
    } catch (error) {
      this.leader = error instanceof NotLeaderError ? error.leader : undefined;
      void client.shutDown();
      throw error;
    }
  }

  /** Discovery, TLS, the user's rights and who leads: all of it shows in one small read. */
  private probe(client: GuardedClient): Promise<void> {
    const read = (): Source<unknown> =>
      client.readAll({
        direction: 'backwards',
        fromPosition: 'end',
        maxCount: 1,
        ...this.asked(),
      });
    return gather(read, () => undefined, { silenceMs: this.timings.silenceMs });
  }

  /**
   * A node that was only just elected answers reads before it knows all that was acknowledged, and
   * takes appends only when it does. So it is given one that can never be written: a conflict shows
   * that it is in office.
   */
  private async mustBeInOffice(client: GuardedClient): Promise<void> {
    const { appendDeadlineMs: deadline } = this.timings;
    const name = new Naming(this.settings.namespace).onServer(NOBODYS);
    const nothing = binaryEvent({ type: 'Nothing', data: new Uint8Array() });
    const expectedRevision = BigInt(Number.MAX_SAFE_INTEGER);
    try {
      const options = { expectedRevision, ...this.asked(), deadline };
      await within(deadline + DEADLINE_GRACE_MS, client.appendToStream(name, nothing, options));
    } catch (error) {
      // Who may only read learns of it as well as anybody can.
      const isAnswer =
        error instanceof WrongExpectedVersionError || error instanceof AccessDeniedError;
      if (!isAnswer) throw error;
    }
  }

  /** What every call asks for: decisions are made on what the leader knows. */
  asked() {
    return { requiresLeader: true, credentials: credentialsOf(this.settings) } as const;
  }

  private lose(link: Link, error: unknown): void {
    if (link.lost.signal.aborted) return;
    link.lost.abort();
    this.current = undefined;
    this.leader = error instanceof NotLeaderError ? error.leader : undefined;
  }

  private drop(link: Link): void {
    link.lost.abort();
    this.current = undefined;
    this.shutDownWhenIdle(link);
  }

  private shutDownWhenIdle({ client, lost, calls }: Link): void {
    if (calls === 0 && lost.signal.aborted) void client.shutDown();
  }
}

/** No live client was found: nothing of the call was sent. */
class NotReached extends Error {
  override readonly name = 'NotReached';

  constructor(override readonly cause: unknown) {
    super('no node could be reached');
  }
}

export function closed(): LogUnavailable {
  return new LogUnavailable('The event log is closed', false);
}

/** For calls whose own deadline cannot be relied upon. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const tooLate = pause(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Silence(ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    timer.abort();
    tooLate.catch(() => undefined);
  }
}
