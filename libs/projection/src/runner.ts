import { present } from '#kernel';
import type { Position } from '#event-log';
import { Builder, type Build } from './builder.js';
import { Feed, type FeedOptions } from './feed.js';
import { Generations, type Generation, type Parked, type Stopped } from './generations.js';
import { GenerationsWriting, Overtaken } from './generations-writing.js';
import { ProgressCount, type OnProgress } from './progress.js';
import type { AnyFact, Projection } from './projection.js';
import { ViewsUnavailable, type ViewsDatabase } from './views-database.js';

export interface RunnerOptions extends FeedOptions {
  readonly views: ViewsDatabase;
}

/**
 * Brings read models up to the log: reads a page, loads the rows it touches, reduces in memory, and
 * writes the net change together with the checkpoint. What was applied once is never applied again.
 */
export class Runner {
  readonly generations: Generations;
  private readonly builder: Builder;
  private readonly feed: Feed;
  private catchingUp: Promise<unknown> = Promise.resolve();

  constructor(private readonly given: RunnerOptions) {
    this.generations = new Generations(given.views);
    this.builder = new Builder(given.views);
    this.feed = new Feed(given, this.generations, this.builder);
  }

  /**
   * Until the head of the log, as it is when it is reached. Answers how far that was. Those who ask
   * at the same time take turns: side by side each would read and reduce the same pages, for one of
   * them to be written.
   */
  catchUp(onProgress?: OnProgress): Promise<Position> {
    return this.inTurn(() => this.follow(onProgress));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.catchingUp.then(work);
    this.catchingUp = turn.catch(() => undefined);
    return turn;
  }

  private async follow(onProgress: OnProgress | undefined): Promise<Position> {
    await this.dropStrangers();
    const count = this.counting(onProgress);
    await this.buildMissing(count);
    await this.retryParked();
    return this.feed.toHead([], count);
  }

  /**
   * Read models of another log (one that was put back from an older backup, or is gone) are worth
   * nothing here: they are built anew.
   */
  private async dropStrangers(): Promise<void> {
    const followed = await this.generations.followed();
    if (followed === null) return;
    const { stream, version, position, id } = followed;
    for await (const found of this.given.log.readStream(stream, { from: version, max: 1 })) {
      if (found.position === position && found.id === id) return;
    }
    await this.writing(async (generations) => {
      const now = await generations.followed();
      if (now?.position === position && now.id === id) await generations.dropAll();
    });
  }

  /**
   * Fills a new generation beside the one that serves, and lets it take over in one transaction
   * once it has caught up. The old one serves until then.
   * @throws RebuildStopped when the new one stops where the old one does not
   */
  async rebuild(
    projections: readonly Projection[] = this.given.projections,
    onProgress?: OnProgress,
  ): Promise<void> {
    await this.catchUp();
    await this.fillBeside(projections, this.counting(onProgress), (given) =>
      this.writing(async (generations) => {
        const level = await this.whenLevel(generations, given);
        if (level === null) return false;
        const { fresh, live } = level;
        const { name } = fresh.projection;
        const stopsToo = new Set(
          (await generations.stoppedIn(name, live)).map(({ partition }) => partition),
        );
        const worse = (await generations.stoppedIn(name, fresh.number)).find(
          ({ partition }) => !stopsToo.has(partition),
        );
        if (worse !== undefined) throw new RebuildStopped(worse);
        await generations.promote(fresh);
        return true;
      }),
    );
    await this.sweep();
  }

  /** Whether what serves is what the log gives: builds each one anew, aside, and compares. */
  async compareRebuilt(
    onProgress?: OnProgress,
  ): Promise<{ readonly projection: string; readonly equal: boolean }[]> {
    const results: { projection: string; equal: boolean }[] = [];
    await this.catchUp();
    await this.fillBeside(this.given.projections, this.counting(onProgress), async (given) => {
      // Its key is what it is read in the order of.
      await this.writing((generations) => generations.finish(given));
      const equal = await this.given.views.snapshot(async (views) => {
        const then = new Generations(views);
        const level = await this.whenLevel(then, given);
        if (level === null) return null;
        const { tables } = given.projection;
        return (await then.hash(tables, level.live)) === (await then.hash(tables, given.number));
      });
      if (equal === null) return false;
      results.push({ projection: given.projection.name, equal });
      await this.discard(given);
      return true;
    });
    return results;
  }

  /** Fills new builds up to the head, and asks of each what becomes of it, until it is settled. */
  private async fillBeside(
    projections: readonly Projection[],
    count: ProgressCount,
    settle: (fresh: Generation) => Promise<boolean>,
  ): Promise<void> {
    await this.sweep();
    // What serves needs few rows meanwhile, and finds them in its tables: memory is for the builds.
    this.builder.keepOnly([]);
    const left = new Set<Build>();
    try {
      for (const generation of await this.create(projections)) {
        left.add(await this.builder.own(generation));
      }
      for (const build of left) {
        do await this.inTurn(() => this.fill([...left], count));
        while (!(await settle(build.generation)));
        left.delete(build);
      }
    } catch (error) {
      for (const { generation } of left) await this.discard(generation);
      throw error instanceof Overtaken ? new RebuildLost() : error;
    }
  }

  private create(projections: readonly Projection[]): Promise<Generation[]> {
    return this.writing(async (generations) => {
      const created: Generation[] = [];
      for (const projection of projections) created.push(await generations.create(projection));
      return created;
    });
  }

  /** What serves reads the same pages, so that neither runs ahead of the other. */
  private async fill(builds: readonly Build[], count: ProgressCount): Promise<void> {
    if (builds.some(({ fold }) => fold.isNew)) await this.feed.begin(builds, count);
    await this.feed.toHead(builds, count);
    for (const build of builds) await this.builder.write(build);
  }

  /** Live and rebuilt stand at the same event: only then may one be held against the other. */
  private async whenLevel(
    generations: Generations,
    given: Generation,
  ): Promise<{ readonly fresh: Generation; readonly live: number } | null> {
    const all = await generations.of([given.projection]);
    const fresh = all.find((one) => isSame(one, given));
    if (fresh === undefined) throw new RebuildLost();
    const live = present(
      all.find(({ status }) => status === 'active'),
      `${given.projection.name} has a generation that serves`,
    );
    const bothRun = live.running > 0 && fresh.running > 0;
    if (bothRun && live.position !== fresh.position) return null;
    return { fresh, live: live.number };
  }

  /** What does not serve yet, in this version, is built; of several builders one is first. */
  private async buildMissing(count: ProgressCount): Promise<void> {
    const there = new Set(
      (await this.generations.serving(this.given.projections)).map(({ projection }) => projection),
    );
    const missing = this.given.projections.filter((projection) => !there.has(projection));
    if (missing.length === 0) return;
    const builds: Build[] = [];
    try {
      for (const generation of await this.create(missing)) {
        builds.push(await this.builder.own(generation));
      }
      await this.fill(builds, count);
      await this.writing(async (generations) => {
        for (const { generation } of builds) {
          const [serving] = await generations.serving([generation.projection]);
          if (serving === undefined) await generations.promote(generation);
          else await generations.retire(generation);
        }
      });
    } catch (error) {
      for (const { generation } of builds) await this.discard(generation);
      throw error instanceof Overtaken ? new RebuildLost() : error;
    }
    await this.sweep();
  }

  /** Who reads them just now is not waited for: then the next one sweeps. */
  private async sweep(): Promise<void> {
    for (const { projection, number } of await this.generations.leftOver()) {
      try {
        await this.writing(async (generations) => {
          const still = (await generations.leftOver()).some(
            (one) => one.projection === projection && one.number === number,
          );
          if (still) await generations.drop(projection, number);
        });
      } catch (error) {
        if (!(error instanceof ViewsUnavailable)) throw error;
      }
    }
  }

  private async discard(generation: Generation): Promise<void> {
    await this.writing((generations) => generations.retire(generation));
    await this.sweep();
  }

  private writing<T>(work: (generations: GenerationsWriting) => Promise<T>): Promise<T> {
    return this.given.views.transaction((writing) => work(new GenerationsWriting(writing)));
  }

  private counting(onProgress: OnProgress | undefined): ProgressCount {
    return new ProgressCount(onProgress, () => this.given.log.head());
  }

  /** What was parked is tried again at every start: by then the reason may be gone. */
  private async retryParked(): Promise<void> {
    for (const projection of this.given.projections) {
      const [generation] = await this.generations.serving([projection]);
      if (generation === undefined) continue;
      const { number } = generation;
      for (const parked of await this.generations.parked(projection.name, number)) {
        while (!(await this.replay(projection, parked)));
      }
    }
  }

  /** Whether that settled it: not when another process moved on meanwhile, with facts for it. */
  private async replay(projection: Projection, parked: Parked): Promise<boolean> {
    const [generation] = await this.generations.serving([projection]);
    if (generation === undefined) return true;
    const facts: AnyFact[] = [];
    const { stream, version } = parked;
    for await (const event of this.given.log.readStream(stream, { from: version })) {
      if (event.position > generation.position) break;
      const fact = this.given.codec.decode(event);
      if (projection.applies.includes(fact.type)) facts.push(fact);
    }
    try {
      await this.builder.replay(generation, parked, facts);
      return true;
    } catch (error) {
      if (error instanceof Overtaken) return false;
      throw error;
    }
  }
}

function isSame(a: Generation, b: Generation): boolean {
  return a.projection.name === b.projection.name && a.number === b.number;
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

  constructor() {
    super('A new build of read models was dropped by another process: try again.');
  }
}
