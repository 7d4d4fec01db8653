import type { StreamName } from '#kernel';
import { LOG_START, LogDamaged, type Position } from '#event-log';
import type { Build } from './builder.js';
import type { AnyFact } from './projection.js';

/**
 * The streams that some new builds leave for later, as they come to light while the rest of the log
 * is read by position: by the first fact of each, and by whatever else of them is needed in order.
 */
export class LeftStreams {
  readonly builds: readonly Build[];
  /** Of the facts that come by position. */
  readonly typesInOrder: ReadonlySet<string>;
  readonly names = new Set<StreamName>();
  private readonly types: ReadonlySet<string>;
  /** Facts that were seen by position and that their streams have not given yet. */
  private awaited = 0;

  constructor(builds: readonly Build[]) {
    const left = builds.flatMap(({ fold }) => fold.streamsLeft ?? []);
    this.builds = builds.filter(({ fold }) => fold.streamsLeft !== undefined);
    this.types = new Set(left.flatMap(({ types }) => types));
    this.typesInOrder = new Set([
      ...builds.flatMap(({ fold }) => fold.typesInOrder),
      ...left.map(({ first }) => first),
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
    for (const { type, stream } of facts) {
      if (!this.isSeenTwice(type)) continue;
      this.names.add(stream);
      this.awaited += 1;
    }
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

  /** By position and then by stream. */
  private isSeenTwice(type: string): boolean {
    return this.types.has(type) && this.typesInOrder.has(type);
  }
}
