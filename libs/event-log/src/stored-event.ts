import { isStreamName, isUuid, type EventId, type StreamName } from '#kernel';
import { EventRefused } from './errors.js';
import type { ExpectedVersion, Position } from './place.js';

/** An event as it goes to the store: its parts are JSON texts, kept to the byte. */
export interface EventToStore {
  readonly id: EventId;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  /** Ciphertexts by person and field. */
  readonly protected: string;
  readonly metadata: string;
}

/** What an event says, before it is made into texts. */
export interface EventParts {
  readonly data: object;
  readonly protected: object;
  readonly metadata: object;
}

/**
 * An event whose texts were made here: that they are JSON need not be seen by reading them again.
 * It cannot be changed, and a copy of it is an event like any other.
 */
export class EncodedEvent implements EventToStore {
  readonly data: string;
  readonly protected: string;
  readonly metadata: string;
  readonly #isJson = true;

  constructor(
    readonly id: EventId,
    readonly type: string,
    readonly schemaVersion: number,
    parts: EventParts,
  ) {
    this.data = textOf(type, 'data', parts);
    this.protected = textOf(type, 'protected', parts);
    this.metadata = textOf(type, 'metadata', parts);
    Object.freeze(this);
  }

  static isOne(event: EventToStore): boolean {
    return #isJson in event;
  }
}

function textOf(type: string, part: keyof EventParts, parts: EventParts): string {
  const text: unknown = JSON.stringify(parts[part]);
  if (typeof text === 'string' && text.startsWith('{')) return text;
  throw notAnObject(type, part);
}

function notAnObject(type: string, part: keyof EventParts): EventRefused {
  return new EventRefused(`${type}: ${part} is not the text of a JSON object`);
}

/** An event as the store gives it back. */
export interface StoredEvent extends EventToStore {
  readonly stream: StreamName;
  readonly version: number;
  readonly position: Position;
}

/** One event, all its texts together: far above any real one, below every store's own limit. */
export const EVENT_BYTES_MAX = 512 * 1024;
export const EVENTS_PER_APPEND_MAX = 500;
/** All texts of one append together: EventStoreDB takes 1 MiB with its own overhead. */
export const APPEND_BYTES_MAX = 768 * 1024;
export const STREAM_NAME_LENGTH_MAX = 200;
const NAMESPACE = /^(?:[a-z][a-z0-9]{0,31})?$/;
const TYPE = /^[A-Z][A-Za-z]{1,63}$/;

/**
 * What every store checks before it looks at anything else.
 * @throws EventRefused
 */
export function checkAppend(
  stream: StreamName,
  expected: ExpectedVersion,
  events: readonly EventToStore[],
): void {
  if (!isStreamName(stream) || stream.length > STREAM_NAME_LENGTH_MAX) {
    throw new EventRefused(`"${String(stream).slice(0, 100)}" is not a stream name`);
  }
  if (expected !== 'none' && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new EventRefused(`An expected version is "none" or 0, 1, 2 …, not ${String(expected)}`);
  }
  if (events.length === 0 || events.length > EVENTS_PER_APPEND_MAX) {
    throw new EventRefused(
      `An append carries 1 to ${EVENTS_PER_APPEND_MAX} events, not ${events.length}`,
    );
  }
  let bytes = 0;
  for (const event of events) bytes += checkEvent(event);
  if (bytes > APPEND_BYTES_MAX) {
    throw new EventRefused(
      `${bytes} bytes are over the limit of ${APPEND_BYTES_MAX} for one append`,
    );
  }
  if (events.length > 1 && new Set(events.map((event) => event.id)).size !== events.length) {
    throw new EventRefused('Two events of one append have the same id');
  }
}

/** @returns the size of its texts */
function checkEvent(event: EventToStore): number {
  if (!isUuid(event.id)) throw new EventRefused(`"${event.id}" is not an event id (a UUID)`);
  if (!TYPE.test(event.type)) throw new EventRefused(`"${event.type}" is not an event type`);
  if (!(Number.isSafeInteger(event.schemaVersion) && event.schemaVersion >= 1)) {
    throw new EventRefused(`${event.type}: schema versions count from 1`);
  }
  const isJson = EncodedEvent.isOne(event);
  let bytes = 0;
  for (const part of ['data', 'protected', 'metadata'] as const) {
    const text = event[part];
    if (!isJson && (typeof text !== 'string' || !text.isWellFormed() || !isJsonObject(text))) {
      throw notAnObject(event.type, part);
    }
    bytes += Buffer.byteLength(text);
  }
  if (bytes > EVENT_BYTES_MAX) {
    throw new EventRefused(
      `${event.type}: ${bytes} bytes are over the limit of ${EVENT_BYTES_MAX} for one event`,
    );
  }
  return bytes;
}

/**
 * A namespace keeps several logs apart on one store; it has no dash, so that it can prefix a
 * category. The default one has no name.
 * @throws EventRefused
 */
export function checkNamespace(namespace: string): void {
  if (!NAMESPACE.test(namespace)) throw new EventRefused(`"${namespace}" is not a namespace`);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Whether the stored events are the very ones given: then a repeated append is no conflict. */
export function sameEvents(
  stored: readonly { readonly id: string }[],
  given: readonly EventToStore[],
): boolean {
  return (
    stored.length === given.length && stored.every((event, index) => event.id === given[index]?.id)
  );
}
