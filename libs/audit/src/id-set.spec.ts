import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IdSet } from './id-set.js';

describe('a set of ids', () => {
  test('knows each one once, however many there are', () => {
    const id = fc.uuid();
    fc.assert(
      fc.property(fc.array(id, { maxLength: 3_000, size: 'max' }), (ids) => {
        const [compact, plain] = [new IdSet(), new Set<string>()];
        for (const each of [...ids, ...ids.toReversed()]) {
          expect(compact.add(each)).toBe(!plain.has(each));
          plain.add(each);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('tells those apart that differ in one bit, and takes the nil id for one', () => {
    const [nil, near] = [
      '00000000-0000-0000-0000-000000000000',
      '00000000-0000-0000-0000-000000000001',
    ];
    const far = '80000000-0000-0000-0000-000000000001';
    const set = new IdSet();
    expect([nil, near, far, near, far, nil].map((id) => set.add(id))).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ]);
  });
});
