import {
  binaryEvent,
  type AllStreamRecordedEvent,
  type BinaryEventData,
} from '@eventstore/db-client';
import type { EventId, StreamName } from '#kernel';
import {
  checksum,
  LogDamaged,
  type EventToStore,
  type Position,
  type StoredEvent,
} from '#event-log';
import { deletedForEver } from './failures.js';

/**
 * The client parses JSON bodies and all metadata and gives nobody the text back; bytes it leaves
 * alone. So the three texts lie one after the other in a binary body, behind a line that says how
 * long each is: `{"format":1,"schemaVersion":1,"bytes":[28,2,17],"crc":123}` and a line feed.
 */
interface Header {
  readonly format: 1;
  readonly schemaVersion: number;
  /** Of data, protected and metadata, in UTF-8. */
  readonly bytes: readonly [number, number, number];
  /** Over the texts and where they lie; the position is not known when they are written. */
  readonly crc: number;
}

const FORMAT = 1;
/** What the server writes when a stream is deleted for ever. */
const TOMBSTONE = '$streamDeleted';
const LINE_FEED = 0x0a;
/** A position that the server does not know is told as -1, which here is the largest of all. */
const UNKNOWN_FROM = 2n ** 63n;

/** How a log's streams are told apart from everything else on the server. */
export class Naming {
  /** Of every stream of this namespace, and of none outside it. */
  readonly prefix: string;

  constructor(private readonly namespace: string) {
    this.prefix = namespace === '' ? 'wayledger:' : `wayledger.${namespace}:`;
  }

  onServer(stream: StreamName): string {
    return `${this.prefix}${stream}`;
  }

  fromServer(name: string): StreamName {
    // Written by `onServer`; the checksum covers it.
    return name.slice(this.prefix.length) as StreamName;
  }

  placeOf(stream: StreamName, version: number): readonly string[] {
    return [this.namespace, stream, String(version)];
  }
}

export function toServer(
  naming: Naming,
  stream: StreamName,
  version: number,
  event: EventToStore,
): BinaryEventData {
  const texts = [event.data, event.protected, event.metadata].map((text) => Buffer.from(text));
  const [data = 0, sealed = 0, metadata = 0] = texts.map((text) => text.length);
  const header: Header = {
    format: FORMAT,
    schemaVersion: event.schemaVersion,
    bytes: [data, sealed, metadata],
    crc: checksum(naming.placeOf(stream, version), event),
  };
  const line = Buffer.from(`${JSON.stringify(header)}\n`);
  return binaryEvent({ id: event.id, type: event.type, data: Buffer.concat([line, ...texts]) });
}

/** An event as the client delivers it; of a stream only from version 22.6 on with a position. */
export type Recorded = Omit<AllStreamRecordedEvent, 'position'> &
  Partial<Pick<AllStreamRecordedEvent, 'position'>>;

/** @throws LogDamaged when it is not what was written here */
export function fromServer(naming: Naming, recorded: Recorded): StoredEvent {
  const stream = naming.fromServer(recorded.streamId);
  if (recorded.type === TOMBSTONE) throw deletedForEver(stream);
  const position = positionOf(recorded);
  const version = Number(recorded.revision);
  const event = unpack(recorded);
  if (event === null || event.crc !== checksum(naming.placeOf(stream, version), event.stored)) {
    throw new LogDamaged(
      `The event at position ${position} (${stream}, version ${version}) is not what was written`,
    );
  }
  return { ...event.stored, stream, version, position };
}

/**
 * One number for a place on EventStoreDB: of plain appends the commit and the prepare position are
 * the same, and only then may reading be taken up again at that pair.
 * @throws LogDamaged
 */
export function positionOf({ streamId, revision, position }: Recorded): Position {
  const isKnown = position !== undefined && position.commit < UNKNOWN_FROM;
  if (isKnown && position.commit === position.prepare) return position.commit;
  throw new LogDamaged(
    `${streamId}, version ${revision}, has no single position (commit ` +
      `${String(position?.commit)}, prepare ${String(position?.prepare)}): it was not written by ` +
      'a plain append, or the server is older than 22.6',
  );
}

interface Unpacked {
  readonly stored: EventToStore;
  readonly crc: number;
}

function unpack({ id, type, data }: Recorded): Unpacked | null {
  if (!(data instanceof Uint8Array)) return null;
  const body = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const end = body.indexOf(LINE_FEED);
  const header = end === -1 ? null : parseHeader(body.toString('utf8', 0, end));
  if (header === null) return null;
  const [first, second, third] = header.bytes;
  let at = end + 1;
  if (at + first + second + third !== body.length) return null;
  const take = (bytes: number): string => body.toString('utf8', at, (at += bytes));
  const texts = { data: take(first), protected: take(second), metadata: take(third) };
  // The server takes UUIDs apart and puts them together in lower case, as they were given.
  const stored = { id: id as EventId, type, schemaVersion: header.schemaVersion, ...texts };
  return { stored, crc: header.crc };
}

function parseHeader(line: string): Header | null {
  try {
    const header = JSON.parse(line) as Header;
    const { format, schemaVersion, bytes, crc }: Readonly<Record<keyof Header, unknown>> = header;
    const isHeader =
      format === FORMAT &&
      Array.isArray(bytes) &&
      bytes.length === 3 &&
      [schemaVersion, crc, ...(bytes as unknown[])].every(isCount);
    return isHeader ? header : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
