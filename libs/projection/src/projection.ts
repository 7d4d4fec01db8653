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
  /**
   * Rows that `reduce` is certain to look at: they are looked up for a whole page at once before it
   * begins. Any other is looked up when it is missed, and its page reduced once more.
   */
  looksAt?(fact: F): readonly Looked[];
}

/** Fixed for ever: checkpoints are kept by partition. */
export const PARTITIONS = 16;

/** Each anchor's facts are reduced in log order; facts of the directory have no anchor. */
export function partitionOf(anchor: Slug | undefined): number {
  return crc32(anchor ?? '') % PARTITIONS;
}
