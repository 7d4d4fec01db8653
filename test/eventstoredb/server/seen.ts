import type { EventEmitter } from 'node:events';
import type { Metadata } from '@grpc/grpc-js';
import type { ExpectedRevision } from './expected-revision.js';
import type { Method } from './faults.js';
import type { LogPosition } from './log-record.js';

export type ExpectedKind = 'any' | 'no_stream' | 'stream_exists' | 'revision';

export interface FilterSeen {
  readonly on: 'stream' | 'type';
  readonly prefixes: readonly string[];
  /** Empty when prefixes are given. */
  readonly regex: string;
  readonly window: number;
  /** Events considered between two checkpoints. */
  readonly checkpointEvery: number;
}

/** A subscription to `$all`. */
export interface SubscriptionSeen {
  readonly from: 'start' | 'end' | LogPosition;
  readonly filter: FilterSeen | undefined;
  readonly requiresLeader: boolean;
  open: boolean;
}

export interface HeadersSeen {
  readonly requiresLeader: number;
  readonly authorization: number;
}

const NO_HEADERS: HeadersSeen = { requiresLeader: 0, authorization: 0 };

export const requiresLeader = (metadata: Metadata): boolean =>
  metadata.get('requires-leader')[0] === 'true';

/** What one node was asked for, over all its restarts. */
export class Seen {
  readonly expected: Record<ExpectedKind, number> = {
    any: 0,
    no_stream: 0,
    stream_exists: 0,
    revision: 0,
  };
  /** To `$all`, open and ended, in the order they came. */
  readonly subscriptions: SubscriptionSeen[] = [];

  readonly #calls = new Map<Method, number>();
  readonly #headers = new Map<Method, HeadersSeen>();
  readonly #open = new Map<object, Method>();
  #openMax = 0;

  /** Batch appends are counted one by one, though they share a call. */
  calls(method: Method): number {
    return this.#calls.get(method) ?? 0;
  }

  /** How many calls of the method carried the header. */
  headers(method: Method): HeadersSeen {
    return this.#headers.get(method) ?? NO_HEADERS;
  }

  get openSubscriptions(): readonly SubscriptionSeen[] {
    return this.subscriptions.filter(({ open }) => open);
  }

  openCalls(method?: Method): number {
    return [...this.#open.values()].filter((one) => method === undefined || one === method).length;
  }

  /** The highest number of calls that were open at the same time. */
  get openCallsMax(): number {
    return this.#openMax;
  }

  /** For the server. */
  noteCall(method: Method, metadata: Metadata): void {
    this.#calls.set(method, this.calls(method) + 1);
    const { requiresLeader: leader, authorization } = this.headers(method);
    this.#headers.set(method, {
      requiresLeader: leader + Number(requiresLeader(metadata)),
      authorization: authorization + Number(metadata.get('authorization').length > 0),
    });
  }

  noteExpected(expected: ExpectedRevision): void {
    this.expected[typeof expected === 'bigint' ? 'revision' : expected] += 1;
  }

  /** A call is open until it says so itself, or the returned function is called. */
  noteOpen(method: Method, call: EventEmitter): () => void {
    const closed = () => this.#open.delete(call);
    this.#open.set(call, method);
    this.#openMax = Math.max(this.#openMax, this.#open.size);
    for (const end of ['cancelled', 'finish']) call.once(end, closed);
    return closed;
  }
}
