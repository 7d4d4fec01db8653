import type { EventCatalogue, StreamName } from '#kernel';
import {
  LOG_START,
  type Codec,
  type Position,
  type ReadableLog,
  type StoredEvent,
} from '#event-log';
import type { Build, Builder } from './builder.js';
import type { Generation, Generations } from './generations.js';
import { LeftStreams } from './left-streams.js';
import { oneAhead } from './one-ahead.js';
import type { ProgressCount } from './progress.js';
import type { AnyFact, Projection } from './projection.js';

/** Events read and reduced together: few enough that what they leave behind is garbage soon. */
const PAGE_EVENTS = 250;
/** What comes of so many events is written together: most rows change several times in between. */
export const WRITTEN_EVENTS = 10_000;
/** A build that nobody reads yet writes what it has to more often: then it takes less memory. */
const ADDED_EVENTS = 5_000;

export interface FeedOptions {
  readonly log: ReadableLog;
  readonly codec: Codec<EventCatalogue>;
  readonly projections: readonly Projection[];
  readonly pageEvents?: number;
  /** Of streams that are left for later, whose names are kept at a time. */
  readonly namesMax?: number;
}

/** Those that are furthest behind: what serves, and what this runner builds. */
interface Behind {
  readonly shared: readonly Generation[];
  readonly own: readonly Build[];
  readonly at: Position;
  /** Where others are, who join when that is reached. */
  readonly next: Position | undefined;
}

/** Gives facts of the log to what serves and to new builds, and has written what comes of them. */
export class Feed {
  private readonly pageEvents: number;

  constructor(
    private readonly given: FeedOptions,
    private readonly generations: Generations,
    private readonly builder: Builder,
  ) {
    this.pageEvents = given.pageEvents ?? PAGE_EVENTS;
  }

  /**
   * What builds take that hold nothing yet: of the log only what they need in its order, then each
   * stream that they left for later.
   * @throws LogDamaged when the log does not give by stream what it gave by position
   */
  async begin(builds: readonly Build[], count: ProgressCount): Promise<void> {
    const left = new LeftStreams(builds, this.given.namesMax);
    if (left.builds.length > 0) count.twice();
    await this.toHead(builds, count, left);
    await this.takeStreams(left, count);
    for (const { fold } of builds) fold.isNew = false;
    count.once();
  }

  /**
   * What serves, and these builds, page by page up to the head of the log. Answers how far the
   * slowest of them got.
   */
  async toHead(
    builds: readonly Build[],
    count: ProgressCount,
    left?: LeftStreams,
  ): Promise<Position> {
    for (;;) {
      const serving = await this.generations.serving(this.given.projections);
      this.builder.keepOnly([...serving, ...builds.map(({ generation }) => generation)]);
      const shared = serving.filter(({ running }) => running > 0);
      const own = builds.filter(({ fold }) => fold.running.size > 0);
      const positions = [
        ...new Set([
          ...shared.map(({ position }) => position),
          ...own.map(({ fold }) => fold.position),
        ]),
      ].sort((a, b) => (a < b ? -1 : 1));
      const [at = LOG_START, next] = positions;
      const behind: Behind = {
        shared: shared.filter(({ position }) => position === at),
        own: own.filter(({ fold }) => fold.position === at),
        ...{ at, next },
      };
      if (!(await this.advance(behind, count, left))) return at;
    }
  }

  /** As many pages as are written together; whether there were any. */
  private async advance(
    behind: Behind,
    count: ProgressCount,
    left: LeftStreams | undefined,
  ): Promise<boolean> {
    const { shared, own } = behind;
    const builds: Build[] = [];
    try {
      for (const generation of shared) {
        builds.push({ generation, fold: await this.builder.foldOf(generation) });
      }
      if (!(await this.take([...builds, ...own], behind, count, left))) return false;
      for (const build of builds) await this.builder.writeShared(build);
      await this.builder.makeRoom(own);
      return true;
    } catch (error) {
      // What was half taken in must not be built on.
      for (const generation of shared) this.builder.forget(generation);
      throw error;
    }
  }

  /** Whether there was anything to take in. */
  private async take(
    builds: readonly Build[],
    { shared, own, at, next }: Behind,
    count: ProgressCount,
    left: LeftStreams | undefined,
  ): Promise<boolean> {
    if (builds.length === 0) return false;
    const eventsMax = own.length > 0 ? ADDED_EVENTS : WRITTEN_EVENTS;
    // What serves says how far it is by the last event there is, whether or not that concerns it.
    const types = shared.length === 0 ? left?.typesInOrder : undefined;
    const filter = types && { types: [...types] };
    let last = at;
    let events = 0;
    for await (const page of oneAhead(
      this.given.log.readLog({ after: at, max: this.pageEvents, ...(filter && { filter }) }),
    )) {
      // What was delivered before must not move a checkpoint back.
      const mine = page.filter(
        ({ position }) => position > last && (next === undefined || position <= next),
      );
      const facts = mine.map((event) => this.decode(event));
      for (const { fold } of builds) await fold.take(facts);
      left?.see(facts);
      await count.page(mine, (type) => left?.isLeft(type) !== true);
      last = mine.at(-1)?.position ?? last;
      events += mine.length;
      if (events >= eventsMax) return true;
      if (next !== undefined && (page.at(-1)?.position ?? last) >= next) break;
    }
    if (filter === undefined || next === undefined) return events > 0;
    // Whatever else there is up to there was not asked for.
    for (const { fold } of builds) fold.comeTo(next);
    return true;
  }

  /** Those that were left, each whole, up to where the builds are. */
  private async takeStreams(left: LeftStreams, count: ProgressCount): Promise<void> {
    let unwritten = 0;
    let taken = 0;
    do {
      for await (const histories of this.histories([...left.names], left.upTo)) {
        for (const { fold } of left.builds) await fold.takeStreams(histories);
        for (const history of histories) left.give(history);
        const events = histories.reduce((sum, history) => sum + history.length, 0);
        taken += histories.length;
        count.streams(events, taken, Math.max(taken, left.begun));
        unwritten += events;
        if (unwritten < ADDED_EVENTS) continue;
        await this.builder.makeRoom(left.builds);
        unwritten = 0;
      }
    } while (await this.findMore(left));
    left.mustBeWhole();
  }

  /** Whether there are more, than those whose names there was room for. */
  private async findMore(left: LeftStreams): Promise<boolean> {
    const after = left.next();
    if (after === undefined) return false;
    const filter = { types: [...left.firstTypes] };
    for await (const page of this.given.log.readLog({ after, max: this.pageEvents, filter })) {
      if (!left.find(page)) break;
    }
    return true;
  }

  /** As many whole streams at a time as come together. */
  private async *histories(
    streams: readonly StreamName[],
    upTo: Position,
  ): AsyncGenerator<AnyFact[][], void, undefined> {
    let history: AnyFact[] = [];
    for await (const page of oneAhead(this.given.log.readStreams(streams))) {
      const whole: AnyFact[][] = [];
      for (const event of page) {
        if (event.position > upTo) continue;
        const [first] = history;
        if (first !== undefined && first.stream !== event.stream) {
          whole.push(history);
          history = [];
        }
        history.push(this.decode(event));
      }
      yield whole;
    }
    if (history.length > 0) yield [history];
  }

  private decode(event: StoredEvent): AnyFact {
    return this.given.codec.decode(event);
  }
}
