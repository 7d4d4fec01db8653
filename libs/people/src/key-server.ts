import type { Pool } from 'pg';
import { AssertionFailed } from '#kernel';
import { SQLSTATE, isConnectionLost, openPool, sqlStateOf, type PostgresAddress } from '#postgres';
import { KEY_STORE_WAIT_MS_MAX, KeyStoreBusy, KeyStoreRefused } from './key-store.js';
import { giveUpAtLast, whenFree, type Waiting } from './when-free.js';

/** What is no word of the server's. */
const OURS = [KeyStoreBusy, KeyStoreRefused, AssertionFailed];

/** A server that may hold a statement up, or be away for a moment. */
export class KeyServer {
  readonly #pool: Pool;
  readonly #waiting: Waiting;
  readonly #described: string;

  constructor({ config, described }: PostgresAddress) {
    this.#described = described;
    this.#pool = openPool(config, {
      // The server ends what it holds up by itself, so that nothing piles up there.
      statement_timeout: KEY_STORE_WAIT_MS_MAX,
      query_timeout: KEY_STORE_WAIT_MS_MAX,
    });
    this.#waiting = {
      isBusy: isPassing,
      busyText: (error) =>
        `The keys in ${described} could not be had for ${KEY_STORE_WAIT_MS_MAX} ms ` +
        `(${wordsOf(error)}): try again`,
    };
  }

  /**
   * What is asked must be safe to be asked again: when the connection was lost, nobody knows what
   * became of it.
   * @throws KeyStoreBusy, KeyStoreRefused
   */
  async ask<T>(work: (pool: Pool) => Promise<T>, giveUpAt = giveUpAtLast()): Promise<T> {
    let why: Error = new NoAnswer('no answer');
    const attempt = () => {
      const asked = work(this.#pool).catch((error: unknown) => {
        why = error as Error; // The client throws nothing else.
        throw error;
      });
      return before(giveUpAt, asked, () => why);
    };
    try {
      return await whenFree(this.#waiting, attempt, giveUpAt);
    } catch (error) {
      if (OURS.some((kind) => error instanceof kind)) throw error;
      throw new KeyStoreRefused(
        `The keys in ${this.#described} cannot be used: ${wordsOf(error)}. Check the address, its ` +
          'user, and what that user may do there.',
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}

/** The limit was reached before the server answered. */
class NoAnswer extends Error {}

/** Fails with what is known of why, when the time is over first. */
async function before<T>(giveUpAt: number, asked: Promise<T>, why: () => Error): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const leftMs = Math.max(0, giveUpAt - performance.now());
    limit = setTimeout(() => {
      reject(why());
    }, leftMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(limit);
  }
}

const PASSING: readonly string[] = [
  ...[SQLSTATE.lockNotAvailable, SQLSTATE.deadlockDetected, SQLSTATE.queryCanceled],
  SQLSTATE.tooManyConnections,
];

/** Others are in the way, or the connection is lost: it passes. */
function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer || isConnectionLost(error)) return true;
  return PASSING.includes(sqlStateOf(error) ?? '');
}

/** A refused connection to several addresses of one host has a code and no words. */
function wordsOf(error: unknown): string {
  const { message, code } = error as { readonly message: string; readonly code?: unknown };
  return message === '' ? String(code) : message;
}
