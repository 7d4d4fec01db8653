import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { placeOf } from '#dist/libs/event-log/postgres/reading.js';
import { LogSchema } from '#dist/libs/event-log/postgres/schema.js';
import { checksum, type EventLog } from '#event-log';
import type { StreamName } from '#kernel';
import { openLog, type LogPlace } from '../contestants/wayledger-log.ts';
import type { Planned } from './again.ts';

/** Appends side by side; a log writes what waits for it together, in the order in which it came. */
const UNDER_WAY_MAX = 512;
const ROWS_A_COPY = 20_000;

type Plan = Iterable<Planned> | AsyncIterable<Planned>;

/**
 * Fills an empty log with what was planned, in its order. Answers how many events. A log in a file
 * appends them. In PostgreSQL, where a stream is written once a commit, that would take hours for
 * the longest: there the rows that it would write are copied, and its own guards look at them.
 */
export async function fill(place: LogPlace, planned: Plan): Promise<number> {
  const log = await openLog(place);
  try {
    return 'file' in place ? await appendAll(log, planned) : await copyAll(place.address, planned);
  } finally {
    await log.close();
  }
}

async function appendAll(log: EventLog, planned: Plan): Promise<number> {
  const lasts = new Map<StreamName, number>();
  let count = 0;
  let underWay: Promise<unknown>[] = [];
  for await (const { stream, event } of planned) {
    const last = lasts.get(stream);
    lasts.set(stream, (last ?? -1) + 1);
    underWay.push(log.append(stream, last ?? 'none', [event]));
    count += 1;
    if (underWay.length < UNDER_WAY_MAX) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
  return count;
}

async function copyAll(address: string, planned: Plan): Promise<number> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const rows = new Rows();
    for await (const next of planned) {
      rows.add(next);
      if (rows.events.length === ROWS_A_COPY) await rows.copy(client);
    }
    await rows.copy(client);
    return rows.count;
  } finally {
    await client.end();
  }
}

/** The rows of a log in its order, as COPY takes them. */
class Rows {
  events: string[] = [];
  count = 0;
  readonly #schema = new LogSchema('');
  #begun: string[] = [];
  readonly #streams = new Map<StreamName, { readonly no: number; versions: number }>();

  add({ stream, event }: Planned): void {
    const known = this.#streams.get(stream) ?? this.#begin(stream);
    const version = known.versions;
    known.versions += 1;
    this.count += 1;
    const { id, type, schemaVersion, data, metadata } = event;
    const crc = checksum(placeOf(this.#schema, stream, version), event);
    const row = [this.count, known.no, version, id, type, schemaVersion];
    this.events.push(line([...row, data, event.protected, metadata, crc]));
  }

  #begin(stream: StreamName): { readonly no: number; versions: number } {
    const begun = { no: this.#streams.size + 1, versions: 0 };
    this.#streams.set(stream, begun);
    this.#begun.push(line([begun.no, stream]));
    return begun;
  }

  /** Streams first: an event whose stream is not there is refused. */
  async copy(client: pg.Client): Promise<void> {
    for (const [table, lines] of [
      ['streams', this.#begun] as const,
      ['events', this.events] as const,
    ]) {
      const into = client.query(copyFrom(`COPY ${this.#schema.name}.${table} FROM STDIN`));
      await pipeline(Readable.from(lines), into);
    }
    [this.#begun, this.events] = [[], []];
  }
}

/** Texts of a log hold no raw control character. */
function line(values: readonly (string | number)[]): string {
  return `${values.map((value) => String(value).replaceAll('\\', '\\\\')).join('\t')}\n`;
}
