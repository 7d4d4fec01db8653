import { crc32 } from 'node:zlib';
import type { EventOf, EventCatalogue, Slug } from '#kernel';
import type { RecordedFact } from '#event-log';
import type { Rows } from './rows.js';
import type { RowKey, Table } from './table.js';

export type Looked = readonly [table: string, ...key: RowKey];

export type AnyFact = RecordedFact<EventOf<EventCatalogue>>;

/**
 * A read model and how it follows from the log, and from nothing else: a pure reduction of facts
 * onto rows. It may be thrown away at any time.
 */
export interface Projection<F extends AnyFact = AnyFact> {
  readonly name: string;
  /** A new version is built beside the old one and takes its place when it has caught up. */
  readonly version: number;
  readonly tables: readonly Table[];
  /** The event types it reduces; every other one is known and left out on purpose. */
  readonly applies: readonly F['type'][];
  /**
   * What becomes of a fact that cannot be applied: money is never skipped, so a ledger stops for
   * the anchor concerned; a view parks the stream concerned and goes on.
   */
  readonly whenBroken: 'stop' | 'park';
  reduce(fact: F, rows: Rows): void;
  readonly byStream?: ByStream<F>;
  /**
   * Rows that `reduce` is certain to look at: they are looked up for a whole page at once before it
   * begins. Any other is looked up when it is missed, and its page reduced once more.
   */
  looksAt?(fact: F): readonly Looked[];
}

/**
 * Streams that stand each for itself: what their facts come to is the same in whatever order the
 * streams are reduced, and whether before or after all other facts. A new build reduces the others
 * first, for which it reads no more of the log than it has to, and then each of these streams
 * whole, one by one: so it never holds more than a few of them, however long the log is and however
 * many people are open at a time.
 */
export interface ByStream<F extends AnyFact> {
  /** Of the facts of such streams; no other stream has any of them. */
  readonly types: readonly F['type'][];
  /** Of the first fact of each of them: who has seen all of this type knows all the streams. */
  readonly first: F['type'];
  /** Several streams change the same rows: one that was reduced does not settle them. */
  readonly sharesRows?: true;
  /** The same as `reduce` one by one, of facts that follow each other in one stream. */
  reduce(facts: readonly F[], rows: Rows): void;
}

/** Fixed for ever: checkpoints are kept by partition. */
export const PARTITIONS = 16;

/** Each anchor's facts are reduced in log order; facts of the directory have no anchor. */
export function partitionOf(anchor: Slug | undefined): number {
  return crc32(anchor ?? '') % PARTITIONS;
}
