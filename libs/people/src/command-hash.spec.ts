import { describe, expect, test } from '@jest/globals';
import { commandHash } from './command-hash.js';

const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

describe('the hash of a command', () => {
  test('is SHA-256 where no person is concerned', () => {
    // printf '{"a":1}' | sha256sum
    expect(commandHash('{"a":1}')).toBe(
      '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
    );
  });

  test("is HMAC-SHA256 under a person's key", () => {
    // Python: hmac.new(bytes(range(32)), b'{"a":1}', 'sha256').hexdigest()
    expect(commandHash('{"a":1}', key)).toBe(
      'b4cebde30982443ec36c18fa99ad10a70e705bba779f57c37e84decb64ae50fb',
    );
  });

  test('differs from key to key, so that it says nothing once the key is gone', () => {
    expect(commandHash('{}', key)).not.toBe(commandHash('{}', Buffer.alloc(32, 1)));
  });

  test('is not made under a key that anybody could guess', () => {
    expect(() => commandHash('{}', Buffer.alloc(0))).toThrow(/256-bit/);
  });
});
