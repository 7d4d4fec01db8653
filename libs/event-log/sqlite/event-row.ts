import { eventOfRow, type EventRow, type StoredEvent } from '#event-log';

const columns = (data: string) => `
  e.position, s.name AS stream, e.version, e.id, e.type, e.schema_version AS schemaVersion,
  ${data}, e.metadata, e.crc`;

/** An `EventRow`, as it comes from STRICT tables. */
export const EVENT_COLUMNS = columns('e.data, e.protected');

/** The same of an event of these types, of any other bare. */
export const EVENT_COLUMNS_WITH_DATA_OF = columns(`
  CASE WHEN e.type IN (SELECT value FROM json_each(?1)) THEN e.data ELSE '' END AS data,
  CASE WHEN e.type IN (SELECT value FROM json_each(?1)) THEN e.protected ELSE '' END AS protected`);

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
