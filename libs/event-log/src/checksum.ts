import { crc32 } from 'node:zlib';
import type { EventToStore } from './stored-event.js';

/**
 * CRC-32 over an event and where it lies (namespace, stream, version, and whatever else of its
 * place a store knows when it writes): one that was changed or moved is damage.
 */
export function checksum(place: readonly string[], event: EventToStore): number {
  const parts = [
    ...place,
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
  return crc32(all);
}
