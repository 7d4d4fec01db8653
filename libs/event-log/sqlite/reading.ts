import type { DatabaseSync } from 'node:sqlite';
import {
  LOG_START,
  LogUnavailable,
  PAGE_BYTES_MAX,
  sizeOf,
  type LogPage,
  type LogPageRequest,
  type Position,
  type StoredEvent,
  type StreamPage,
  type StreamPageRequest,
} from '#event-log';
import { EVENT_COLUMNS, eventRow, prepareEvents, storedEvent } from './event-row.js';
import { asLogError } from './sqlite-errors.js';

/** Each statement stops the process while it runs: this keeps it to a few milliseconds. */
const SCAN_POSITIONS_MAX = 10_000n;

/** CROSS JOIN keeps the order in which the tables are named: walked by position, nothing sorted. */
export const LOG_PAGE = `
  SELECT ${EVENT_COLUMNS} FROM events e CROSS JOIN streams s ON s.no = e.stream
  WHERE e.position > ? AND e.position <= ? AND s.namespace = ?
  ORDER BY e.position LIMIT ?`;

export const LOG_PAGE_OF_TYPES = `
  SELECT ${EVENT_COLUMNS} FROM events e CROSS JOIN streams s ON s.no = e.stream
  WHERE e.position > ? AND e.position <= ? AND s.namespace = ?
    AND e.type IN (SELECT value FROM json_each(?))
  ORDER BY e.position LIMIT ?`;

export const NEWEST_IN_NAMESPACE = `
  SELECT e.position FROM events e CROSS JOIN streams s ON s.no = e.stream
  WHERE e.position > ? AND e.position <= ? AND s.namespace = ?
  ORDER BY e.position DESC LIMIT 1`;

export const STREAM_PAGE = `
  SELECT ${EVENT_COLUMNS} FROM streams s CROSS JOIN events e ON e.stream = s.no
  WHERE s.namespace = ? AND s.name = ? AND e.version >= ?
  ORDER BY e.version LIMIT ?`;

export const STREAM_PAGE_BACKWARDS = `
  SELECT ${EVENT_COLUMNS} FROM streams s CROSS JOIN events e ON e.stream = s.no
  WHERE s.namespace = ? AND s.name = ? AND e.version <= ?
  ORDER BY e.version DESC LIMIT ?`;

/** Single pages, each its own statement and so its own view of what is committed. */
export class Reading {
  private readonly statements;
  private closed = false;

  constructor(
    db: DatabaseSync,
    private readonly namespace: string,
  ) {
    this.statements = {
      head: db.prepare('SELECT max(position) AS position FROM events'),
      dataVersion: db.prepare('PRAGMA data_version'),
      logPage: prepareEvents(db, LOG_PAGE),
      logPageOfTypes: prepareEvents(db, LOG_PAGE_OF_TYPES),
      newest: db.prepare(NEWEST_IN_NAMESPACE),
      streamPage: prepareEvents(db, STREAM_PAGE),
      streamPageBackwards: prepareEvents(db, STREAM_PAGE_BACKWARDS),
    };
  }

  close(): void {
    this.closed = true;
  }

  /** Changes whenever any other connection has committed. */
  dataVersion(): bigint {
    return this.run(() => this.statements.dataVersion.get()?.['data_version'] as bigint);
  }

  /** Of the file, whatever the namespace. */
  head(): Position {
    return this.run(() => (this.statements.head.get()?.['position'] ?? LOG_START) as Position);
  }

  /** The newest of this namespace among the last positions up to `upTo`, and where they start. */
  newest(upTo: Position): { readonly found?: Position; readonly from: Position } {
    const from = upTo > SCAN_POSITIONS_MAX ? upTo - SCAN_POSITIONS_MAX : LOG_START;
    return this.run(() => {
      const found = this.statements.newest.get(from, upTo, this.namespace)?.['position'];
      return found === undefined ? { from } : { found: found as Position, from };
    });
  }

  logPage(request: LogPageRequest): LogPage {
    const { after, upTo, max } = request;
    const end = after + SCAN_POSITIONS_MAX < upTo ? after + SCAN_POSITIONS_MAX : upTo;
    const { events, full } = this.collect(max, (limit) => this.logRows(request, end, limit));
    return { events, through: full ? (events.at(-1)?.position ?? end) : end };
  }

  private logRows(
    { after, filter }: LogPageRequest,
    end: Position,
    limit: bigint,
  ): Iterable<unknown> {
    const { logPage, logPageOfTypes } = this.statements;
    if (filter === undefined) return logPage.iterate(after, end, this.namespace, limit);
    const types = JSON.stringify(filter.types);
    return logPageOfTypes.iterate(after, end, this.namespace, types, limit);
  }

  streamPage({ stream, from, backwards, max }: StreamPageRequest): StreamPage {
    const { streamPage, streamPageBackwards } = this.statements;
    const statement = backwards ? streamPageBackwards : streamPage;
    return this.collect(max, (limit) =>
      statement.iterate(this.namespace, stream, BigInt(from), limit),
    );
  }

  private collect(max: number, rows: (limit: bigint) => Iterable<unknown>): StreamPage {
    return this.run(() => {
      const events: StoredEvent[] = [];
      let size = 0;
      for (const row of rows(BigInt(max))) {
        const event = storedEvent(eventRow(row), this.namespace);
        events.push(event);
        size += sizeOf(event);
        if (size >= PAGE_BYTES_MAX) return { events, full: true };
      }
      return { events, full: events.length === max };
    });
  }

  private run<T>(read: () => T): T {
    if (this.closed) throw new LogUnavailable('The event log is closed', false);
    try {
      return read();
    } catch (error) {
      throw asLogError(error, 'The event log cannot be read');
    }
  }
}
