import { messageOf, present, type EventCatalogue } from '#kernel';
import {
  LOG_START,
  type Codec,
  type Position,
  type ReadableLog,
  type StoredEvent,
} from '#event-log';
import {
  Generations,
  Overtaken,
  tableName,
  type Generation,
  type Parked,
  type Stopped,
} from './generations.js';
import { partitionOf, type AnyFact, type Projection } from './projection.js';
import { Rows } from './rows.js';
import { isStoreError, type ViewsDatabase } from './views-database.js';

/** Events read, reduced and written together. */
export const PAGE_EVENTS = 1_000;

export interface Progress {
  /** A place in the log, of the one that its head has: a share, and no number of events. */
  readonly done: Position;
  readonly total: Position;
  /** Events gone through since this began, each counted once. */
  readonly events: number;
}
export type OnProgress = (progress: Progress) => void;

export interface RunnerOptions {
  readonly log: ReadableLog;
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
  private catchingUp: Promise<unknown> = Promise.resolve();

  constructor(private readonly given: RunnerOptions) {
    this.generations = new Generations(given.views);
    this.pageEvents = given.pageEvents ?? PAGE_EVENTS;
  }

  /**
   * Until the head of the log, as it is when it is reached. Answers how far that was. Those who ask
   * at the same time take turns: side by side each would read and reduce the same pages, for one of
   * them to be written.
   */
  catchUp(onProgress: OnProgress = () => undefined): Promise<Position> {
    const turn = this.catchingUp.then(() => this.follow(onProgress));
    this.catchingUp = turn.catch(() => undefined);
    return turn;
  }

  private async follow(onProgress: OnProgress): Promise<Position> {
    await this.dropStrangers();
    await this.ensureGenerations();
    await this.retryParked();
    const reached = await this.toHead(() => this.current(), this.counting(onProgress));
    await this.promoteFirst();
    return reached;
  }

  /**
   * Read models of another log (one that was put back from an older backup, or is gone) are worth
   * nothing here: they are built anew.
   */
  private async dropStrangers(): Promise<void> {
    const followed = this.generations.followed();
    if (followed === null) return;
    const { stream, version, position, id } = followed;
    for await (const found of this.given.log.readStream(stream, { from: version, max: 1 })) {
      if (found.position === position && found.id === id) return;
    }
    await this.given.views.transaction(() => {
      const now = this.generations.followed();
      if (now?.position === position && now.id === id) this.generations.dropAll();
    });
  }

  /**
   * Fills a new generation beside the one that serves, and lets it take over in one transaction
   * once it has caught up. The old one serves until then.
   * @throws RebuildStopped when the new one stops where the old one does not
   */
  async rebuild(
    projections: readonly Projection[] = this.given.projections,
    onProgress: OnProgress = () => undefined,
  ): Promise<void> {
    await this.fillBeside(projections, onProgress, (fresh, live) => {
      const { name } = fresh.projection;
      const stopsToo = new Set(
        this.generations.stoppedIn(name, live).map(({ partition }) => partition),
      );
      const worse = this.generations
        .stoppedIn(name, fresh.number)
        .find(({ partition }) => !stopsToo.has(partition));
      if (worse !== undefined) throw new RebuildStopped(worse);
      this.generations.promote(fresh);
    });
  }

  /** Whether what serves is what the log gives: builds each one anew, aside, and compares. */
  async compareRebuilt(
    onProgress: OnProgress = () => undefined,
  ): Promise<{ readonly projection: string; readonly equal: boolean }[]> {
    const results: { projection: string; equal: boolean }[] = [];
    await this.fillBeside(this.given.projections, onProgress, (rebuilt, live) => {
      const { name, tables } = rebuilt.projection;
      const equal =
        this.generations.hash(tables, live) === this.generations.hash(tables, rebuilt.number);
      results.push({ projection: name, equal });
      this.generations.drop(name, rebuilt.number);
    });
    return results;
  }

  private async fillBeside(
    projections: readonly Projection[],
    onProgress: OnProgress,
    whenLevel: WhenLevel,
  ): Promise<void> {
    await this.catchUp();
    const { views } = this.given;
    const fresh = await views.transaction(() => {
      this.generations.dropOrphans();
      return projections.map((projection) => this.generations.create(projection));
    });
    const left = new Set(fresh);
    const onPage = this.counting(onProgress);
    // What serves reads the same pages, so that neither runs ahead of the other.
    const both = () => [...this.current(), ...[...left].flatMap((each) => this.again(each) ?? [])];
    try {
      for (const each of fresh) {
        do await this.toHead(both, onPage);
        while (!(await views.transaction(() => this.whenLevel(each, whenLevel))));
        left.delete(each);
      }
    } catch (error) {
      await views.transaction(() => {
        for (const each of left) {
          if (this.again(each) !== undefined) {
            this.generations.drop(each.projection.name, each.number);
          }
        }
      });
      throw error;
    }
  }

  private current(): Generation[] {
    return this.given.projections.flatMap((projection) => this.generations.current(projection));
  }

  /** As it stands now. */
  private again({ projection, number }: Generation): Generation | undefined {
    return this.generations.of(projection).find((generation) => generation.number === number);
  }

  /** Live and rebuilt stand at the same event: only then may one be held against the other. */
  private whenLevel(given: Generation, act: WhenLevel): boolean {
    const { name } = given.projection;
    const fresh = this.again(given);
    if (fresh === undefined) throw new RebuildLost(name);
    const live = present(
      this.generations.of(given.projection).find(({ status }) => status === 'active'),
      `${name} has a generation that serves`,
    );
    const bothRun = live.running > 0 && fresh.running > 0;
    if (bothRun && live.position !== fresh.position) return false;
    act(fresh, live.number);
    return true;
  }

  private async ensureGenerations(): Promise<void> {
    const { views, projections } = this.given;
    const missing = (p: Projection) => this.generations.current(p).length === 0;
    if (!projections.some(missing)) return;
    await views.transaction(() => {
      for (const projection of projections) {
        if (missing(projection)) this.generations.create(projection);
      }
    });
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

  /** Answers how far the slowest of them got. */
  private async toHead(
    generations: () => readonly Generation[],
    onPage: OnPage,
  ): Promise<Position> {
    for (;;) {
      const running = generations().filter((generation) => generation.running > 0);
      const positions = [...new Set(running.map(({ position }) => position))].sort((a, b) =>
        a < b ? -1 : 1,
      );
      const [slowest = LOG_START, next] = positions;
      const behind = running.filter(({ position }) => position === slowest);
      if (behind.length === 0 || !(await this.nextPage(behind, slowest, next, onPage))) {
        return slowest;
      }
    }
  }

  /** A page that another process was quicker with is read twice, and its events counted once. */
  private counting(onProgress: OnProgress): OnPage {
    let events = 0;
    let counted = LOG_START;
    return async (page) => {
      for (const { position } of page) {
        if (position <= counted) continue;
        counted = position;
        events += 1;
      }
      onProgress({ done: counted, total: await this.given.log.head(), events });
    };
  }

  /** Whether there was one. Those at `next` join when it is reached. */
  private async nextPage(
    generations: readonly Generation[],
    after: Position,
    next: Position | undefined,
    onPage: OnPage,
  ): Promise<boolean> {
    const { log } = this.given;
    for await (const page of log.readLog({ after, max: this.pageEvents })) {
      // What was delivered before must not move a checkpoint back.
      const events = page.filter(
        ({ position }) => position > after && (next === undefined || position <= next),
      );
      const last = events.at(-1);
      if (last === undefined) continue;
      const facts = events.map((event) => this.decode(event));
      for (const generation of generations) await this.apply(generation, facts, last.position);
      await onPage(events);
      return true;
    }
    return false;
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
        // First of all: who was overtaken must not hold old facts against newer rows.
        this.generations.moveOn(generation, running.size, to);
        const last = facts.at(-1);
        if (last !== undefined) this.generations.follow(last);
        const byPartition = new Map<number, AnyFact[]>();
        for (const fact of this.concerning(generation, facts)) {
          const partition = partitionOf(fact.metadata.anchor);
          if (!running.has(partition)) continue;
          const mine = byPartition.get(partition);
          if (mine === undefined) byPartition.set(partition, [fact]);
          else mine.push(fact);
        }
        for (const [partition, mine] of byPartition) {
          const reason = this.applyPartition(generation, mine);
          // Nothing of the page stands for this partition; its checkpoint stays where that began.
          if (reason !== null) this.generations.stop(generation, partition, reason);
        }
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
        if (isStoreError(error)) throw error;
        return `${fact.type} ${fact.id}: ${messageOf(error)}`;
      }
    }
    this.write(generation, rows);
    return null;
  }

  /** A fact that breaks takes its stream aside; the rest is reduced as if it were not there. */
  private applyOrPark(generation: Generation, facts: readonly AnyFact[]): void {
    const { projection } = generation;
    const rows = this.rowsOf(generation);
    for (const [index, fact] of facts.entries()) {
      try {
        projection.reduce(fact, rows);
      } catch (error) {
        if (isStoreError(error)) throw error;
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
      const [generation] = this.generations.current(projection);
      if (generation === undefined) continue;
      for (const parked of this.generations.parked(projection.name, generation.number)) {
        while (!(await this.replay(projection, parked)));
      }
    }
  }

  /** Whether that settled it: not when another process moved on meanwhile, with facts for it. */
  private async replay(projection: Projection, parked: Parked): Promise<boolean> {
    const { log, views } = this.given;
    const [generation] = this.generations.current(projection);
    if (generation === undefined) return true;
    const { number, position } = generation;
    const facts: AnyFact[] = [];
    for await (const event of log.readStream(parked.stream, { from: parked.version })) {
      if (event.position > position) break;
      const fact = this.decode(event);
      if (projection.applies.includes(fact.type)) facts.push(fact);
    }
    return views.transaction(() => {
      if (this.again(generation)?.position !== position) return false;
      // Another process was quicker: what it applied must not be applied twice.
      if (!holds(this.generations.parked(projection.name, number), parked)) return true;
      const rows = this.rowsOf(generation);
      try {
        for (const fact of facts) projection.reduce(fact, rows);
      } catch (error) {
        if (isStoreError(error)) throw error;
        return true;
      }
      this.write(generation, rows);
      this.generations.unpark(generation, parked.stream);
      return true;
    });
  }
}

type OnPage = (page: readonly StoredEvent[]) => Promise<void>;

/** Within a transaction: what becomes of a build that stands where the one that serves stands. */
type WhenLevel = (fresh: Generation, live: number) => void;

function holds(all: readonly Parked[], { stream, version }: Parked): boolean {
  return all.some((parked) => parked.stream === stream && parked.version === version);
}

/** A new build met what it cannot apply, the one that serves did not: that one goes on serving. */
export class RebuildStopped extends Error {
  override readonly name = 'RebuildStopped';
  readonly code = 'rebuild-stopped';

  constructor(readonly stopped: Stopped) {
    const { projection, partition, position, reason } = stopped;
    super(
      `${projection} was not rebuilt, what served before goes on serving: partition ${partition} ` +
        `stops after position ${position}: ${reason}`,
    );
  }
}

/** A build was so slow that another process took it for abandoned. */
export class RebuildLost extends Error {
  override readonly name = 'RebuildLost';
  readonly code = 'rebuild-lost';

  constructor(projection: string) {
    super(`The new build of ${projection} was dropped by another process: try again.`);
  }
}
