import { crc32 } from 'node:zlib';
import type { EventToStore } from './stored-event.js';

/**
 * CRC-32 over an event and where it lies (namespace, stream, version, and whatever else of its
 * place a store knows when it writes): one that was changed or moved is damage.
 */
export function checksum(place: readonly string[], event: EventToStore): number {
  // A length before each part keeps ("ab", "c") and ("a", "bc") apart.
  let head = '';
  for (const part of place) head += lengthAnd(part);
  head += lengthAnd(event.id) + lengthAnd(event.type) + lengthAnd(event.schemaVersion.toString());
  // The long ones one after the other: to join them would copy them. The middle one is short.
  const middle = `${lengthAnd(event.protected)}${event.metadata.length}:`;
  const before = crc32(event.data, crc32(`${head}${event.data.length}:`));
  return crc32(event.metadata, crc32(middle, before));
}

function lengthAnd(part: string): string {
  return `${part.length}:${part}`;
}
