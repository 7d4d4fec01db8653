import type { DatabaseSync } from 'node:sqlite';
import { present, type StreamName } from '#kernel';
import {
  checksum,
  sameEvents,
  StreamMemory,
  VersionConflict,
  type AppendRequest,
  type KnownStream,
  type Outcome,
  type Position,
} from '#event-log';
import { EVENT_COLUMNS, eventRow, placeOf, prepareEvents, storedEvent } from './event-row.js';

/** The last version of a stream without events: the version of its first event less one. */
const NO_VERSION = -1n;

/**
 * Writes appends one after the other inside a transaction that the caller holds. Each is decided
 * before anything of it is written, so that one that is refused leaves the others untouched.
 */
export class Appending {
  private readonly statements;
  private readonly memory = new StreamMemory();
  /** Where the last batch left the head, and where the last one that was committed did. */
  private written: Position | undefined;
  private committed: Position | undefined;

  constructor(
    db: DatabaseSync,
    private readonly namespace: string,
  ) {
    this.statements = {
      head: db.prepare('SELECT max(position) AS position FROM events'),
      streamNo: db.prepare('SELECT no FROM streams WHERE namespace = ? AND name = ?'),
      lastVersion: db.prepare('SELECT max(version) AS version FROM events WHERE stream = ?'),
      between: prepareEvents(
        db,
        `SELECT ${EVENT_COLUMNS} FROM streams s CROSS JOIN events e ON e.stream = s.no
         WHERE s.no = ? AND e.version BETWEEN ? AND ? ORDER BY e.version`,
      ),
      insertStream: db.prepare('INSERT INTO streams (namespace, name) VALUES (?, ?)'),
      insertEvent: db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    };
  }

  /**
   * Throws only what is unexpected: the transaction must then be rolled back. What was learnt from
   * a batch is believed only once its commit was told.
   */
  write(batch: readonly AppendRequest[]): Outcome[] {
    let head = (this.statements.head.get()?.['position'] ?? 0n) as bigint;
    if (this.committed !== head) this.memory.forget();
    this.committed = undefined;
    const outcomes = batch.map((request) => {
      const known = this.memory.get(request.stream) ?? this.lookUp(request.stream);
      const last = known?.last ?? NO_VERSION;
      const expected = request.expected === 'none' ? NO_VERSION : BigInt(request.expected);
      if (last !== expected) return this.firstResult(request, expected, last, known?.no);
      const streamNo = known?.no ?? this.createStream(request);
      const count = BigInt(request.events.length);
      const outcome = this.insert(request, streamNo, last, head);
      this.memory.set(request.stream, { no: streamNo, last: last + count });
      head += count;
      return outcome;
    });
    this.written = head;
    return outcomes;
  }

  /** What was written last is in the log. */
  confirm(): void {
    this.committed = this.written;
  }

  private lookUp(stream: StreamName): KnownStream | undefined {
    const no = this.statements.streamNo.get(this.namespace, stream)?.['no'] as bigint | undefined;
    if (no === undefined) return undefined;
    const last = this.statements.lastVersion.get(no)?.['version'] ?? NO_VERSION;
    return { no, last: last as bigint };
  }

  private createStream(request: AppendRequest): bigint {
    // `lastInsertRowid` is a bigint where integers are read as such; its type knows both.
    return BigInt(this.statements.insertStream.run(this.namespace, request.stream).lastInsertRowid);
  }

  private insert(
    { stream, events }: AppendRequest,
    streamNo: bigint,
    last: bigint,
    head: bigint,
  ): Outcome {
    let version = last;
    let position = head;
    for (const event of events) {
      version += 1n;
      position += 1n;
      this.statements.insertEvent.run(
        position,
        streamNo,
        version,
        event.id,
        event.type,
        BigInt(event.schemaVersion),
        event.data,
        event.protected,
        event.metadata,
        BigInt(checksum(placeOf(this.namespace, stream, version, position), event)),
      );
    }
    return { appended: { stream, version: Number(version), position } };
  }

  /** The stream has moved on. By these very events: the first answer again. Else a conflict. */
  private firstResult(
    { stream, expected, events }: AppendRequest,
    after: bigint,
    last: bigint,
    streamNo: bigint | undefined,
  ): Outcome {
    try {
      const stored = streamNo === undefined ? [] : this.between(streamNo, after, events.length);
      if (sameEvents(stored, events)) {
        const { version, position } = present(stored.at(-1), 'an append has a last event');
        return { appended: { stream, version, position } };
      }
    } catch (error) {
      return { error: error as Error }; // A damaged row concerns this append alone.
    }
    const actual = last === NO_VERSION ? 'none' : Number(last);
    return { error: new VersionConflict(stream, expected, actual) };
  }

  private between(streamNo: bigint, after: bigint, count: number) {
    const rows = this.statements.between.all(streamNo, after + 1n, after + BigInt(count));
    return rows.map((row) => storedEvent(eventRow(row), this.namespace));
  }
}
