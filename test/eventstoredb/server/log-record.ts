/** A place in the log. Both are offsets in bytes; they are equal for a plain append. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord extends RawEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: LogPosition;
  /** Of 100 ns, since 1970. */
  readonly createdTicks: bigint;
}

export const JSON_CONTENT = 'application/json';
export const TOMBSTONE_TYPE = '$streamDeleted';
/** What the server calls "deleted": the revision of a tombstone, and the `$tb` of a soft delete. */
export const DELETED_REVISION = 2n ** 63n - 1n;

export function comparePositions(a: LogPosition, b: LogPosition): number {
  const [left, right] = a.commit === b.commit ? [a.prepare, b.prepare] : [a.commit, b.commit];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The index of the first record at or after a place. */
export function indexFrom(records: readonly LogRecord[], place: LogPosition): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle];
    if (record !== undefined && comparePositions(record.position, place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
