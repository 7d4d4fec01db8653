import { describe, expect, test } from '@jest/globals';
import { toJson } from './json.js';

describe('JSON for others', () => {
  test('money stays exact where a float would not hold it', () => {
    const sums = { sum: 9_007_199_254_740_993n, owed: -1250n };
    expect(toJson(sums)).toBe('{"sum":9007199254740993,"owed":-1250}');
  });
});
