import { messageOf, present, type EventCatalogue } from '#kernel';
import type { Codec, EventLog, Position, StoredEvent } from '#event-log';
import { Generations, Overtaken, tableName, type Generation } from './generations.js';
import { partitionOf, type AnyFact, type Projection } from './projection.js';
import { Rows } from './rows.js';
import type { ViewsDatabase } from './views-database.js';

/** Events read, reduced and written together. */
export const PAGE_EVENTS = 1_000;

export interface Progress {
  /** Events reduced so far, and how many there are in all (by position). */
  readonly done: bigint;
  readonly total: bigint;
}
export type OnProgress = (progress: Progress) => void;

export interface RunnerOptions {
  readonly log: EventLog;
  readonly codec: Codec<EventCatalogue>;
  readonly views: ViewsDatabase;
  readonly projections: readonly Projection[];
  readonly pageEvents?: number;
}

/**
 * Brings read models up to the log: reads a page, loads the rows it touches, reduces in memory, and
 * writes the net change together with the checkpoint. What was applied once is never applied again.
 */
export class Runner {
  readonly generations: Generations;
  private readonly pageEvents: number;

  constructor(private readonly given: RunnerOptions) {
    this.generations = new Generations(given.views);
    this.pageEvents = given.pageEvents ?? PAGE_EVENTS;
  }

  /** Until the head of the log, as it is when it is reached. Answers how far that was. */
  async catchUp(onProgress: OnProgress = () => undefined): Promise<Position> {
    await this.ensureGenerations();
    await this.retryParked();
    for (;;) {
      const generations = this.given.projections.flatMap((p) => this.generations.current(p));
      const position = await this.nextPage(generations, onProgress);
      if (position === 'at-head') break;
    }
    await this.promoteFirst();
    return this.given.log.head();
  }

  /**
   * Fills a new generation beside the one that serves, and lets it take over in one transaction
   * once it has caught up. The old one serves until then.
   */
  async rebuild(
    projections: readonly Projection[] = this.given.projections,
    onProgress: OnProgress = () => undefined,
  ): Promise<void> {
    await this.fillBeside(projections, onProgress, (generation) => {
      this.generations.promote(generation);
    });
  }

  /** Whether what serves is what the log gives: builds each projection anew, aside, and compares. */
  async compareRebuilt(
    onProgress: OnProgress = () => undefined,
  ): Promise<{ readonly projection: string; readonly equal: boolean }[]> {
    const results: { projection: string; equal: boolean }[] = [];
    await this.fillBeside(this.given.projections, onProgress, (rebuilt) => {
      const { name, tables } = rebuilt.projection;
      const live = present(this.generations.active(name), `${name} has an active generation`);
      const equal =
        this.generations.hash(tables, live.number) ===
        this.generations.hash(tables, rebuilt.number);
      results.push({ projection: name, equal });
      this.generations.drop(name, rebuilt.number);
    });
    return results;
  }

  private async fillBeside(
    projections: readonly Projection[],
    onProgress: OnProgress,
    whenLevel: (generation: Generation) => void,
  ): Promise<void> {
    await this.catchUp();
    const { views } = this.given;
    const fresh = await views.transaction(() => {
      this.generations.dropOrphans();
      return projections.map((projection) => this.generations.create(projection));
    });
    const names = new Set(fresh.map(({ projection, number }) => `${projection.name} ${number}`));
    const mine = () =>
      projections
        .flatMap((projection) => this.generations.of(projection))
        .filter(({ projection, number }) => names.has(`${projection.name} ${number}`));
    while ((await this.nextPage(mine(), onProgress)) !== 'at-head');
    for (const { projection, number } of fresh) {
      for (;;) {
        const level = await views.transaction(() => this.whenLevel(projection, number, whenLevel));
        if (level) break;
        await this.catchUp();
      }
    }
  }

  /** Live and rebuilt stand at the same event: only then may one be held against the other. */
  private whenLevel(
    projection: Projection,
    number: number,
    act: (generation: Generation) => void,
  ): boolean {
    const all = this.generations.of(projection);
    const fresh = present(
      all.find((generation) => generation.number === number),
      `generation ${number} of ${projection.name} is being filled`,
    );
    const live = all.find(({ status }) => status === 'active');
    if (live !== undefined && live.position !== fresh.position) return false;
    act(fresh);
    return true;
  }

  private async ensureGenerations(): Promise<void> {
    const { views, projections } = this.given;
    const missing = (p: Projection) =>
      this.generations.current(p).length === 0 && !this.allStopped(p);
    if (!projections.some(missing)) return;
    await views.transaction(() => {
      for (const projection of projections) {
        if (missing(projection)) this.generations.create(projection);
      }
    });
  }

  private allStopped(projection: Projection): boolean {
    const active = this.generations.active(projection.name);
    return active !== null && active.version === projection.version;
  }

  /** A version's first generation takes over as soon as it has caught up. */
  private async promoteFirst(): Promise<void> {
    for (const projection of this.given.projections) {
      const active = this.generations.active(projection.name);
      if (active?.version === projection.version) continue;
      await this.given.views.transaction(() => {
        const now = this.generations.active(projection.name);
        const [first] = this.generations.current(projection);
        if (now?.version !== projection.version && first) this.generations.promote(first);
      });
    }
  }

  private async nextPage(
    generations: readonly Generation[],
    onProgress: OnProgress,
  ): Promise<'more' | 'at-head'> {
    const positions = [...new Set(generations.map(({ position }) => position))].sort((a, b) =>
      a < b ? -1 : 1,
    );
    const [after, next] = positions;
    if (after === undefined) return 'at-head';
    const { log } = this.given;
    for await (const page of log.readLog({ after, max: this.pageEvents })) {
      // Those that are further on join when this one reaches them.
      const events = next === undefined ? page : page.filter((e) => e.position <= next);
      const facts = events.map((event) => this.decode(event));
      const last = events.at(-1);
      if (last === undefined) break;
      for (const generation of generations.filter((g) => g.position === after)) {
        await this.apply(generation, facts, last.position);
      }
      onProgress({ done: last.position, total: await log.head() });
      return 'more';
    }
    return 'at-head';
  }

  private decode(event: StoredEvent): AnyFact {
    return this.given.codec.decode(event);
  }

  private async apply(
    generation: Generation,
    facts: readonly AnyFact[],
    to: Position,
  ): Promise<void> {
    const { views } = this.given;
    try {
      await views.transaction(() => {
        const running = this.generations.running(generation);
        const byPartition = new Map<number, AnyFact[]>();
        for (const fact of this.concerning(generation, facts)) {
          const partition = partitionOf(fact.metadata.anchor);
          if (!running.has(partition)) continue;
          const mine = byPartition.get(partition);
          if (mine === undefined) byPartition.set(partition, [fact]);
          else mine.push(fact);
        }
        let going = running.size;
        for (const [partition, mine] of byPartition) {
          const reason = this.applyPartition(generation, mine);
          if (reason === null) continue;
          // Nothing of the page stands for this partition; its checkpoint stays where that began.
          this.generations.stop(generation, partition, reason);
          going -= 1;
        }
        this.generations.moveOn(generation, going, to);
      });
    } catch (error) {
      // Somebody else applied this page: the next one is read from where they are.
      if (!(error instanceof Overtaken)) throw error;
    }
  }

  private concerning(generation: Generation, facts: readonly AnyFact[]): AnyFact[] {
    const { projection, number } = generation;
    const parked = new Set(
      this.generations.parked(projection.name, number).map(({ stream }) => stream),
    );
    let last = generation.position;
    return facts.filter((fact) => {
      // Delivered again, in this page or an earlier one.
      if (fact.position <= last) return false;
      last = fact.position;
      return projection.applies.includes(fact.type) && !parked.has(fact.stream);
    });
  }

  /** The reason why a ledger had to stop, and then nothing was written; else `null`. */
  private applyPartition(generation: Generation, facts: readonly AnyFact[]): string | null {
    const { projection } = generation;
    if (projection.whenBroken === 'park') {
      this.applyOrPark(generation, facts);
      return null;
    }
    const rows = this.rowsOf(generation);
    for (const fact of facts) {
      try {
        projection.reduce(fact, rows);
      } catch (error) {
        return `${fact.type} ${fact.id}: ${messageOf(error)}`;
      }
    }
    this.write(generation, rows);
    return null;
  }

  /** A fact that breaks takes its whole stream aside; the rest is reduced as if it were not there. */
  private applyOrPark(generation: Generation, facts: readonly AnyFact[]): void {
    const { projection } = generation;
    const rows = this.rowsOf(generation);
    for (const [index, fact] of facts.entries()) {
      try {
        projection.reduce(fact, rows);
      } catch (error) {
        const { stream, version } = fact;
        this.generations.park(generation, stream, version, `${fact.type}: ${messageOf(error)}`);
        const before = facts.slice(0, index);
        const after = facts.slice(index + 1).filter((later) => later.stream !== stream);
        this.applyOrPark(generation, [...before, ...after]);
        return;
      }
    }
    this.write(generation, rows);
  }

  private rowsOf({ projection, number }: Generation): Rows {
    return new Rows(projection.tables, (table, key) =>
      this.given.views.loadRow(table, tableName(table.name, number), key),
    );
  }

  private write({ number }: Generation, rows: Rows): void {
    for (const change of rows.netChanges()) {
      this.given.views.write(change, tableName(change.table.name, number));
    }
  }

  /** What was parked is tried again at every start: by then the reason may be gone. */
  private async retryParked(): Promise<void> {
    for (const projection of this.given.projections) {
      for (const generation of this.generations.current(projection)) {
        const parked = this.generations.parked(projection.name, generation.number);
        for (const { stream, version } of parked) {
          const facts: AnyFact[] = [];
          for await (const event of this.given.log.readStream(stream, { from: version })) {
            if (event.position <= generation.position) facts.push(this.decode(event));
          }
          await this.replayStream(
            generation,
            facts.filter(({ type }) => projection.applies.includes(type)),
          );
        }
      }
    }
  }

  private async replayStream(generation: Generation, facts: readonly AnyFact[]): Promise<void> {
    const { views } = this.given;
    const [first] = facts;
    if (first === undefined) return;
    await views.transaction(() => {
      const rows = this.rowsOf(generation);
      try {
        for (const fact of facts) generation.projection.reduce(fact, rows);
      } catch {
        return;
      }
      this.write(generation, rows);
      this.generations.unpark(generation, first.stream);
    });
  }
}
