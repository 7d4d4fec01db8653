import type { NetChange } from './rows.js';
import { Fold } from './fold.js';
import { Generations, tableName, type Generation, type Parked } from './generations.js';
import { GenerationsWriting, Overtaken } from './generations-writing.js';
import type { AnyFact } from './projection.js';
import { ViewsUnavailable, type ViewsDatabase, type ViewsTransaction } from './views-database.js';

/** What all rows in memory may take, roughly. */
export const CACHED_BYTES_MAX = 64 * 1024 * 1024;
/** Often enough for nobody to take a build that goes on for one that lost its builder. */
const TOUCHED_EVERY_MS = 60_000;

/** A generation, and what its builder holds of it in memory. */
export interface Build {
  readonly generation: Generation;
  readonly fold: Fold;
}

/** Keeps what is in memory of each generation, and writes what came of the facts. */
export class Builder {
  private readonly folds = new Map<string, Fold>();
  private touchedAt = performance.now();

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
    if (this.isFull()) fold.rows.makeRoom();
  }

  /** As `write`; what somebody else was quicker with is read from where they are. */
  async writeShared(build: Build): Promise<void> {
    try {
      await this.write(build);
    } catch (error) {
      this.forget(build.generation);
      if (!(error instanceof Overtaken) && !(error instanceof ViewsUnavailable)) throw error;
    }
  }

  /**
   * Of builds that nobody reads yet rows are written when there is no room for them, and the rest
   * when all is folded: most change again and again until then.
   * @throws Overtaken when somebody dropped the build
   */
  async makeRoom(builds: readonly Build[]): Promise<void> {
    const [largest] = [...builds].sort((a, b) => b.fold.rows.bytes - a.fold.rows.bytes);
    if (largest === undefined) return;
    const isDue = performance.now() - this.touchedAt > TOUCHED_EVERY_MS;
    if (!this.isFull() && !isDue) return;
    for (const build of isDue ? builds : [largest]) await this.spill(build);
    if (isDue) this.touchedAt = performance.now();
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
    for (const { rows } of this.folds.values()) bytes += rows.bytes;
    return bytes > CACHED_BYTES_MAX;
  }

  private async spill({ generation, fold }: Build): Promise<void> {
    await this.views.transaction(async (writing) => {
      await new GenerationsWriting(writing).claim(generation, fold.revision);
      await writeChanges(writing, generation, fold.rows.overflow());
    });
    fold.revision += 1n;
    fold.rows.makeRoom();
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
