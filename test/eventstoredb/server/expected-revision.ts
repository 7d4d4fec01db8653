import type { LogRecord } from './log-record.js';
import type { ServerStore } from './server-store.js';
import { isSoftDeleted, metadataStreamOf } from './stream-metadata.js';

export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | bigint;

export type Decision =
  | { readonly kind: 'write' }
  /** Written before: the answer is what it was then. */
  | { readonly kind: 'repeated'; readonly last: LogRecord }
  | { readonly kind: 'conflict'; readonly current: bigint | undefined };

const WRITE: Decision = { kind: 'write' };

/** Whether these events (at least one) may be written to a stream that is not tombstoned. */
export function decide(
  store: ServerStore,
  stream: string,
  expected: ExpectedRevision,
  ids: readonly string[],
): Decision {
  if (expected === 'any') return repeatedLately(store, stream, ids) ?? WRITE;
  const current = store.eventsOf(stream).at(-1)?.revision;
  if (expected === 'stream_exists') {
    const exists = current !== undefined || store.eventsOf(metadataStreamOf(stream)).length > 0;
    return exists
      ? (repeatedLately(store, stream, ids) ?? WRITE)
      : { kind: 'conflict', current: undefined };
  }
  const before = expected === 'no_stream' ? -1n : expected;
  if (before === (current ?? -1n)) return WRITE;
  const first = Number(before) + 1;
  const stored = store.eventsOf(stream).slice(first, first + ids.length);
  const last = stored.at(-1);
  if (last !== undefined && ids.every((id, index) => stored[index]?.id === id)) {
    return { kind: 'repeated', last };
  }
  const startsAnew = expected === 'no_stream' && isSoftDeleted(store, stream);
  return startsAnew && stored[0]?.id !== ids[0] ? WRITE : { kind: 'conflict', current };
}

/** Without a place to compare with, the server only has its memory of recent ids. */
function repeatedLately(
  store: ServerStore,
  stream: string,
  ids: readonly string[],
): Decision | undefined {
  const known = ids.map((id) => store.recentlyWritten(stream, id));
  const last = known.at(-1);
  if (last !== undefined && !known.includes(undefined)) return { kind: 'repeated', last };
  const current = store.eventsOf(stream).at(-1)?.revision;
  return known[0] === undefined ? undefined : { kind: 'conflict', current };
}
