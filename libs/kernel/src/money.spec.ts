import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate, equalPart, formatPence, PENCE_MAX, penceToJson, sum } from '#kernel';

const amounts = fc.bigInt(0n, 10_000_000_00n);
const weightLists = fc
  .array(fc.bigInt(0n, 1_000_000n), { minLength: 1, maxLength: 30 })
  .filter((weights) => sum(weights) > 0n);

describe('an amount that is split', () => {
  test.each<[string, bigint, bigint[], bigint[]]>([
    ['99.99 at 35 and 65 per cent', 9999n, [35n, 65n], [3500n, 6499n]],
    ['28.50 over four sessions', 2850n, [1n, 1n, 1n, 1n], [713n, 713n, 712n, 712n]],
    ['a penny over three', 1n, [1n, 1n, 1n], [1n, 0n, 0n]],
    ['nothing at all', 0n, [1n, 2n], [0n, 0n]],
    ['all to one', 777n, [5n], [777n]],
    ['none to a weight of nothing', 101n, [0n, 1n, 1n, 0n], [0n, 51n, 50n, 0n]],
    ['the odd penny to the larger remainder, not to the first', 100n, [1n, 2n], [33n, 67n]],
  ])('%s', (_, amount, weights, parts) => {
    expect(allocate(amount, weights)).toEqual(parts);
  });
});

describe('whatever is split,', () => {
  test('the parts add up to the amount', () => {
    fc.assert(
      fc.property(amounts, weightLists, (amount, weights) => {
        expect(sum(allocate(amount, weights))).toBe(amount);
      }),
    );
  });

  test('each part is less than a penny from its exact share', () => {
    fc.assert(
      fc.property(amounts, weightLists, (amount, weights) => {
        const whole = sum(weights);
        for (const [index, part] of allocate(amount, weights).entries()) {
          // Both sides times the whole: exact, without a fraction.
          const away = part * whole - amount * (weights[index] ?? 0n);
          expect(away < whole && -away < whole).toBe(true);
        }
      }),
    );
  });

  test('an odd penny goes to the largest remainders, the first among equals', () => {
    fc.assert(
      fc.property(amounts, weightLists, (amount, weights) => {
        const whole = sum(weights);
        const shares = allocate(amount, weights).map((part, index) => {
          const exact = amount * (weights[index] ?? 0n);
          return { index, odd: part > exact / whole, remainder: exact % whole };
        });
        for (const lucky of shares.filter((share) => share.odd)) {
          for (const other of shares.filter((share) => !share.odd)) {
            const first = lucky.remainder === other.remainder && lucky.index < other.index;
            expect(lucky.remainder > other.remainder || first).toBe(true);
          }
        }
      }),
    );
  });

  test('the ratio counts, not the size of the weights', () => {
    fc.assert(
      fc.property(amounts, weightLists, fc.bigInt(1n, 1000n), (amount, weights, factor) => {
        const scaled = weights.map((weight) => weight * factor);
        expect(allocate(amount, scaled)).toEqual(allocate(amount, weights));
      }),
    );
  });

  test('one of equal parts is what the whole split gives', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 60 }), (amount, count) => {
        const equal = Array.from({ length: count }, () => 1n);
        const parts = equal.map((_, index) => equalPart(amount, count, index + 1));
        expect(parts).toEqual(allocate(amount, equal));
      }),
    );
  });

  test.each<[string, () => unknown]>([
    ['a negative amount', () => allocate(-1n, [1n])],
    ['a negative weight', () => allocate(1n, [2n, -1n])],
    ['weights of nothing', () => allocate(1n, [0n, 0n])],
    ['no weights', () => allocate(0n, [])],
    ['part 0', () => equalPart(100n, 4, 0)],
    ['part 5 of 4', () => equalPart(100n, 4, 5)],
  ])('%s is a bug of the caller', (_, split) => {
    expect(split).toThrow('This must hold');
  });
});

describe('formatPence', () => {
  test.each<[bigint, string]>([
    [0n, '0.00'],
    [5n, '0.05'],
    [-5n, '-0.05'],
    [99n, '0.99'],
    [100n, '1.00'],
    [1250n, '12.50'],
    [-123_456n, '-1234.56'],
    [10n ** 20n, '1000000000000000000.00'],
  ])('%s is %s', (amount, text) => {
    expect(formatPence(amount)).toBe(text);
  });

  test('says every amount exactly', () => {
    fc.assert(
      fc.property(fc.bigInt(), (amount) => {
        const text = formatPence(amount);
        expect(text).toMatch(/^-?\d+\.\d\d$/);
        expect(BigInt(text.replace('.', ''))).toBe(amount);
      }),
    );
  });
});

describe('pence in JSON', () => {
  test('are exact up to the limit and refused beyond', () => {
    expect(penceToJson(PENCE_MAX)).toBe(Number.MAX_SAFE_INTEGER);
    expect(penceToJson(-PENCE_MAX)).toBe(-Number.MAX_SAFE_INTEGER);
    expect(() => penceToJson(PENCE_MAX + 1n)).toThrow('fit a JSON number');
    expect(() => penceToJson(-PENCE_MAX - 1n)).toThrow('fit a JSON number');
  });
});
