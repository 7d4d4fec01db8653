import { randomUUID } from 'node:crypto';
import {
  DELETED_REVISION,
  JSON_CONTENT,
  TOMBSTONE_TYPE,
  type LogPosition,
  type LogRecord,
  type RawEvent,
} from './log-record.js';

/** An event as somebody else's program might write it. */
export type ForgedEvent = Pick<RawEvent, 'type'> & Partial<RawEvent>;

export interface Writing {
  readonly createdTicks: bigint;
  /** As old servers wrote transactions: several prepares, then one commit for all of them. */
  readonly commitApart: boolean;
}

const EPOCH_BYTES = 1_219n;
const RECORD_BYTES = 97;
const STATISTICS_STREAM = '$stats-127.0.0.1:2113';
/** Nobody may rely on positions or `$all` being dense. */
const APPENDS_BETWEEN_STATISTICS = 7;
const TICKS_PER_MS = 10_000n;

export function ticksOf(timeMs: number): bigint {
  return BigInt(timeMs) * TICKS_PER_MS;
}

export function systemEvent(type: string, json: string): RawEvent {
  return rawEvent({ type, data: Buffer.from(json) });
}

function rawEvent(event: ForgedEvent): RawEvent {
  const nothing = new Uint8Array();
  return {
    id: randomUUID(),
    contentType: JSON_CONTENT,
    data: nothing,
    metadata: nothing,
    ...event,
  };
}

/** What is on disk: outlives restarts of a node, shared by the nodes of a cluster. */
export class ServerStore {
  readonly #records: LogRecord[] = [];
  readonly #streams = new Map<string, LogRecord[]>();
  readonly #tombstoned = new Set<string>();
  readonly #boundaries = new Set<bigint>([0n]);
  readonly #listeners = new Set<() => void>();
  /** Only in a server's memory: how it knows a repeated append with any expectation. */
  readonly #recentIds = new Map<string, LogRecord>();
  #end = 0n;
  #appends = 0;

  constructor() {
    this.#advance(EPOCH_BYTES);
    const json = '{"$maxAge":86400}';
    this.write(`$$${STATISTICS_STREAM}`, [systemEvent('$metadata', json)], plainly());
  }

  /** All events, of all streams, in the order of their positions. */
  get records(): readonly LogRecord[] {
    return this.#records;
  }

  /** By revision: the index is the revision. */
  eventsOf(stream: string): readonly LogRecord[] {
    return this.#streams.get(stream) ?? [];
  }

  isTombstoned(stream: string): boolean {
    return this.#tombstoned.has(stream);
  }

  isBoundary(position: LogPosition): boolean {
    const { commit, prepare } = position;
    return this.#boundaries.has(commit) && this.#boundaries.has(prepare) && prepare <= commit;
  }

  /** The last record written. */
  write(stream: string, events: readonly RawEvent[], writing: Writing): LogRecord {
    const last = this.#writeRecords(stream, events, writing);
    this.#appends += 1;
    if (this.#appends % APPENDS_BETWEEN_STATISTICS === 0) {
      const statistics = systemEvent('$statsCollected', `{"proc-id":${this.#appends}}`);
      this.#writeRecords(STATISTICS_STREAM, [statistics], { ...writing, commitApart: false });
    }
    this.#notify();
    return last;
  }

  tombstone(stream: string, createdTicks: bigint): LogRecord {
    this.#tombstoned.add(stream);
    const event = systemEvent(TOMBSTONE_TYPE, '');
    const prepare = this.#advance(BigInt(RECORD_BYTES + stream.length));
    const position = { commit: prepare, prepare };
    const record = { ...event, stream, revision: DELETED_REVISION, position, createdTicks };
    this.#records.push(record);
    this.#notify();
    return record;
  }

  /** Past the protocol, to play a foreign writer: any stream, type, content type and bytes. */
  forgeEvents(stream: string, events: readonly ForgedEvent[]): LogRecord {
    return this.write(stream, events.map(rawEvent), plainly());
  }

  recentlyWritten(stream: string, id: string): LogRecord | undefined {
    return this.#recentIds.get(`${stream}/${id}`);
  }

  forgetRecentIds(): void {
    this.#recentIds.clear();
  }

  /** Returns how to stop listening. */
  onWritten(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #writeRecords(stream: string, events: readonly RawEvent[], writing: Writing): LogRecord {
    const { createdTicks, commitApart } = writing;
    const earlier = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, earlier);
    const prepares = events.map((event) => this.#advance(bytesOf(stream, event)));
    const commit = commitApart ? this.#advance(BigInt(RECORD_BYTES)) : undefined;
    for (const [index, event] of events.entries()) {
      const prepare = prepares[index]!;
      const position = { commit: commit ?? prepare, prepare };
      const revision = BigInt(earlier.length);
      const record = { ...event, stream, revision, position, createdTicks };
      earlier.push(record);
      this.#records.push(record);
      this.#recentIds.set(`${stream}/${event.id}`, record);
    }
    return earlier.at(-1)!;
  }

  /** Where the record of so many bytes begins. */
  #advance(bytes: bigint): bigint {
    const start = this.#end;
    this.#end += bytes;
    this.#boundaries.add(start).add(this.#end);
    return start;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function plainly(): Writing {
  return { createdTicks: ticksOf(Date.now()), commitApart: false };
}

function bytesOf(stream: string, event: RawEvent): bigint {
  const { type, data, metadata } = event;
  return BigInt(RECORD_BYTES + stream.length + type.length + data.length + metadata.length);
}
