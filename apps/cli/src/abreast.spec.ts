import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Abreast } from './abreast.js';

const AHEAD_MAX = 10;

/** Everybody walks; answers who came where, in the order in which it happened. */
async function walk(paths: readonly (readonly number[])[]): Promise<[number, number][]> {
  const walkers = paths.map((_, index) => index);
  const abreast = new Abreast(walkers, AHEAD_MAX);
  const seen: [number, number][] = [];
  const one = async (walker: number): Promise<void> => {
    for (const place of paths[walker] ?? []) {
      await abreast.reach(walker, place);
      seen.push([walker, place]);
    }
    abreast.leave(walker);
  };
  await Promise.all(walkers.map(one));
  return seen;
}

const upwards = fc
  .array(fc.nat(100), { maxLength: 20 })
  .map((places) => places.sort((a, b) => a - b));

describe('those who keep abreast', () => {
  test('all arrive, each in their own order, and nobody is seen far behind another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(upwards, { minLength: 1, maxLength: 5 }), async (paths) => {
        const seen = await walk(paths);
        for (const [walker, path] of paths.entries()) {
          expect(seen.filter(([who]) => who === walker).map(([, place]) => place)).toEqual(path);
        }
        let furthest = -Infinity;
        for (const [, place] of seen) {
          furthest = Math.max(furthest, place);
          expect(furthest - place).toBeLessThanOrEqual(AHEAD_MAX);
        }
      }),
    );
  });

  test('who is near enough goes on without waiting for the others to move', async () => {
    const abreast = new Abreast(['a', 'b'], AHEAD_MAX);
    const first = abreast.reach('a', 10);
    await abreast.reach('b', 0);
    await first;
    await abreast.reach('b', 10);
    expect(abreast.last()).toBe(10);
  });
});
