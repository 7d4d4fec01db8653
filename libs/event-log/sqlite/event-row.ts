import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { eventOfRow, type EventRow, type StoredEvent } from '#event-log';

/** Of an event, as `prepareEvents` has them. */
export const EVENT_COLUMNS = `
  e.position, s.name, e.version, e.id, e.type, e.schema_version, e.data, e.protected, e.metadata,
  e.crc`;

/** A statement that gives `EVENT_COLUMNS`, as values: objects by name take twice as long. */
export function prepareEvents(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

type Values = readonly [
  position: EventRow['position'],
  stream: EventRow['stream'],
  version: EventRow['version'],
  id: EventRow['id'],
  type: EventRow['type'],
  schemaVersion: EventRow['schemaVersion'],
  data: EventRow['data'],
  sealed: EventRow['protected'],
  metadata: EventRow['metadata'],
  crc: EventRow['crc'],
];

/** Of what such a statement gave; the tables are STRICT. */
export function eventRow(values: unknown): EventRow {
  const [position, stream, version, id, type, schemaVersion, data, sealed, metadata, crc] =
    values as Values;
  return {
    position,
    stream,
    version,
    id,
    type,
    schemaVersion,
    data,
    protected: sealed,
    metadata,
    crc,
  };
}

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
