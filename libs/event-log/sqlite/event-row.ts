import { crc32 } from 'node:zlib';
import type { EventId, StreamName } from '#kernel';
import { LogDamaged, type EventToStore, type StoredEvent } from '#event-log';

/** `EVENT_COLUMNS` as they come from STRICT tables, with every integer a bigint. */
export interface EventRow {
  readonly position: bigint;
  readonly stream: StreamName;
  readonly version: bigint;
  readonly id: EventId;
  readonly type: string;
  readonly schemaVersion: bigint;
  readonly data: string;
  readonly protected: string;
  readonly metadata: string;
  readonly crc: bigint;
}

export const EVENT_COLUMNS = `
  e.position, s.name AS stream, e.version, e.id, e.type, e.schema_version AS schemaVersion,
  e.data, e.protected, e.metadata, e.crc`;

/** Where an event lies. The checksum covers it: a row moved elsewhere is damage too. */
export interface Place {
  readonly namespace: string;
  readonly stream: string;
  readonly version: bigint;
  readonly position: bigint;
}

export function checksum(place: Place, event: EventToStore): bigint {
  const parts = [
    place.namespace,
    place.stream,
    place.version.toString(),
    place.position.toString(),
    event.id,
    event.type,
    event.schemaVersion.toString(),
    event.data,
    event.protected,
    event.metadata,
  ];
  // A length before each part keeps ("ab", "c") and ("a", "bc") apart.
  let all = '';
  for (const part of parts) all += `${part.length}:${part}`;
  return BigInt(crc32(all));
}

/** @throws LogDamaged when the row is not what was written */
export function storedEvent(row: EventRow, namespace: string): StoredEvent {
  const event: StoredEvent = {
    id: row.id,
    stream: row.stream,
    version: Number(row.version),
    position: row.position,
    type: row.type,
    schemaVersion: Number(row.schemaVersion),
    data: row.data,
    protected: row.protected,
    metadata: row.metadata,
  };
  const { stream, version, position } = row;
  if (checksum({ namespace, stream, version, position }, event) !== row.crc) {
    throw new LogDamaged(
      `The event at position ${position} (${stream}, version ${version}) is not what was written`,
    );
  }
  return event;
}
