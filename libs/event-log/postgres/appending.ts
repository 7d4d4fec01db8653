import { present } from '#kernel';
import {
  checksum,
  LogUnavailable,
  sameEvents,
  StreamMemory,
  VersionConflict,
  type Appended,
  type AppendRequest,
  type ExpectedVersion,
  type Position,
  type StoredEvent,
} from '#event-log';
import type { Connections } from './connections.js';
import { placeOf, type Reading } from './reading.js';
import { SEPARATOR, type LogSchema } from './schema.js';

/** The last version of a stream without events: the version of its first event less one. */
const NO_VERSION = -1;

/** Parallel lists that a batch goes to the server as, and those of texts among them. */
const LISTS = 12;
const TEXTS = new Set([0, 6, 8, 9, 10]);

/** What became of one request. */
export interface Answer {
  /** The last version the stream had. */
  readonly last: bigint;
  /** Of the last event written; null when the stream was elsewhere than expected. */
  readonly position: Position | null;
}

/** A row of what the server says; see the schema. */
interface Row {
  readonly stream_no: bigint | null;
  readonly last_version: bigint;
  readonly last_position: Position | null;
  readonly log_end: Position;
  readonly streams_end: bigint;
}

/** Where the log, and the numbers of its streams, ended with the last commit of a connection. */
interface End {
  readonly connection: object;
  readonly log: Position;
  readonly streams: bigint;
}

/** What a batch is written as when nobody else has written since. */
interface Guess {
  readonly end: End;
  /** Of the stream of each request. */
  readonly nos: readonly bigint[];
  /** The requests that begin a stream, counted from 1. */
  readonly begun: readonly number[];
}

/** Writes batches of appends, one after the other, in each of them a stream once. */
export class Appending {
  private readonly sql: string;
  private readonly memory = new StreamMemory();
  /** What the memory is true for: none where nobody knows. */
  private end: End | undefined;

  constructor(
    private readonly connections: Connections,
    private readonly schema: LogSchema,
    private readonly reading: Reading,
  ) {
    const places = Array.from({ length: LISTS + 3 }, (_, index) => `$${index + 2}`).join(', ');
    this.sql = `SELECT * FROM ${schema.name}.append($1, ${places})`;
  }

  /** @throws what the server or the connection says, AnswerLost included */
  async write(batch: readonly AppendRequest[], lockWaitMs: number): Promise<Answer[]> {
    const { connection, ask } = await this.connections.writer();
    // Another connection may be to a server that took over and never had the last commits.
    const before = this.end?.connection === connection ? this.end : undefined;
    // What fails from here on leaves nobody believing anything.
    this.end = undefined;
    const guess = before && this.guess(batch, before);
    const known = [guess?.end.log ?? null, listOf(guess?.nos ?? []), listOf(guess?.begun ?? [])];
    const answerMs = lockWaitMs + this.connections.timings.silenceMs;
    const values = [lockWaitMs, ...known, ...this.pack(batch)];
    const rows = await ask<Row>(this.sql, values, answerMs);
    if (guess !== undefined && rows.length === 0) return this.asGuessed(batch, guess);
    const written = rows.reduce((sum, row, index) => {
      return row.last_position === null ? sum : sum + (batch[index]?.events.length ?? 0);
    }, 0);
    const { log_end: log, streams_end: streams } = present(rows[0], 'each request has a row');
    if (before?.log !== log - BigInt(written)) this.memory.forget();
    this.end = { connection, log, streams };
    return rows.map((row, index) => this.asTold(present(batch[index], 'a row a request'), row));
  }

  /** None where it is certain beforehand that something must be looked up. */
  private guess(batch: readonly AppendRequest[], end: End): Guess | undefined {
    const nos: bigint[] = [];
    const begun: number[] = [];
    for (const [index, { stream, expected }] of batch.entries()) {
      const known = this.memory.get(stream);
      if (known?.last !== (expected === 'none' ? undefined : BigInt(expected))) return undefined;
      if (known === undefined) begun.push(index + 1);
      nos.push(known?.no ?? end.streams + BigInt(begun.length));
    }
    return { end, nos, begun };
  }

  private asGuessed(batch: readonly AppendRequest[], { end, nos, begun }: Guess): Answer[] {
    let { log } = end;
    const answers = batch.map(({ stream, expected, events }, index) => {
      const last = BigInt(lastOf(expected));
      const count = BigInt(events.length);
      log += count;
      const no = present(nos[index], 'each stream of a guess has a number');
      this.memory.set(stream, { no, last: last + count });
      return { last, position: log };
    });
    this.end = { ...end, log, streams: end.streams + BigInt(begun.length) };
    return answers;
  }

  private asTold({ stream, events }: AppendRequest, row: Row): Answer {
    const { stream_no: no, last_version: last, last_position: position } = row;
    const count = position === null ? 0n : BigInt(events.length);
    if (no !== null) this.memory.set(stream, { no, last: last + count });
    return { last, position };
  }

  /** Lists in parallel, each as one text. */
  private pack(batch: readonly AppendRequest[]): string[] {
    const lists = Array.from({ length: LISTS }, (): (string | number)[] => []);
    const put = (at: number, ...values: (string | number)[]): void => {
      for (const [index, value] of values.entries()) lists[at + index]?.push(value);
    };
    for (const [index, { stream, expected, events }] of batch.entries()) {
      const last = lastOf(expected);
      put(0, stream, last, events.length);
      for (const [before, event] of events.entries()) {
        const crc = checksum(placeOf(this.schema, stream, last + 1 + before), event);
        put(3, index + 1, before + 1, event.id, event.type, event.schemaVersion);
        put(8, event.data, event.protected, event.metadata, crc);
      }
    }
    return lists.map((list, at) => (TEXTS.has(at) ? list.join(SEPARATOR) : listOf(list)));
  }

  /** @throws VersionConflict, LogDamaged, LogUnavailable */
  async appended(request: AppendRequest, answer: Answer): Promise<Appended> {
    const { stream, expected, events } = request;
    const last = Number(answer.last);
    const { position } = answer;
    if (position !== null) return { stream, version: last + events.length, position };
    // Events never change: what lies there now lay there when the server refused.
    const stored = await this.stored(request);
    if (sameEvents(stored, events)) {
      const { version, position: at } = present(stored.at(-1), 'an append has a last event');
      return { stream, version, position: at };
    }
    throw new VersionConflict(stream, expected, last === NO_VERSION ? 'none' : last);
  }

  private async stored({ stream, expected, events }: AppendRequest): Promise<StoredEvent[]> {
    try {
      const first = expected === 'none' ? 0 : expected + 1;
      return await this.reading.between(stream, first, events.length);
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      // An earlier attempt at this very append may have been what moved the stream.
      throw new LogUnavailable(error.message, true, { cause: error });
    }
  }
}

function lastOf(expected: ExpectedVersion): number {
  return expected === 'none' ? NO_VERSION : expected;
}

function listOf(values: readonly (string | number | bigint)[]): string {
  return `{${values.join(',')}}`;
}
