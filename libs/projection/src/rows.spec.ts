import { describe, expect, test } from '@jest/globals';
import { AssertionFailed } from '#kernel';
import { Json } from './json.js';
import { RowCache } from './row-cache.js';
import { Rows } from './rows.js';
import type { Row, Table } from './table.js';

const pot: Table = {
  name: 'pot',
  columns: { anchor: 'text', pot: 'text', held: 'integer', note: 'text?', parts: 'json?' },
  key: ['anchor', 'pot'],
};
const line: Table = {
  name: 'line',
  columns: { entry: 'integer', amount: 'integer' },
  key: ['entry'],
  appendOnly: true,
};
const training = { anchor: 'north', pot: 'training', held: 5n, note: 'first', parts: null };
const TRAINING = 'north\u0000training';

/** Over tables of which nothing is known but that these rows are in them. */
function cacheOver(...stored: readonly Row[]): RowCache {
  const cache = new RowCache([pot, line], false);
  for (const row of stored) {
    const key = [String(row['anchor']), String(row['pot'])];
    cache.learn(pot, new Map([[key.join('\u0000'), key]]), [row]);
  }
  return cache;
}

function rowsOver(cache: RowCache): Rows {
  return new Rows([pot, line], cache);
}

/** What is to be written after these changes. */
function netOf(cache: RowCache, change: (rows: Rows) => void) {
  const rows = rowsOver(cache);
  change(rows);
  cache.keep(rows);
  return cache.changes().map(({ inserted, put, removed }) => ({ inserted, put, removed }));
}

describe('the net change', () => {
  test('is empty where nothing was touched', () => {
    expect(netOf(cacheOver(training), () => undefined)).toEqual([]);
  });

  test('is nothing where a row came and went, if it is known that there was none', () => {
    const cache = cacheOver();
    cache.learn(pot, new Map([[TRAINING, ['north', 'training']]]), []);
    const net = netOf(cache, (rows) => {
      rows.put('pot', training);
      rows.remove('pot', 'north', 'training');
    });
    expect(net).toEqual([]);
  });

  test('removes a row that may be there', () => {
    const net = netOf(cacheOver(), (rows) => {
      rows.remove('pot', 'north', 'training');
    });
    expect(net).toEqual([{ inserted: [], put: [], removed: [['north', 'training']] }]);
  });

  test('is nothing where a row was only looked at', () => {
    const net = netOf(cacheOver(training), (rows) => {
      expect(rows.get('pot', 'north', 'training')).toMatchObject({ held: 5n });
    });
    expect(net).toEqual([]);
  });

  test('is the row where it went and came back', () => {
    const net = netOf(cacheOver(training), (rows) => {
      rows.remove('pot', 'north', 'training');
      rows.put('pot', training);
    });
    expect(net).toEqual([{ inserted: [], put: [training], removed: [] }]);
  });

  test('is the last state of each row, once, over many pages', () => {
    const cache = cacheOver(training, { ...training, pot: 'capacity' });
    for (const held of [6n, 7n]) {
      const page = rowsOver(cache);
      page.put('pot', { ...training, held });
      page.put('pot', { ...training, pot: 'prescribing', held });
      cache.keep(page);
    }
    const net = netOf(cache, (rows) => {
      rows.remove('pot', 'north', 'capacity');
    });
    // Nobody looked whether there was one for prescribing.
    const put = [
      { ...training, held: 7n },
      { ...training, pot: 'prescribing', held: 7n },
    ];
    expect(net).toEqual([{ inserted: [], put, removed: [['north', 'capacity']] }]);
  });

  test('inserts what is known to be new', () => {
    const net = netOf(new RowCache([pot, line], true), (rows) => {
      rows.put('pot', training);
      rows.add('line', { entry: 1n, amount: 5n });
    });
    expect(net).toEqual([
      { inserted: [training], put: [], removed: [] },
      { inserted: [{ entry: 1n, amount: 5n }], put: [], removed: [] },
    ]);
  });

  test('empties a column that a row leaves out', () => {
    const { note: _, ...silent } = training;
    const net = netOf(cacheOver(training), (rows) => {
      rows.put('pot', silent);
    });
    expect(net).toEqual([{ inserted: [], put: [{ ...silent, note: null }], removed: [] }]);
  });

  test('is empty once it is written', () => {
    const cache = cacheOver();
    netOf(cache, (rows) => {
      rows.put('pot', training);
      rows.add('line', { entry: 1n, amount: 5n });
    });
    cache.written();
    expect(cache.changes()).toEqual([]);
    expect(cache.find('pot', TRAINING)).toEqual(training);
  });
});

describe('a row', () => {
  test('is wanted when nobody knows whether it is there, and taken for absent until then', () => {
    const rows = rowsOver(cacheOver());
    expect(rows.get('pot', 'north', 'training')).toBeUndefined();
    expect(rows.wanted).toEqual(new Map([['pot', new Map([[TRAINING, ['north', 'training']]])]]));
  });

  test('is not wanted that was put, removed, looked up before, or cannot be there', () => {
    const rows = rowsOver(cacheOver(training));
    rows.put('pot', { ...training, pot: 'capacity' });
    rows.remove('pot', 'north', 'prescribing');
    expect(rows.get('pot', 'north', 'training')).toEqual(training);
    expect(rows.get('pot', 'north', 'capacity')).toMatchObject({ pot: 'capacity' });
    expect(rows.get('pot', 'north', 'prescribing')).toBeUndefined();
    expect(new Rows([pot]).get('pot', 'north', 'training')).toBeUndefined();
    expect(rowsOver(new RowCache([pot], true)).get('pot', 'a', 'b')).toBeUndefined();
    expect(rows.wanted.size).toBe(0);
  });

  test('of a table that is only added to is never looked at, nor put', () => {
    const rows = rowsOver(cacheOver());
    expect(() => rows.get('line', 1n)).toThrow(AssertionFailed);
    expect(() => {
      rows.put('line', { entry: 1n, amount: 1n });
    }).toThrow(AssertionFailed);
    expect(() => {
      rows.add('pot', training);
    }).toThrow(AssertionFailed);
  });

  test.each<[string, Row]>([
    ['a column that is not there', { ...training, sum: 1n }],
    ['nothing where something must be', { ...training, held: null }],
    ['a part of the key left out', { anchor: 'north', held: 1n }],
    ['text for an integer', { ...training, held: '5' }],
    ['an integer for text', { ...training, note: 5n }],
    ['text for JSON', { ...training, parts: '{}' }],
    ['JSON for text', { ...training, note: Json.of('first') }],
    ['more than 64 bits', { ...training, held: 2n ** 63n }],
    ['a character 0', { ...training, note: 'a\u0000b' }],
    ['half a character', { ...training, note: '👩'.slice(0, 1) }],
  ])('is refused with %s, by the fact that says so', (_, row) => {
    const rows = rowsOver(cacheOver());
    expect(() => {
      rows.put('pot', row);
    }).toThrow(AssertionFailed);
    expect(rows.touched.size).toBe(0);
  });

  test('are not looked for, nor removed, by a key that none can have', () => {
    const rows = rowsOver(cacheOver());
    for (const impossible of ['a\u0000b', '👩'.slice(1)]) {
      expect(rows.get('pot', 'north', impossible)).toBeUndefined();
      rows.remove('pot', 'north', impossible);
    }
    expect(rows.wanted.size + rows.touched.size).toBe(0);
  });

  test('may hold all that 64 bits hold', () => {
    const rows = rowsOver(cacheOver());
    rows.put('pot', { ...training, held: 2n ** 63n - 1n });
    rows.put('pot', { ...training, pot: 'capacity', held: -(2n ** 63n) });
    expect(rows.touched.get('pot')?.size).toBe(2);
  });
});

describe('rows that had to make room', () => {
  const ROOM_BYTES = 8_000_000;
  const big = (pot: string): Row => ({ ...training, pot, note: 'x'.repeat(1_000_000) });

  /** Puts rows one after the other until the first of them are not in memory any more. */
  function fill(cache: RowCache, from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      netOf(cache, (rows) => {
        rows.put('pot', big(`pot-${index}`));
      });
      cache.written();
      if (cache.recentBytes > ROOM_BYTES) cache.left(true);
    }
  }

  test('are wanted again, and only they', () => {
    const cache = new RowCache([pot], true);
    fill(cache, 0, 60);
    expect(cache.find('pot', 'north\u0000pot-0')).toBeUndefined();
    expect(cache.find('pot', 'north\u0000pot-59')).toMatchObject({ pot: 'pot-59' });
    expect(cache.find('pot', 'north\u0000never')).toBeNull();
    const net = netOf(cache, (rows) => {
      rows.put('pot', big('pot-0'));
      rows.put('pot', big('new'));
    });
    expect(net.map(({ inserted, put }) => [inserted[0]?.['pot'], put[0]?.['pot']])).toEqual([
      ['new', 'pot-0'],
    ]);
  });

  test('stay as long as somebody looks at them', () => {
    const cache = new RowCache([pot], true);
    fill(cache, 0, 1);
    for (let index = 1; index < 60; index += 1) {
      expect(cache.find('pot', 'north\u0000pot-0')).toMatchObject({ pot: 'pot-0' });
      fill(cache, index, index + 1);
    }
  });

  test('and were removed are known to be gone, or looked up', () => {
    const cache = new RowCache([pot], true);
    fill(cache, 0, 60);
    netOf(cache, (rows) => {
      rows.remove('pot', 'north', 'pot-59');
      rows.remove('pot', 'north', 'pot-0');
    });
    cache.written();
    fill(cache, 60, 120);
    expect(cache.find('pot', 'north\u0000pot-59')).toBeNull();
    expect(cache.find('pot', 'north\u0000pot-0')).toBeUndefined();
  });
});
