import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyFilter } from './key-filter.js';

describe('a filter of keys', () => {
  test('never misses a member', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (keys) => {
        const filter = new KeyFilter();
        for (const key of keys) filter.add(key);
        expect(keys.every((key) => filter.mayHave(key))).toBe(true);
      }),
    );
  });

  test('has the first of many still', () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `north-${index}`);
    const filter = new KeyFilter();
    for (const key of keys) filter.add(key);
    expect(keys.filter((key) => !filter.mayHave(key))).toEqual([]);
  });

  test('has nothing at first', () => {
    expect(new KeyFilter().mayHave('')).toBe(false);
  });

  test('seldom takes another for a member', () => {
    const filter = new KeyFilter();
    for (let index = 0; index < 100_000; index += 1) filter.add(`north-${index}`);
    let taken = 0;
    for (let index = 0; index < 100_000; index += 1)
      if (filter.mayHave(`south-${index}`)) taken += 1;
    expect(taken).toBeLessThan(100);
  });
});
