import type { EventId, StreamName } from '#kernel';
import { checksum } from './checksum.js';
import { LogDamaged } from './errors.js';
import type { StoredEvent } from './stored-event.js';

/** An event as a table of a store gives it back, with every integer a bigint. */
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

/**
 * @param place what the row's checksum covers of where it lies
 * @throws LogDamaged when the row is not what was written
 */
export function eventOfRow(row: EventRow, place: readonly string[]): StoredEvent {
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
  if (BigInt(checksum(place, event)) === row.crc) return event;
  const { stream, version, position } = row;
  throw new LogDamaged(
    `The event at position ${position} (${stream}, version ${version}) is not what was written`,
  );
}
