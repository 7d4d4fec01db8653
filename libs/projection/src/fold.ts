import { messageOf, present } from '#kernel';
import type { Position } from '#event-log';
import type { Generation, Parked } from './generations.js';
import { PARTITIONS, partitionOf, type AnyFact, type ByStream } from './projection.js';
import { RowCache } from './row-cache.js';
import { entryOf, newMap, Rows } from './rows.js';
import type { Row, RowKey, Table } from './table.js';

/** Looks up rows in the tables of a generation. */
export type LoadRows = (table: Table, keys: readonly RowKey[]) => Promise<readonly Row[]>;

export interface FoldGiven {
  /** As it stands in the database. */
  readonly generation: Generation;
  /** Its partitions that are not stopped. */
  readonly running: Set<number>;
  readonly parked: readonly Parked[];
  readonly load: LoadRows;
}

/** A ledger's partition that met what it could not apply. */
export interface StoppedAt {
  readonly position: Position;
  readonly reason: string;
}

/**
 * What a builder holds of one generation in memory: facts are reduced page by page onto rows, and
 * what comes of many pages is written at once, as the net change. The rows stay for the next facts,
 * as many as there is room for, as long as nobody else writes to the generation.
 */
export class Fold {
  readonly rows: RowCache;
  /** Since the last writing. */
  readonly parked: Parked[] = [];
  readonly stopped = new Map<number, StoppedAt>();
  /** The last event it took in, and how far it has come. */
  last: AnyFact | undefined;
  position: Position;
  /** Of the generation, when it was last written. */
  revision: bigint;
  /** What the database is still at: facts are reduced meanwhile. */
  underWay: Promise<void> = Promise.resolve();
  /** It holds nothing yet: streams that stand each for itself are left for later. */
  isNew = false;
  private readonly aside: Set<string>;
  private readonly applies: ReadonlySet<string>;
  private readonly typesOfStreams: ReadonlySet<string>;

  constructor(private readonly given: FoldGiven) {
    const { generation, parked } = given;
    this.position = generation.position;
    this.revision = generation.revision;
    this.aside = new Set(parked.map(({ stream }) => stream));
    this.applies = new Set(generation.projection.applies);
    this.typesOfStreams = new Set(generation.projection.byStream?.types);
    // What nobody ever wrote to is empty: there is nothing to look up in it.
    this.rows = new RowCache(generation.projection.tables, generation.revision === 0n);
  }

  get running(): ReadonlySet<number> {
    return this.given.running;
  }

  /** Of the facts that it takes in the order of the log. */
  get typesInOrder(): readonly string[] {
    const { applies } = this.given.generation.projection;
    return this.isNew ? applies.filter((type) => !this.typesOfStreams.has(type)) : applies;
  }

  /** What it leaves for later. */
  get streamsLeft(): ByStream<AnyFact> | undefined {
    return this.isNew ? this.given.generation.projection.byStream : undefined;
  }

  /** Of a partition that has to stop nothing of the page stands. */
  async take(facts: readonly AnyFact[]): Promise<void> {
    const mine = this.concerning(facts);
    const { rows, failed } = await this.reduced(mine);
    if (failed === undefined) this.rows.keep(rows);
    else await this.takeByPartition(mine);
    const last = facts.at(-1);
    if (last === undefined) return;
    this.last = last;
    this.position = last.position;
  }

  /** There was nothing more for it up to there. */
  comeTo(position: Position): void {
    this.position = position;
  }

  /** Some of those that were left, each whole, as far as this fold has come. */
  async takeStreams(streams: readonly (readonly AnyFact[])[]): Promise<void> {
    const byStream = this.streamsLeft;
    if (byStream === undefined) return;
    let these = streams.map((facts) => facts.filter(({ type }) => this.typesOfStreams.has(type)));
    while (these.length > 0) {
      const wanted: Rows['wanted'] = new Map();
      these = these.filter((facts) => !this.takeStream(byStream, facts, wanted));
      await this.lookUp(wanted);
    }
  }

  /** All of it is in the database. */
  written(): void {
    this.revision += 1n;
    this.rows.written();
    this.parked.length = 0;
    this.stopped.clear();
  }

  /** Whether all of these could be applied; only then does something come of them. */
  async takeAll(facts: readonly AnyFact[]): Promise<boolean> {
    const { rows, failed } = await this.reduced(facts);
    if (failed === undefined) this.rows.keep(rows);
    return failed === undefined;
  }

  private concerning(facts: readonly AnyFact[]): AnyFact[] {
    const allRun = this.running.size === PARTITIONS;
    let last = this.position;
    return facts.filter(({ position, type, stream, metadata }) => {
      // Delivered again, in this page or an earlier one.
      if (position <= last) return false;
      last = position;
      return (
        this.applies.has(type) &&
        !(this.isNew && this.typesOfStreams.has(type)) &&
        !this.aside.has(stream) &&
        (allRun || this.running.has(partitionOf(metadata.anchor)))
      );
    });
  }

  /** Whether nothing was missing; what was is added to what is wanted. */
  private takeStream(
    byStream: ByStream<AnyFact>,
    facts: readonly AnyFact[],
    wanted: Rows['wanted'],
  ): boolean {
    const { rows, failed } = this.reducedStream(byStream, facts);
    for (const [table, keys] of rows.wanted) {
      const all = entryOf(wanted, table, newMap<RowKey>);
      for (const [text, key] of keys) all.set(text, key);
    }
    if (rows.wanted.size > 0) return false;
    if (failed === undefined) {
      this.rows.keep(rows, byStream.sharesRows !== true);
      return true;
    }
    if (!this.takeStream(byStream, facts.slice(0, failed.index), wanted)) return false;
    this.park(present(facts[failed.index], 'a fact that failed is one of them'), failed);
    return true;
  }

  private reducedStream(byStream: ByStream<AnyFact>, facts: readonly AnyFact[]): Reduced {
    const { projection } = this.given.generation;
    const rows = new Rows(projection.tables, this.rows);
    try {
      byStream.reduce(facts, rows);
      return { rows, failed: undefined };
    } catch {
      // Which of them it was is known when they are reduced one by one.
      const one = new Rows(projection.tables, this.rows);
      return { rows: one, failed: reduceAll(facts, one, projection.reduce.bind(projection)) };
    }
  }

  /**
   * Reduces them on rows of their own. What was missing is looked up at once for all of them, and
   * they are reduced again, until nothing is.
   */
  private async reduced(facts: readonly AnyFact[]): Promise<Reduced> {
    const { projection } = this.given.generation;
    await this.lookUp(this.certain(facts));
    for (;;) {
      const rows = new Rows(projection.tables, this.rows);
      const failed = reduceAll(facts, rows, projection.reduce.bind(projection));
      if (rows.wanted.size === 0) return { rows, failed };
      await this.lookUp(rows.wanted);
    }
  }

  /** What they are certain to look at and is not here. */
  private certain(facts: readonly AnyFact[]): Rows['wanted'] {
    const { projection } = this.given.generation;
    const rows = new Rows(projection.tables, this.rows);
    if (projection.looksAt === undefined) return rows.wanted;
    for (const fact of facts) for (const each of projection.looksAt(fact)) rows.get(...each);
    return rows.wanted;
  }

  private async lookUp(wanted: Rows['wanted']): Promise<void> {
    for (const [name, keys] of wanted) {
      const { tables } = this.given.generation.projection;
      const table = present(
        tables.find((each) => each.name === name),
        `there is a table ${name}`,
      );
      this.rows.learn(table, keys, await this.given.load(table, [...keys.values()]));
    }
  }

  private async takeByPartition(facts: readonly AnyFact[]): Promise<void> {
    const partitions = new Set(facts.map(({ metadata }) => partitionOf(metadata.anchor)));
    for (const partition of partitions) {
      const mine = facts.filter(({ metadata }) => partitionOf(metadata.anchor) === partition);
      await this.takePartition(partition, mine);
    }
  }

  private async takePartition(partition: number, facts: readonly AnyFact[]): Promise<void> {
    const { projection } = this.given.generation;
    const { rows, failed } = await this.reduced(facts);
    if (failed === undefined) {
      this.rows.keep(rows);
      return;
    }
    const fact = present(facts[failed.index], 'a fact that failed is one of them');
    if (projection.whenBroken === 'stop') {
      const reason = `${fact.type} ${fact.id}: ${failed.reason}`;
      this.stopped.set(partition, { position: this.position, reason });
      this.given.running.delete(partition);
      return;
    }
    // Its stream goes aside; the rest is reduced as if the fact were not there.
    this.park(fact, failed);
    const before = facts.slice(0, failed.index);
    const after = facts.slice(failed.index + 1).filter((later) => later.stream !== fact.stream);
    await this.takePartition(partition, [...before, ...after]);
  }

  private park({ type, stream, version }: AnyFact, { reason }: Failed): void {
    const { name } = this.given.generation.projection;
    this.parked.push({ projection: name, stream, version, reason: `${type}: ${reason}` });
    this.aside.add(stream);
  }
}

interface Failed {
  readonly index: number;
  readonly reason: string;
}

interface Reduced {
  readonly rows: Rows;
  /** The first that could not be applied: what came after it was not looked at. */
  readonly failed: Failed | undefined;
}

/** With rows wanting a failure means nothing yet: it goes on, to find what else is wanted. */
function reduceAll(
  facts: readonly AnyFact[],
  rows: Rows,
  reduce: (fact: AnyFact, rows: Rows) => void,
): Failed | undefined {
  for (const [index, fact] of facts.entries()) {
    try {
      reduce(fact, rows);
    } catch (error) {
      if (rows.wanted.size === 0) return { index, reason: messageOf(error) };
    }
  }
  return undefined;
}
