import type { StreamName } from '#kernel';
import type { EventToStore, StoredEvent } from './stored-event.js';

/** A place in the log: rises in commit order; 0n lies before the first event. */
export type Position = bigint;
export const LOG_START: Position = 0n;

/** What the writer saw as the last version of the stream; versions count from 0. */
export type ExpectedVersion = 'none' | number;

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
  /** Exclusive. */
  readonly after: Position;
  /** Events in one page. */
  readonly max: number;
  readonly filter?: LogFilter;
}

export interface SubscribeOptions {
  /** Exclusive. */
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
  /** Pages in position order, up to the head as it is met. A page may split an append. */
  readLog(options: ReadLogOptions): AsyncIterable<readonly StoredEvent[]>;
  /** Pages from history, then live ones, until the signal ends it. Pulled: nothing is buffered. */
  subscribe(options: SubscribeOptions): AsyncIterable<Page | CaughtUp>;
  /** The position of the newest event; `LOG_START` in an empty log. */
  head(): Promise<Position>;
  close(): Promise<void>;
}

/** The stream was not where the writer thought it was. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';

  constructor(
    readonly stream: StreamName,
    readonly expected: ExpectedVersion,
    readonly actual: ExpectedVersion,
  ) {
    super(`${stream} was expected at version ${expected} and is at ${actual}`);
  }
}

/** Something about the events themselves, or how they were asked for, cannot be accepted. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

/** The store did not answer. `mayBeWritten`: nobody knows yet; the same append again settles it. */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';

  constructor(
    message: string,
    readonly mayBeWritten: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the store holds is not what was written, or not what this version can read. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}
