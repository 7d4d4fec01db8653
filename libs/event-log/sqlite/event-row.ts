import type { EventId, StreamName } from '#kernel';
import { checksum, LogDamaged, type StoredEvent } from '#event-log';

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

/** Where a row lies; its checksum covers all of it. */
export function placeOf(
  namespace: string,
  stream: string,
  version: bigint,
  position: bigint,
): readonly string[] {
  return [namespace, stream, version.toString(), position.toString()];
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
  if (BigInt(checksum(placeOf(namespace, stream, version, position), event)) !== row.crc) {
    throw new LogDamaged(
      `The event at position ${position} (${stream}, version ${version}) is not what was written`,
    );
  }
  return event;
}
