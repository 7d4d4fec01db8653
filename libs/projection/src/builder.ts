import type { StoredEvent } from '#event-log';
import { Fold } from './fold.js';
import { Generations, tableName, type Generation, type Parked } from './generations.js';
import { GenerationsWriting, Overtaken } from './generations-writing.js';
import type { AnyFact } from './projection.js';
import { ViewsUnavailable, type ViewsDatabase, type ViewsTransaction } from './views-database.js';

/** Keeps what is in memory of each generation, and writes what came of the facts. */
export class Builder {
  private readonly folds = new Map<string, Fold>();

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

  /** What is in memory of any other generation goes. */
  keepOnly(generations: readonly Generation[]): void {
    const names = new Set(generations.map(nameOf));
    for (const name of this.folds.keys()) if (!names.has(name)) this.folds.delete(name);
  }

  forget(generation: Generation): void {
    this.folds.delete(nameOf(generation));
  }

  /** All that came of the facts up to this event; nothing of it when somebody else was quicker. */
  async write(generation: Generation, fold: Fold, last: StoredEvent): Promise<void> {
    try {
      await this.views.transaction(async (writing) => {
        const generations = new GenerationsWriting(writing);
        await generations.claim(generation);
        await generations.follow(last);
        for (const parked of fold.parked) await generations.park(generation, parked);
        for (const [partition, at] of fold.stopped) {
          await generations.stop(generation, partition, at);
        }
        await generations.moveOn(generation, fold.position);
        await writeChanges(writing, generation, fold);
      });
      fold.written(generation.revision + 1n);
    } catch (error) {
      this.forget(generation);
      // The next page is read from where they are, or where this one is after all.
      if (!(error instanceof Overtaken) && !(error instanceof ViewsUnavailable)) throw error;
    }
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
      await generations.claim(generation);
      if (!applies) return;
      // Another process was quicker: what it applied must not be applied twice.
      const still = await generations.parked(parked.projection, generation.number);
      if (!still.some(({ stream, version }) => isOf(parked, stream, version))) return;
      await generations.unpark(generation, parked.stream);
      await writeChanges(writing, generation, fold);
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
}

const isOf = (parked: Parked, stream: string, version: number) =>
  parked.stream === stream && parked.version === version;

async function writeChanges(
  writing: ViewsTransaction,
  { number }: Generation,
  fold: Fold,
): Promise<void> {
  for (const change of fold.changes()) {
    await writing.write(change, tableName(change.table.name, number));
  }
}

function nameOf({ projection, number }: Generation): string {
  return `${projection.name} ${projection.version} ${number}`;
}
