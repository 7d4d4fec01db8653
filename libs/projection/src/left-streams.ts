import type { StreamName } from '#kernel';
import { LOG_START, LogDamaged, type Position, type StoredEvent } from '#event-log';
import type { Build } from './builder.js';
import type { AnyFact } from './projection.js';

/** Their names take some megabytes, however long the log is. */
const NAMES_MAX = 50_000;

/**
 * The streams that some new builds leave for later, as they come to light while the rest of the log
 * is read by position: by the first fact of each, and by whatever else of them is needed in order.
 * So many of them have their names kept; the others are found again by their first facts.
 */
export class LeftStreams {
  readonly builds: readonly Build[];
  /** Of the facts that come by position. */
  readonly typesInOrder: ReadonlySet<string>;
  /** Of the first facts of streams. */
  readonly firstTypes: ReadonlySet<string>;
  readonly names = new Set<StreamName>();
  /** How many began. */
  begun = 0;
  private readonly types: ReadonlySet<string>;
  /** Facts that were seen by position and that their streams have not given yet. */
  private awaited = 0;
  /** Behind which the streams begin that there was no room for. */
  private rest: Position | undefined;
  private seenUpTo = LOG_START;

  constructor(
    builds: readonly Build[],
    private readonly namesMax = NAMES_MAX,
  ) {
    const left = builds.flatMap(({ fold }) => fold.streamsLeft ?? []);
    this.builds = builds.filter(({ fold }) => fold.streamsLeft !== undefined);
    this.types = new Set(left.flatMap(({ types }) => types));
    this.firstTypes = new Set(left.map(({ first }) => first));
    this.typesInOrder = new Set([
      ...builds.flatMap(({ fold }) => fold.typesInOrder),
      ...this.firstTypes,
    ]);
  }

  /** Where those are that all of it was read for: what comes later is followed. */
  get upTo(): Position {
    const positions = this.builds.map(({ fold }) => fold.position);
    return positions.reduce((a, b) => (a > b ? a : b), LOG_START);
  }

  isLeft(type: string): boolean {
    return this.types.has(type);
  }

  /** Facts in the order of the log. */
  see(facts: readonly AnyFact[]): void {
    for (const fact of facts) {
      if (this.isSeenTwice(fact.type)) {
        this.awaited += 1;
        this.meet(fact);
        if (this.begins(fact)) this.begun += 1;
      }
      this.seenUpTo = fact.position;
    }
  }

  /** Once those of `names` were given: behind which there are more, if there are. */
  next(): Position | undefined {
    const { rest } = this;
    this.names.clear();
    this.rest = undefined;
    if (rest !== undefined) this.seenUpTo = rest;
    return rest;
  }

  /** Events in the order of the log behind there. Answers whether there is room for more. */
  find(events: readonly StoredEvent[]): boolean {
    const { upTo } = this;
    for (const event of events) {
      if (event.position <= this.seenUpTo || event.position > upTo) continue;
      if (this.begins(event)) this.meet(event);
      this.seenUpTo = event.position;
    }
    return this.rest === undefined;
  }

  /** Facts of some of the streams. */
  give(facts: readonly AnyFact[]): void {
    for (const { type } of facts) if (this.isSeenTwice(type)) this.awaited -= 1;
  }

  /** @throws LogDamaged when the log does not give by stream what it gave by position */
  mustBeWhole(): void {
    if (this.awaited === 0) return;
    throw new LogDamaged(
      `Read models were not built: of the events that the log has up to position ${this.upTo}, ` +
        `${Math.abs(this.awaited)} are ${this.awaited > 0 ? 'in none' : 'too many in some'} of its streams`,
    );
  }

  private meet({ stream }: { readonly stream: StreamName }): void {
    if (this.names.size < this.namesMax) this.names.add(stream);
    else if (!this.names.has(stream)) this.rest ??= this.seenUpTo;
  }

  private begins({ type, version }: { readonly type: string; readonly version: number }): boolean {
    return version === 0 && this.firstTypes.has(type);
  }

  /** By position and then by stream. */
  private isSeenTwice(type: string): boolean {
    return this.types.has(type) && this.typesInOrder.has(type);
  }
}
