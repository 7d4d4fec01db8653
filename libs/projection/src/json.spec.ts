import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AssertionFailed } from '#kernel';
import { Json, packJson, unpackJson } from './json.js';

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.bigInt(),
    fc.string(),
    fc.double(),
    fc.constantFrom(null, undefined, true),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
    ),
  ),
}));

describe('JSON in a column', () => {
  test('holds pence of any size and gives them back', () => {
    const value = { a: 1n, b: [{ c: -(2n ** 70n) }], d: 'text', e: null, f: 3 };
    expect(unpackJson(packJson(value))).toEqual(value);
    expect(unpackJson(packJson({ plain: ['#pence', 1] }))).toEqual({ plain: ['#pence', 1] });
  });

  test('is what JSON itself makes of it', () => {
    const byReplacer = (given: unknown) =>
      JSON.stringify(given, (_key, item: unknown) =>
        typeof item === 'bigint' ? { '#pence': item.toString() } : item,
      );
    fc.assert(
      fc.property(anyValue, (held) => {
        const given = { held, pence: 1n };
        expect(JSON.parse(packJson(given))).toEqual(JSON.parse(byReplacer(given)));
        expect(packJson(unpackJson(packJson(given)))).toBe(packJson(given));
      }),
    );
  });

  test('is the same text however its fields came about', () => {
    expect(packJson({ b: 1, gone: undefined, a: { d: 1, c: 2 } })).toBe(
      '{"a":{"c":2,"d":1},"b":1}',
    );
    const before = { a: 1, planned: undefined, z: 2 };
    const there = packJson({ ...before, planned: 'x' });
    const readBack = unpackJson(packJson(before)) as typeof before;
    expect(packJson({ ...readBack, planned: 'x' })).toBe(there);
  });

  test('is text', () => {
    expect(() => unpackJson(1n)).toThrow(AssertionFailed);
  });

  test('is parsed and packed when it is asked for', () => {
    const broken = Json.ofText('{');
    expect(broken.text).toBe('{');
    expect(() => broken.value).toThrow(SyntaxError);
    const value = { a: 1n };
    expect(Json.of(value).value).toBe(value);
    expect(Json.ofText(Json.of(value).text).value).toEqual(value);
  });
});
