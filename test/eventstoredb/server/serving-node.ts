import { setTimeout as pause } from 'node:timers/promises';
import type { Metadata } from '@grpc/grpc-js';
import { decide, type ExpectedRevision } from './expected-revision.js';
import type { Faults, Method } from './faults.js';
import type { LogRecord, RawEvent } from './log-record.js';
import {
  accessDenied,
  noLeader,
  notLeader,
  notReady,
  streamDeleted,
  timedOut,
  unauthenticated,
  type Endpoint,
} from './refusal.js';
import { requiresLeader, type Seen } from './seen.js';
import { systemEvent, ticksOf, type ServerStore, type Writing } from './server-store.js';
import { isSoftDeleted, metadataStreamOf, metadataTruncatedBefore } from './stream-metadata.js';

export type Role =
  | { readonly kind: 'leader' }
  | { readonly kind: 'follower'; readonly leader: Endpoint }
  | { readonly kind: 'leaderless' };

export type Users = Readonly<Record<string, string>>;

/** The one user that may read `$all`. */
const ADMIN = 'admin';
const UNREPLICATED_MS = 20;

export interface AppendOrder {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly RawEvent[];
}

export type AppendOutcome =
  /** Nothing was asked for, so nothing was written. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'written'; readonly last: LogRecord }
  | { readonly kind: 'conflict'; readonly current: bigint | undefined };

export interface Needs {
  readonly all?: boolean;
  readonly leader?: boolean;
}

/** A node between two starts, as its services see it. */
export interface Serving {
  readonly store: ServerStore;
  readonly faults: Faults;
  readonly seen: Seen;
  readonly users: Users | undefined;
  readonly batchAppend: boolean;
  /** Aborted when the node is stopped: a dead node writes nothing. */
  readonly stopped: AbortSignal;
  role(): Role;
  /** Cuts the connection of a peer, given as `address:port`. */
  cut(peer: string): void;
}

export function nowMs({ faults }: Serving): number {
  return Date.now() + faults.clockOffsetMs;
}

/** What the node has heard of: all there is, unless it was only just elected. */
export function isKnown({ faults }: Serving, { position }: LogRecord): boolean {
  return faults.knowsUpTo === null || position.commit <= faults.knowsUpTo;
}

export function writingNow(node: Serving): Writing {
  return { createdTicks: ticksOf(nowMs(node)), commitApart: node.faults.preparesDiffer };
}

/**
 * Lets a call in.
 * @throws Refusal for a fault that was asked for, a missing right or a missing leader
 */
export async function admit(
  node: Serving,
  method: Method,
  metadata: Metadata,
  needs: Needs = {},
): Promise<void> {
  await node.faults.befall(method, node.stopped);
  if (node.faults.notReady) throw notReady();
  checkRights(node.users, metadata, needs);
  if (needs.leader === true && node.faults.knowsUpTo !== null) throw notReady();
  const role = node.role();
  if (role.kind === 'leader') return;
  if (requiresLeader(metadata))
    throw role.kind === 'follower' ? notLeader(role.leader) : noLeader();
  // A follower forwards writes to its leader; both have the same store.
  if (needs.leader === true && role.kind === 'leaderless') throw notReady();
}

function checkRights(users: Users | undefined, metadata: Metadata, { all }: Needs): void {
  if (users === undefined) return;
  const header = metadata.get('authorization')[0];
  if (typeof header !== 'string') throw accessDenied();
  const [name = '', ...password] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  if (users[name] !== password.join(':')) throw unauthenticated();
  if (all === true && name !== ADMIN) throw accessDenied();
}

/** @throws Refusal when the stream is tombstoned, or the answer is late for a test */
export async function carryOut(node: Serving, order: AppendOrder): Promise<AppendOutcome> {
  node.seen.noteExpected(order.expected);
  const conflict = conflictOf(node, order);
  if (conflict !== undefined) return conflict;
  const unreplicated = node.faults.takeUnreplicated();
  if (unreplicated === undefined) return write(node, order);
  if (unreplicated.stored) write(node, order);
  await pause(unreplicated.afterMs ?? UNREPLICATED_MS, undefined, { signal: node.stopped });
  throw timedOut();
}

/** That needs no other node: it is told at once. */
function conflictOf({ store }: Serving, order: AppendOrder): AppendOutcome | undefined {
  const { stream, expected, events } = order;
  if (store.isTombstoned(stream) || events.length === 0) return undefined;
  const ids = events.map(({ id }) => id);
  const decision = decide(store, stream, expected, ids);
  return decision.kind === 'conflict' ? decision : undefined;
}

function write(node: Serving, { stream, expected, events }: AppendOrder): AppendOutcome {
  const { store } = node;
  if (store.isTombstoned(stream)) throw streamDeleted(stream);
  if (events.length === 0) return { kind: 'nothing' };
  const ids = events.map(({ id }) => id);
  const decision = decide(store, stream, expected, ids);
  if (decision.kind === 'conflict') return decision;
  if (decision.kind === 'repeated') return { kind: 'written', last: decision.last };
  const undeleteFrom = isSoftDeleted(store, stream) ? store.eventsOf(stream).length : undefined;
  const last = store.write(stream, events, writingNow(node));
  if (undeleteFrom !== undefined) hideBefore(node, stream, BigInt(undeleteFrom));
  return { kind: 'written', last };
}

/** The record that says so, in the stream of the stream's metadata. */
export function hideBefore(node: Serving, stream: string, revision: bigint): LogRecord {
  const json = metadataTruncatedBefore(node.store, stream, revision);
  const event = systemEvent('$metadata', json);
  return node.store.write(metadataStreamOf(stream), [event], writingNow(node));
}
