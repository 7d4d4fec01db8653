import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import { LOCK_WAIT_MAX_MS, LogUnavailable, retryDelayMs } from '#event-log';
import { answerOf, openPool, type PostgresAddress } from '#postgres';
import { asLogError, isLost, isPassing, Silence } from './failures.js';

/** All in milliseconds. */
export interface Timings {
  /** How long an append is tried, and how long a reader waits for a server that went away. */
  readonly patienceMs: number;
  /** An answer that takes longer will not come. */
  readonly silenceMs: number;
  /** How soon a follower hears of what another process has written, if nothing wakes it sooner. */
  readonly headPollMs: number;
}

export const TIMINGS: Timings = {
  patienceMs: LOCK_WAIT_MAX_MS,
  silenceMs: 30_000,
  headPollMs: 100,
};

/** Batches one after the other: whoever waits is in the next, the larger and cheaper for it. */
const WRITERS_MAX = 1;
const READERS_MAX = 4;
const IDLE_MS_MAX = 60_000;
/** A server that comes back does so within seconds, not within milliseconds. */
const RECONNECT_MS = 100;

/** What the server was asked may have been done. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

/** A connection that is held until it was asked, once. */
export interface Writer {
  /** Another one after any that was lost. */
  readonly connection: object;
  /** @throws AnswerLost when nobody knows whether it was done */
  readonly ask: <R>(sql: string, values: readonly unknown[], answerMs: number) => Promise<R[]>;
}

/** Appends and reading each have their own connections: neither waits for the other. */
export class Connections {
  readonly where: string;
  private readonly writing: Pool;
  private readonly reading: Pool;
  private closed = false;

  constructor(
    address: PostgresAddress,
    readonly timings: Timings,
  ) {
    this.where = address.described;
    const idleTimeoutMillis = IDLE_MS_MAX;
    this.writing = openPool(address.config, { max: WRITERS_MAX, idleTimeoutMillis });
    this.reading = openPool(address.config, { max: READERS_MAX, idleTimeoutMillis });
  }

  /** What could not be connected fails as the connection did. */
  async writer(): Promise<Writer> {
    const client = await this.writing.connect();
    return {
      connection: client,
      ask: async <R>(sql: string, values: readonly unknown[], answerMs: number) => {
        try {
          return await ask<R>(client, sql, values, answerMs);
        } catch (error) {
          throw isLost(error) ? new AnswerLost('The answer was lost', { cause: error }) : error;
        }
      },
    };
  }

  /**
   * As often as it takes while the connection is lost: reading twice does no harm.
   * @throws LogUnavailable, LogDamaged
   */
  async read<R>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
    const deadline = performance.now() + this.timings.patienceMs;
    for (;;) {
      if (this.closed) throw new LogUnavailable('The event log is closed', false);
      try {
        const client = await this.reading.connect();
        return await ask<R>(client, sql, values, this.timings.silenceMs);
      } catch (error) {
        if (!isPassing(error) || performance.now() > deadline) {
          throw asLogError(error, this.where, false);
        }
      }
      await reconnectPause();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.writing.end(), this.reading.end()]);
  }
}

export function reconnectPause(): Promise<void> {
  return pause(RECONNECT_MS / 2 + Math.random() * RECONNECT_MS + retryDelayMs());
}

/** Gives the connection back, or ends it where it may still be busy with this. */
async function ask<R>(
  client: PoolClient,
  sql: string,
  values: readonly unknown[],
  answerMs: number,
): Promise<R[]> {
  // A connection that breaks says so twice; the second time nobody else would listen.
  client.on('error', ignore);
  let broken = true;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // A process that was stopped finds the answer and the end of its patience at once.
      setImmediate(() => {
        reject(new Silence(answerMs));
      });
    }, answerMs);
  });
  try {
    const { rows } = await Promise.race([answerOf(client, sql, values), silence]);
    broken = false;
    return rows as R[];
  } catch (error) {
    broken = isLost(error);
    throw error;
  } finally {
    clearTimeout(timer);
    client.off('error', ignore);
    client.release(broken);
  }
}

function ignore(): void {
  // The question that was under way fails with it.
}
