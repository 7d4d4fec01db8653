import type { StreamName } from '#kernel';
import {
  eventOfRow,
  LOG_START,
  LogDamaged,
  PAGE_BYTES_MAX,
  sizeOf,
  type EventRow,
  type LogPage,
  type LogPageRequest,
  type Position,
  type StoredEvent,
  type StreamPage,
  type StreamPageRequest,
  type StreamsPageRequest,
} from '#event-log';
import type { Connections } from './connections.js';
import type { LogSchema } from './schema.js';

/** Looked through by one statement that a filter lets little through of. */
const SCAN_POSITIONS_MAX = 10_000n;

/** In UTF-8, of a character of JavaScript. */
const BYTES_OF_CHARACTER_MAX = 3;

/** Single pages, each its own statement and so its own view of what is committed. */
export class Reading {
  private readonly sql;

  constructor(
    private readonly connections: Connections,
    private readonly schema: LogSchema,
  ) {
    this.sql = statements(schema.name);
  }

  async head(): Promise<Position> {
    const [row] = await this.connections.read<{ position: Position | null }>(this.sql.head);
    return row?.position ?? LOG_START;
  }

  async logPage({ after, upTo, max, filter }: LogPageRequest): Promise<LogPage> {
    const end = after + SCAN_POSITIONS_MAX < upTo ? after + SCAN_POSITIONS_MAX : upTo;
    const { logPage, logPageOfTypes } = this.sql;
    const place = [after, end, max];
    const rows = await (filter === undefined
      ? this.rows(logPage, place)
      : this.rows(logPageOfTypes, [...place, filter.types]));
    const { events, full } = this.page(rows, max);
    const through = full ? (events.at(-1)?.position ?? end) : end;
    if (filter === undefined) checkPositions(events, after, through);
    return { events, through };
  }

  async streamPage({ stream, from, backwards, max }: StreamPageRequest): Promise<StreamPage> {
    const { streamPage, streamPageBackwards } = this.sql;
    const rows = await this.rows(backwards ? streamPageBackwards : streamPage, [stream, from, max]);
    const page = this.page(rows, max);
    checkVersions(page, { stream, from, backwards });
    return page;
  }

  async streamsPage({ streams, from, max }: StreamsPageRequest): Promise<StreamPage> {
    const rows = await this.rows(this.sql.streamsPage, [streams, from, max]);
    const { events, full } = this.page(rows, max);
    for (const stream of streams) {
      const ofOne = events.filter((event) => event.stream === stream);
      const place = { stream, from: stream === streams[0] ? from : 0, backwards: false };
      checkVersions({ events: ofOne, full }, place);
    }
    return { events, full };
  }

  /** The events of a stream at these versions. */
  async between(stream: StreamName, from: number, count: number): Promise<StoredEvent[]> {
    const rows = await this.rows(this.sql.streamPage, [stream, from, count]);
    return this.page(rows, count).events.filter(({ version }) => version < from + count);
  }

  private rows(sql: string, values: readonly unknown[]): Promise<EventRow[]> {
    return this.connections.read<EventRow>(sql, values);
  }

  private page(rows: readonly EventRow[], max: number): { events: StoredEvent[]; full: boolean } {
    const events = rows.map((row) =>
      eventOfRow(row, placeOf(this.schema, row.stream, row.version)),
    );
    let bytesMax = 0;
    for (const event of events) bytesMax += BYTES_OF_CHARACTER_MAX * sizeOf(event);
    // Where the server may have cut it off there is a second look.
    return { events, full: events.length === max || bytesMax >= PAGE_BYTES_MAX };
  }
}

/** Neither positions nor versions have gaps: a row that is gone leaves one, and no checksum. */
function checkPositions(events: readonly StoredEvent[], after: Position, through: Position): void {
  let next = after + 1n;
  for (const { position } of events) {
    if (position !== next) break;
    next += 1n;
  }
  if (next <= through) throw new LogDamaged(`The event at position ${next} is missing`);
}

function checkVersions(
  { events, full }: StreamPage,
  { stream, from, backwards }: Pick<StreamPageRequest, 'stream' | 'from' | 'backwards'>,
): void {
  const ordered = backwards ? events.toReversed() : events;
  const [lowest] = ordered;
  if (lowest === undefined) return;
  const begins = backwards ? full || lowest.version === 0 : lowest.version === from;
  const gap = ordered.findIndex(({ version }, index) => version !== lowest.version + index);
  if (begins && gap === -1) return;
  const missing = begins ? lowest.version + gap : lowest.version - 1;
  throw new LogDamaged(`Version ${missing} of ${stream} is missing`);
}

/** Where an event lies; the position is not known when its checksum is made. */
export function placeOf(
  { namespace }: LogSchema,
  stream: string,
  version: bigint | number,
): readonly string[] {
  return [namespace, stream, version.toString()];
}

const SIZE = '(octet_length(e.data) + octet_length(e.protected) + octet_length(e.metadata))';

/** Names are looked up one by one: a join might be planned as a scan of them all, and a sort. */
export function statements(schema: string) {
  // Cut off by the server where the texts before an event come to a page already.
  const page = (from: string, order: string): string => `
    SELECT position, stream, version, id, type, schema_version AS "schemaVersion", data, protected,
           metadata, crc
    FROM (
      SELECT e.*, sum(${SIZE}) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - ${SIZE} AS before
      FROM (
        SELECT e.position, e.version, e.id, e.type, e.schema_version, e.crc,
               e.data, e.protected, e.metadata, ${from} ORDER BY e.${order} LIMIT $3::bigint
      ) e
    ) e WHERE e.before < ${PAGE_BYTES_MAX}`;
  const ofLog = (more: string): string =>
    page(
      `coalesce((SELECT s.name FROM ${schema}.streams s WHERE s.no = e.stream), '') AS stream
       FROM ${schema}.events e
       WHERE e.position > $1::bigint AND e.position <= $2::bigint ${more}`,
      'position',
    );
  const ofStream = (compare: string, direction: string): string =>
    page(
      `$1::text AS stream FROM ${schema}.events e
       WHERE e.stream = (SELECT s.no FROM ${schema}.streams s WHERE s.name = $1::text)
         AND e.version ${compare} $2::bigint`,
      `version ${direction}`,
    );
  // Each by itself, whatever the planner thinks of them all.
  const ofStreams = `e.place, e.name AS stream
       FROM unnest($1::text[]) WITH ORDINALITY AS w (name, place) CROSS JOIN LATERAL (
         SELECT e.*, w.place, w.name FROM ${schema}.events e
         WHERE e.stream = (SELECT s.no FROM ${schema}.streams s WHERE s.name = w.name)
           AND e.version >= CASE WHEN w.place = 1 THEN $2::bigint ELSE 0 END
         ORDER BY e.version LIMIT $3::bigint
       ) e`;
  return {
    head: `SELECT max(position) AS position FROM ${schema}.events`,
    logPage: ofLog(''),
    logPageOfTypes: ofLog('AND e.type = ANY ($4::text[])'),
    streamPage: ofStream('>=', 'ASC'),
    streamPageBackwards: ofStream('<=', 'DESC'),
    streamsPage: page(ofStreams, 'place, e.version'),
  };
}
