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
      yield item.value;
    }
  } finally {
    await source.return?.();
  }
}
