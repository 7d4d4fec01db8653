import type { StreamName } from '#kernel';
import type { ExpectedVersion, Position } from './place.js';
import type { EventToStore, StoredEvent } from './stored-event.js';

export interface Appended {
  readonly stream: StreamName;
  /** Of the last event written. */
  readonly version: number;
  /** Of the last event written. */
  readonly position: Position;
}

export interface ReadStreamOptions {
  /** The first version wanted; backwards, the highest. */
  readonly from?: number;
  readonly backwards?: boolean;
  /** At most so many events. */
  readonly max?: number;
}

export interface LogFilter {
  readonly types: readonly string[];
}

export interface ReadLogOptions {
  /** Exclusive: `LOG_START`, or a position that the log itself has told. */
  readonly after: Position;
  /** Events in one page. */
  readonly max: number;
  readonly filter?: LogFilter;
}

export interface SubscribeOptions {
  /** Exclusive: `LOG_START`, or a position that the log itself has told. */
  readonly after: Position;
  readonly filter?: LogFilter;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly kind: 'page';
  readonly events: readonly StoredEvent[];
}
/** Everything up to this position was delivered; what follows is live. */
export interface CaughtUp {
  readonly kind: 'caught-up';
  readonly position: Position;
}

/**
 * The one ordered log. Its laws are the cases of the conformance suite, the same for every store.
 * An event is stored as the very text that was given and read back as such.
 */
export interface EventLog {
  /**
   * Atomic and durable: once it answers, the events are on disk. The same ids at the expected place
   * give the first answer again.
   * @throws VersionConflict when the stream is not at the expected version
   * @throws EventRefused when an event, a name or a size is not acceptable; nothing is written
   * @throws LogUnavailable when the store could not answer in time
   */
  append(
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly EventToStore[],
  ): Promise<Appended>;
  /** In version order; a stream that does not exist is empty. */
  readStream(stream: StreamName, options?: ReadStreamOptions): AsyncIterable<StoredEvent>;
  /** Each stream whole, one after the other as they are named. A page may split a stream. */
  readStreams(streams: readonly StreamName[]): AsyncIterable<readonly StoredEvent[]>;
  /** Pages in position order, up to the head as it is met. A page may split an append. */
  readLog(options: ReadLogOptions): AsyncIterable<readonly StoredEvent[]>;
  /** Pages from history, then live ones, until the signal ends it. Pulled: nothing is buffered. */
  subscribe(options: SubscribeOptions): AsyncIterable<Page | CaughtUp>;
  /** The position of the newest event; `LOG_START` in an empty log. */
  head(): Promise<Position>;
  close(): Promise<void>;
}
