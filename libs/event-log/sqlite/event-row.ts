import { eventOfRow, type EventRow, type StoredEvent } from '#event-log';

/** An `EventRow`, as it comes from STRICT tables. */
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
  return eventOfRow(row, placeOf(namespace, row.stream, row.version, row.position));
}
