import { describe, expect, test } from '@jest/globals';
import { oneAhead } from './one-ahead.js';

describe('one ahead', () => {
  /** Counts what was asked for, and says when it was left. */
  function source(items: readonly string[], seen: string[]) {
    return (async function* () {
      try {
        for (const item of items) {
          await Promise.resolve();
          seen.push(`made ${item}`);
          if (item === 'broken') throw new Error('the server went away');
          yield item;
        }
      } finally {
        seen.push('left');
      }
    })();
  }

  async function taken(items: readonly string[], max: number, seen: string[]): Promise<void> {
    for await (const item of oneAhead(source(items, seen))) {
      // Long enough for whatever is under way.
      await new Promise(setImmediate);
      seen.push(`took ${item}`);
      if ((max -= 1) === 0) break;
    }
  }

  test('gives all in their order, the next one fetched meanwhile', async () => {
    const seen: string[] = [];
    await taken(['a', 'b', 'c'], Infinity, seen);
    expect(seen).toEqual(['made a', 'made b', 'took a', 'made c', 'took b', 'left', 'took c']);
  });

  test('has asked for the next one before anybody works on this one', async () => {
    const seen: string[] = [];
    const asking = (async function* () {
      for (const item of ['a', 'b', 'c']) {
        // As a pool of connections does, and the socket behind it.
        await new Promise<void>((resolve) => {
          process.nextTick(resolve);
        });
        seen.push(`asked ${item}`);
        yield item;
      }
    })();
    for await (const item of oneAhead(asking)) seen.push(`took ${item}`);
    expect(seen).toEqual(['asked a', 'asked b', 'took a', 'asked c', 'took b', 'took c']);
  });

  test('leaves the source when nobody wants more', async () => {
    const seen: string[] = [];
    await taken(['a', 'b', 'c'], 1, seen);
    expect(seen).toEqual(['made a', 'made b', 'took a', 'left']);
  });

  test('fails where the source fails, and not before', async () => {
    const seen: string[] = [];
    await expect(taken(['a', 'broken'], Infinity, seen)).rejects.toThrow('the server went away');
    expect(seen).toEqual(['made a', 'made broken', 'left', 'took a']);
  });

  test('does not hear of what it fetched in vain', async () => {
    await taken(['a', 'broken'], 1, []);
  });
});
