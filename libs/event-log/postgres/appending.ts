import { present } from '#kernel';
import {
  checksum,
  LogUnavailable,
  sameEvents,
  VersionConflict,
  type Appended,
  type AppendRequest,
  type StoredEvent,
} from '#event-log';
import type { Connections } from './connections.js';
import { placeOf, type Reading } from './reading.js';
import { SEPARATOR, type LogSchema } from './schema.js';

/** The last version of a stream without events: the version of its first event less one. */
const NO_VERSION = -1;

/** What the server says of one request. */
export interface Answer {
  /** The last version the stream had. */
  readonly last_version: bigint;
  /** Of the last event written; null when the stream was elsewhere than expected. */
  readonly last_position: bigint | null;
}

/** Writes batches of appends, in each of them a stream once. */
export class Appending {
  private readonly sql: string;

  constructor(
    private readonly connections: Connections,
    private readonly schema: LogSchema,
    private readonly reading: Reading,
  ) {
    const places = Array.from({ length: 12 }, (_, index) => `$${index + 1}`).join(', ');
    this.sql = `SELECT * FROM ${schema.name}.append($13, ${places})`;
  }

  /** Lists in parallel, each as one text. */
  private pack(batch: readonly AppendRequest[]): string[] {
    const lists = Array.from({ length: 12 }, (): (string | number)[] => []);
    const put = (at: number, ...values: (string | number)[]): void => {
      for (const [index, value] of values.entries()) lists[at + index]?.push(value);
    };
    for (const [index, { stream, expected, events }] of batch.entries()) {
      const last = expected === 'none' ? NO_VERSION : expected;
      put(0, stream, last, events.length);
      for (const [before, event] of events.entries()) {
        const crc = checksum(placeOf(this.schema, stream, last + 1 + before), event);
        put(3, index + 1, before + 1, event.id, event.type, event.schemaVersion);
        put(8, event.data, event.protected, event.metadata, crc);
      }
    }
    const texts = new Set([0, 6, 8, 9, 10]);
    return lists.map((list, at) => (texts.has(at) ? list.join(SEPARATOR) : `{${list.join(',')}}`));
  }

  /** @throws what the server or the connection says, AnswerLost included */
  write(batch: readonly AppendRequest[], lockWaitMs: number): Promise<Answer[]> {
    const answerMs = lockWaitMs + this.connections.timings.silenceMs;
    return this.connections.write<Answer>(this.sql, [...this.pack(batch), lockWaitMs], answerMs);
  }

  /** @throws VersionConflict, LogDamaged, LogUnavailable */
  async appended(request: AppendRequest, answer: Answer): Promise<Appended> {
    const { stream, expected, events } = request;
    const last = Number(answer.last_version);
    const { last_position: position } = answer;
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
