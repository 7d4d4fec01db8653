import {
  MaxAppendSizeExceededError,
  NO_STREAM,
  StreamDeletedError,
  WrongExpectedVersionError,
  type AppendResult,
  type BinaryEventData,
} from '@eventstore/db-client';
import type { StreamName } from '#kernel';
import {
  EventRefused,
  LogDamaged,
  VersionConflict,
  type Appended,
  type EventToStore,
  type ExpectedVersion,
  type Position,
} from '#event-log';
import { DEADLINE_GRACE_MS, within, type Connection } from './connection.js';
import { asLogError, deletedForEver, isPassing } from './failures.js';
import { toServer, type Naming } from './frame.js';
import type { GuardedClient } from './guarded-client.js';
import type { Reading } from './reading.js';

/**
 * Appends, again and again until there is an answer: with the same ids at a concrete place the
 * server writes them once, however often it is asked.
 */
export class Appending {
  constructor(
    private readonly connection: Connection,
    private readonly naming: Naming,
    private readonly reading: Reading,
  ) {}

  async append(
    stream: StreamName,
    expected: ExpectedVersion,
    events: readonly EventToStore[],
  ): Promise<Appended> {
    const first = expected === 'none' ? 0 : expected + 1;
    const version = first + events.length - 1;
    // Made before the call: what the client cannot put into words itself would hang it.
    const written = events.map((event, index) =>
      toServer(this.naming, stream, first + index, event),
    );
    const work = async (client: GuardedClient): Promise<Appended> => {
      const answer = await this.attempt(client, stream, expected, written);
      if (answer.nextExpectedRevision !== BigInt(version)) {
        throw new LogDamaged(
          `${stream} was written up to version ${answer.nextExpectedRevision} instead of ` +
            `${version}: earlier events of it were deleted on the server`,
        );
      }
      const known = events.length === 1 ? positionIn(answer) : undefined;
      const position = known ?? (await this.lookUp(client, stream, version));
      return { stream, version, position };
    };
    return this.connection.call(work, { writes: true });
  }

  /** It is written by now, whatever becomes of the question where. */
  private async lookUp(client: GuardedClient, stream: StreamName, version: number) {
    try {
      return await this.reading.positionAt(client, stream, version);
    } catch (error) {
      throw isPassing(error)
        ? error
        : asLogError(error, { ...this.connection.circumstances, mayBeWritten: true });
    }
  }

  private async attempt(
    client: GuardedClient,
    stream: StreamName,
    expected: ExpectedVersion,
    written: BinaryEventData[],
  ): Promise<AppendResult> {
    const { appendDeadlineMs: deadline } = this.connection.timings;
    try {
      const answer = client.appendToStream(this.naming.onServer(stream), written, {
        // Never left out: without it the server takes any version for the right one.
        expectedRevision: expected === 'none' ? NO_STREAM : BigInt(expected),
        ...this.connection.asked(),
        deadline,
      });
      return await within(deadline + DEADLINE_GRACE_MS, answer);
    } catch (error) {
      throw asKnown(error, stream, expected);
    }
  }
}

/** Of the only event. Of several it may be told of any, and of none when it was a repetition. */
function positionIn({ position }: AppendResult): Position | undefined {
  return position?.commit === position?.prepare ? position?.commit : undefined;
}

function asKnown(error: unknown, stream: StreamName, expected: ExpectedVersion): unknown {
  if (error instanceof WrongExpectedVersionError) {
    const { actualVersion } = error;
    const actual = typeof actualVersion === 'bigint' ? Number(actualVersion) : 'none';
    return new VersionConflict(stream, expected, actual);
  }
  if (error instanceof StreamDeletedError) return deletedForEver(stream, error);
  if (error instanceof MaxAppendSizeExceededError) {
    const message = `The server takes at most ${error.maxAppendSize} bytes in one append`;
    return new EventRefused(message, { cause: error });
  }
  return error;
}
