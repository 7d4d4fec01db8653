import { DELETED_REVISION, type LogRecord } from './log-record.js';
import type { ServerStore } from './server-store.js';

interface StreamMetadata {
  readonly $tb?: number;
  readonly $maxCount?: number;
}

export const metadataStreamOf = (stream: string): string => `$$${stream}`;
const isMetadataStream = (stream: string): boolean => stream.startsWith('$$');

/** `{}` when there is none, or none that can be read. */
function metadataOf(store: ServerStore, stream: string): StreamMetadata {
  const written = store.eventsOf(metadataStreamOf(stream)).at(-1);
  if (written === undefined) return isMetadataStream(stream) ? { $maxCount: 1 } : {};
  try {
    // Written by whoever may write metadata; the server, too, takes what it understands.
    return JSON.parse(Buffer.from(written.data).toString()) as StreamMetadata;
  } catch {
    return {};
  }
}

export function isSoftDeleted(store: ServerStore, stream: string): boolean {
  // The number meant is beyond what JSON.parse can tell apart.
  return (metadataOf(store, stream).$tb ?? 0) >= Number(DELETED_REVISION);
}

/** What stream reads show; the log keeps the rest. */
export function visibleEventsOf(store: ServerStore, stream: string): readonly LogRecord[] {
  const { $tb = 0, $maxCount } = metadataOf(store, stream);
  const events = store.eventsOf(stream);
  const oldest = $maxCount === undefined ? 0 : events.length - $maxCount;
  return events.slice(Math.max($tb, oldest, 0));
}

/** The stream's metadata with another `$tb`, as JSON. */
export function metadataTruncatedBefore(
  store: ServerStore,
  stream: string,
  revision: bigint,
): string {
  const others = Object.entries(metadataOf(store, stream)).filter(([key]) => key !== '$tb');
  const fields = others.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${[...fields, `"$tb":${revision}`].join(',')}}`;
}
