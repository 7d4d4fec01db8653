import type { NetChange } from './rows.js';
import { Fold } from './fold.js';
import { Generations, tableName, type Generation, type Parked } from './generations.js';
import { GenerationsWriting, Overtaken } from './generations-writing.js';
import type { AnyFact } from './projection.js';
import { ViewsUnavailable, type ViewsDatabase, type ViewsTransaction } from './views-database.js';

/** What rows in memory may take that were looked at of late, roughly; the others take no more. */
const RECENT_BYTES_MAX = 8 * 1024 * 1024;

/** So many times in a row the database may be unavailable for a moment. */
const FAILURES_MAX = 3;

/** A generation, and what its builder holds of it in memory. */
export interface Build {
  readonly generation: Generation;
  readonly fold: Fold;
}

/** What a build writes, and as which revision. */
interface Leaving {
  readonly generation: Generation;
  readonly revision: bigint;
  readonly changes: readonly NetChange[];
}

/** Keeps what is in memory of each generation, and writes what came of the facts. */
export class Builder {
  private readonly folds = new Map<string, Fold>();
  private failures = 0;

  constructor(private readonly views: ViewsDatabase) {}

  /** The one there is, unless somebody else has written since. */
  async foldOf(generation: Generation): Promise<Fold> {
    const known = this.folds.get(nameOf(generation));
    const { revision, position } = generation;
    if (known?.revision === revision && known.position === position) return known;
    const fold = await this.newFold(generation);
    this.folds.set(nameOf(generation), fold);
    return fold;
  }

  /** One that was just created and is this builder's alone. */
  async own(generation: Generation): Promise<Build> {
    const fold = await this.newFold(generation);
    fold.isNew = true;
    this.folds.set(nameOf(generation), fold);
    return { generation, fold };
  }

  /** What is in memory of any other generation goes. */
  keepOnly(generations: readonly Generation[]): void {
    const names = new Set(generations.map(nameOf));
    for (const name of this.folds.keys()) if (!names.has(name)) this.folds.delete(name);
  }

  forget(generation: Generation): void {
    this.folds.delete(nameOf(generation));
  }

  /**
   * All that came of the facts so far, with how far they go.
   * @throws Overtaken when somebody else was quicker: then nothing was written
   */
  async write({ generation, fold }: Build): Promise<void> {
    await fold.underWay;
    const { last } = fold;
    if (last === undefined) return;
    await this.views.transaction(async (writing) => {
      const generations = new GenerationsWriting(writing);
      await generations.claim(generation, fold.revision);
      await generations.follow(last);
      for (const parked of fold.parked) await generations.park(generation, parked);
      for (const [partition, at] of fold.stopped) await generations.stop(generation, partition, at);
      await generations.moveOn(generation, fold.position);
      await writeChanges(writing, generation, fold.rows.changes());
    });
    fold.written();
    if (this.isFull()) fold.rows.left(true);
  }

  /** As `write`; what somebody else was quicker with is read from where they are. */
  async writeShared(build: Build): Promise<void> {
    try {
      await this.write(build);
      this.failures = 0;
    } catch (error) {
      this.forget(build.generation);
      if (error instanceof Overtaken) return;
      this.failures += 1;
      if (!(error instanceof ViewsUnavailable) || this.failures > FAILURES_MAX) throw error;
    }
  }

  /**
   * Of builds that nobody reads yet: rows that are settled, or only added, are written as they
   * come, others when there is no room for them, the rest when all is folded. Does not wait for
   * what it begins to write; whatever comes next does, and fails with it.
   * @throws Overtaken when somebody dropped a build
   */
  async makeRoom(builds: readonly Build[]): Promise<void> {
    if (builds.length === 0) return;
    for (const { fold } of builds) await fold.underWay;
    const isFull = this.isFull();
    const leaving = builds.map(({ generation, fold: { revision, rows } }): Leaving => {
      return { generation, revision, changes: rows.leaving(isFull) };
    });
    for (const { fold } of builds) {
      fold.revision += 1n;
      fold.rows.left(isFull);
    }
    const underWay = this.writeLeaving(leaving).then(() => {
      for (const { fold } of builds) fold.rows.arrived();
    });
    // Whoever goes on with the build hears of it.
    underWay.catch(() => undefined);
    for (const { fold } of builds) fold.underWay = underWay;
  }

  private writeLeaving(leaving: readonly Leaving[]): Promise<void> {
    return this.views.transaction(async (writing) => {
      for (const { generation, revision, changes } of leaving) {
        // Also said to be alive: nobody takes it for a build that lost its builder.
        await new GenerationsWriting(writing).claim(generation, revision);
        await writeChanges(writing, generation, changes);
      }
    });
  }

  /**
   * Applies what was parked, if it can be applied now.
   * @throws Overtaken when somebody else wrote to the generation meanwhile
   */
  async replay(generation: Generation, parked: Parked, facts: readonly AnyFact[]): Promise<void> {
    this.forget(generation);
    const fold = await this.newFold(generation);
    const applies = await fold.takeAll(facts);
    await this.views.transaction(async (writing) => {
      const generations = new GenerationsWriting(writing);
      // First of all: who was overtaken has looked at newer rows.
      await generations.claim(generation, generation.revision);
      if (!applies) return;
      // Another process was quicker: what it applied must not be applied twice.
      const still = await generations.parked(parked.projection, generation.number);
      if (!still.some(({ stream, version }) => isOf(parked, stream, version))) return;
      await generations.unpark(generation, parked.stream);
      await writeChanges(writing, generation, fold.rows.changes());
    });
  }

  private async newFold(generation: Generation): Promise<Fold> {
    const { projection, number } = generation;
    const generations = new Generations(this.views);
    return new Fold({
      generation,
      running: await generations.running(generation),
      parked: await generations.parked(projection.name, number),
      load: (table, keys) => this.views.loadRows(table, tableName(table.name, number), keys),
    });
  }

  private isFull(): boolean {
    let bytes = 0;
    for (const { rows } of this.folds.values()) bytes += rows.recentBytes;
    return bytes > RECENT_BYTES_MAX;
  }
}

const isOf = (parked: Parked, stream: string, version: number) =>
  parked.stream === stream && parked.version === version;

async function writeChanges(
  writing: ViewsTransaction,
  { number }: Generation,
  changes: readonly NetChange[],
): Promise<void> {
  for (const change of changes) await writing.write(change, tableName(change.table.name, number));
}

function nameOf({ projection, number }: Generation): string {
  return `${projection.name} ${projection.version} ${number}`;
}
