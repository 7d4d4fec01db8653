import { setTimeout as pause } from 'node:timers/promises';
import type { status } from '@grpc/grpc-js';
import { Refusal, unavailable } from './refusal.js';

export type Method =
  'append' | 'batchAppend' | 'read' | 'subscribe' | 'delete' | 'gossip' | 'features';
export type Methods = Method | 'all';

export interface Failure {
  readonly code: status;
  readonly details: string;
  readonly trailers?: Readonly<Record<string, string>>;
}

export interface Unreplicated {
  /** Whether the events were stored all the same. */
  readonly stored: boolean;
  /** How long the answer takes; the real commit timeout is 2 s. */
  readonly afterMs?: number;
}

/** A subscription as faults see it. */
export interface Breakable {
  drop(refusal: Refusal): void;
  wedge(): void;
}

/** What may go wrong on one node; everything may be changed while calls are under way. */
export class Faults {
  /** How far this server's clock is ahead. */
  clockOffsetMs = 0;
  /** A node that is starting up. */
  notReady = false;
  /**
   * Elected and not in office: it knows of nothing behind this commit position and takes no append,
   * but answers reads, as if it led already.
   */
  knowsUpTo: bigint | null = null;
  /** A stream is read up to the end of the server's page, as when an append came in between. */
  tornReads = false;
  /** Events written from now on have a commit position after their prepare position. */
  preparesDiffer = false;
  noPositionInAnswers = false;

  readonly #silent = new Set<Methods>();
  readonly #slowMs = new Map<Methods, number>();
  readonly #failures: { readonly methods: Methods; readonly refusal: Refusal }[] = [];
  readonly #subscriptions = new Set<Breakable>();
  #unreplicated: Unreplicated[] = [];
  #answersToLose = 0;

  /** The next so many calls are answered with UNAVAILABLE. */
  unavailable(methods: Methods, times = 1): void {
    for (let count = 0; count < times; count += 1) {
      this.#failures.push({ methods, refusal: unavailable() });
    }
  }

  failNext(methods: Methods, { code, details, trailers }: Failure): void {
    this.#failures.push({ methods, refusal: new Refusal(code, details, trailers) });
  }

  /** Calls are accepted and never answered, also not after `clear()`. */
  silent(methods: Methods): void {
    this.#silent.add(methods);
  }

  /** Calls are served so much later, whether or not the client still waits. */
  slow(methods: Methods, ms: number): void {
    this.#slowMs.set(methods, ms);
  }

  /** The next append is stored, and the connection cut instead of an answer. */
  loseNextAnswer(): void {
    this.#answersToLose += 1;
  }

  /** The next appends are answered ABORTED after a while. */
  notYetReplicated(times: number, unreplicated: Unreplicated = { stored: true }): void {
    for (let count = 0; count < times; count += 1) this.#unreplicated.push(unreplicated);
  }

  /** Every open subscription ends with UNAVAILABLE. */
  dropSubscriptions(refusal: Refusal = unavailable()): void {
    for (const subscription of [...this.#subscriptions]) subscription.drop(refusal);
  }

  /** Open subscriptions stay open and deliver nothing more. */
  wedgeSubscriptions(): void {
    for (const subscription of this.#subscriptions) subscription.wedge();
  }

  /** No more faults; the past is not mended. */
  clear(): void {
    this.clockOffsetMs = 0;
    this.notReady = false;
    this.knowsUpTo = null;
    this.tornReads = false;
    this.preparesDiffer = false;
    this.noPositionInAnswers = false;
    this.#silent.clear();
    this.#slowMs.clear();
    this.#failures.length = 0;
    this.#unreplicated = [];
    this.#answersToLose = 0;
  }

  /** For the server: what befalls this call before it is looked at. */
  async befall(method: Method, signal: AbortSignal): Promise<void> {
    if (this.#silent.has(method) || this.#silent.has('all')) await forEver();
    const planned = this.#failures.findIndex(({ methods }) => [method, 'all'].includes(methods));
    if (planned >= 0) throw this.#failures.splice(planned, 1)[0]!.refusal;
    const ms = this.#slowMs.get(method) ?? this.#slowMs.get('all');
    if (ms !== undefined) await pause(ms, undefined, { signal });
  }

  takeUnreplicated(): Unreplicated | undefined {
    return this.#unreplicated.shift();
  }

  takeLostAnswer(): boolean {
    if (this.#answersToLose === 0) return false;
    this.#answersToLose -= 1;
    return true;
  }

  /** Returns how to take it off again. */
  watch(subscription: Breakable): () => void {
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }
}

function forEver(): Promise<never> {
  return new Promise(() => undefined);
}
