import type { StreamName } from '#kernel';

/** Of a stream: its number in the store, and its last version. */
export interface KnownStream {
  readonly no: bigint;
  readonly last: bigint;
}

/** Twice as many streams come to a few megabytes. */
const STREAMS_MAX = 10_000;

/**
 * What a writer knows of streams from its own last commits, so that it need not look them up again.
 * It is true only while nobody else has written: since nothing is ever deleted and positions have
 * no gap, the head says so. Whoever uses it compares, under the lock, the head with where his own
 * commit left it, and forgets everything when it is elsewhere.
 */
export class StreamMemory {
  private recent = new Map<StreamName, KnownStream>();
  private older = new Map<StreamName, KnownStream>();

  get(stream: StreamName): KnownStream | undefined {
    const known = this.recent.get(stream);
    if (known !== undefined) return known;
    const older = this.older.get(stream);
    if (older !== undefined) this.set(stream, older);
    return older;
  }

  set(stream: StreamName, known: KnownStream): void {
    if (this.recent.size >= STREAMS_MAX) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(stream, known);
  }

  forget(): void {
    if (this.recent.size > 0) this.recent = new Map();
    if (this.older.size > 0) this.older = new Map();
  }
}
