import { crc32 } from 'node:zlib';
import type { EventToStore } from './stored-event.js';

/**
 * CRC-32 over an event and where it lies (namespace, stream, version, and whatever else of its
 * place a store knows when it writes): one that was changed or moved is damage.
 */
export function checksum(place: readonly string[], event: EventToStore): number {
  const { id, type, schemaVersion, data, metadata } = event;
  // A length before each part keeps ("ab", "c") and ("a", "bc") apart.
  let all = '';
  for (const part of place) all += `${part.length}:${part}`;
  all += `${id.length}:${id}${type.length}:${type}`;
  const version = schemaVersion.toString();
  all += `${version.length}:${version}${data.length}:${data}`;
  all += `${event.protected.length}:${event.protected}${metadata.length}:${metadata}`;
  return crc32(all);
}
