import { setImmediate as nextTurn } from 'node:timers/promises';

/** The same, each fetched while the one before is worked on: a server need not wait for that. */
export async function* oneAhead<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const source = items[Symbol.asyncIterator]();
  try {
    for (let next = source.next(); ;) {
      const item = await next;
      if (item.done) return;
      next = source.next();
      // Heard of when its turn comes; nobody needs what comes after the last that was asked for.
      next.catch(() => undefined);
      // A question to a server goes out in a turn of its own: not after all the work on this one.
      await nextTurn();
      yield item.value;
    }
  } finally {
    await source.return?.();
  }
}
