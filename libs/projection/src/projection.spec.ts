import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { PARTITIONS, partitionOf } from './index.js';

describe('the partition of an anchor', () => {
  // Python: zlib.crc32(b'north') % 16. Checkpoints are kept by it: no value may ever change.
  test.each<[string | undefined, number]>([
    [undefined, 0],
    ['north', 2],
    ['south', 4],
    ['bogside-and-brandywell', 12],
    ['a', 3],
    ['hill-allotments-2', 8],
  ])('of %s is %i for ever', (anchor, partition) => {
    expect(partitionOf(anchor as Slug | undefined)).toBe(partition);
  });

  test('is one of sixteen, and all of them are used', () => {
    const used = new Set(
      Array.from({ length: 400 }, (_, index) => partitionOf(`anchor-${index}` as Slug)),
    );
    expect([...used].sort((a, b) => a - b)).toEqual(
      Array.from({ length: PARTITIONS }, (_, index) => index),
    );
  });
});
