import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bar, barChart, stackedBar, wrapped } from './charts.js';

describe('a bar', () => {
  test.each([
    [8, 8, 4, '████'],
    [4, 8, 4, '██'],
    [9, 16, 2, '█▏'],
    [15, 16, 2, '█▉'],
    [0, 8, 4, ''],
    [0, 0, 4, ''],
  ])('of %p out of %p in %p columns', (value, whole, columns, drawn) => {
    expect(bar(value, whole, columns)).toBe(drawn);
  });

  test('one of a hundred thousand is little, and not nothing', () => {
    expect(bar(1, 100_000, 20)).toBe('▏');
  });

  test('is never wider than its room, and never longer than that of a greater value', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.nat(1_000),
        fc.integer({ min: 1, max: 40 }),
        (a, b, columns) => {
          const whole = Math.max(a, b);
          const [less, more] = [bar(Math.min(a, b), whole, columns), bar(whole, whole, columns)];
          expect(more.length).toBeLessThanOrEqual(columns);
          expect(less.length).toBeLessThanOrEqual(more.length);
        },
      ),
    );
  });
});

test('the rows of a chart are drawn against the greatest, and stand under each other', () => {
  expect(
    barChart([
      { label: 'referred', count: 12 },
      { label: 'seen', count: 6, note: 'of 12 referred' },
    ]),
  ).toBe(
    '  referred  ████████████████████████████  12\n' +
      '  seen      ██████████████                 6  of 12 referred\n',
  );
});

describe('a stacked bar', () => {
  const parts = (...amounts: bigint[]) =>
    amounts.map((amount, index) => ({ amount, fill: '█▒·'.charAt(index) }));

  test.each([
    [[50n, 25n, 25n], '████▒▒··'],
    [[0n, 0n, 7n], '········'],
    [[30n, 10n, -5n], '██████▒▒'],
    [[0n, 0n, 0n], ''],
  ])('of %p', (amounts, drawn) => {
    expect(stackedBar(parts(...amounts), 8)).toBe(drawn);
  });

  test('always fills its width', () => {
    const amounts = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 90 }), (each, columns) => {
        fc.pre(each.some((amount) => amount > 0n));
        expect(stackedBar(parts(...each), columns)).toHaveLength(columns);
      }),
    );
  });
});

describe('wrapped text', () => {
  test('breaks between words, each line behind the indent', () => {
    expect(wrapped('Somebody came to the garden.', 16, '  ')).toBe(
      '  Somebody came\n  to the garden.\n',
    );
  });

  test('a word that is longer than a line has one to itself; colours take no room', () => {
    expect(wrapped('a incomprehensible b', 8)).toBe('a\nincomprehensible\nb\n');
    expect(wrapped('\u001b[31mone\u001b[39m two', 7)).toBe('\u001b[31mone\u001b[39m two\n');
  });

  test('loses no word and no line is wider than it may be', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,9}$/u), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 40 }), (given, columns) => {
        const lines = wrapped(given.join(' '), columns, '  ').split('\n').slice(0, -1);
        expect(lines.flatMap((each) => each.trim().split(' '))).toEqual(given);
        for (const each of lines) expect(each.length).toBeLessThanOrEqual(columns);
      }),
    );
  });
});
