import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AssertionFailed } from '#kernel';
import { Rows, packJson, unpackJson, type NetChange, type Row, type Table } from './index.js';

const table: Table = {
  name: 'pot',
  columns: { anchor: 'text', pot: 'text', held: 'integer', note: 'text?' },
  key: ['anchor', 'pot'],
};
const training = { anchor: 'north', pot: 'training', held: 5n, note: 'first' };

function rowsOver(...stored: readonly Row[]): Rows {
  return new Rows([table], (_, [anchor, pot]) =>
    stored.find((row) => row['anchor'] === anchor && row['pot'] === pot),
  );
}

function netOf(rows: Rows): Omit<NetChange, 'table'>[] {
  return rows
    .netChanges()
    .map(({ inserted, updated, removed }) => ({ inserted, updated, removed }));
}

const nothing = { inserted: [], updated: [], removed: [] };

describe('the net change of a page', () => {
  test('is empty where nothing was touched', () => {
    expect(netOf(rowsOver(training))).toEqual([]);
  });

  test('is nothing where a row came and went', () => {
    const rows = rowsOver();
    rows.put('pot', training);
    rows.remove('pot', 'north', 'training');
    expect(netOf(rows)).toEqual([nothing]);
  });

  test('is nothing where a row went and came back as it was', () => {
    const rows = rowsOver(training);
    rows.remove('pot', 'north', 'training');
    rows.put('pot', { ...training });
    expect(netOf(rows)).toEqual([nothing]);
  });

  test('is nothing where a row changed to and fro, or was only looked at', () => {
    const rows = rowsOver(training, { ...training, pot: 'capacity' });
    rows.put('pot', { ...training, held: 6n });
    rows.put('pot', { ...training, held: 5n });
    expect(rows.get('pot', 'north', 'capacity')).toMatchObject({ held: 5n });
    expect(netOf(rows)).toEqual([nothing]);
  });

  test('is the last state of each row, once', () => {
    const rows = rowsOver(training, { ...training, pot: 'capacity' });
    rows.put('pot', { ...training, held: 6n });
    rows.put('pot', { ...training, held: 7n });
    rows.put('pot', { ...training, pot: 'prescribing' });
    rows.put('pot', { ...training, pot: 'prescribing', held: 9n });
    rows.remove('pot', 'north', 'capacity');
    expect(netOf(rows)).toEqual([
      {
        inserted: [{ ...training, pot: 'prescribing', held: 9n }],
        updated: [{ ...training, held: 7n }],
        removed: [['north', 'capacity']],
      },
    ]);
  });

  test('empties a column that a row leaves out, whether it was there or not', () => {
    const { note: _, ...silent } = training;
    const rows = rowsOver(training);
    rows.put('pot', silent);
    rows.put('pot', { ...silent, pot: 'capacity' });
    expect(netOf(rows)).toEqual([
      {
        inserted: [{ ...silent, pot: 'capacity', note: null }],
        updated: [{ ...silent, note: null }],
        removed: [],
      },
    ]);
  });
});

describe('a row', () => {
  test('is looked up once, and seen as it was put', () => {
    let lookups = 0;
    const rows = new Rows([table], () => {
      lookups += 1;
      return training;
    });
    rows.get('pot', 'north', 'training');
    rows.put('pot', { ...training, held: 6n });
    expect(rows.get('pot', 'north', 'training')).toMatchObject({ held: 6n });
    rows.remove('pot', 'north', 'training');
    expect(rows.get('pot', 'north', 'training')).toBeUndefined();
    expect(lookups).toBe(1);
  });

  test.each<[string, Row]>([
    ['a column that is not there', { ...training, sum: 1n }],
    ['nothing where something must be', { ...training, held: null }],
    ['a part of the key left out', { anchor: 'north', held: 1n }],
    ['text for an integer', { ...training, held: '5' }],
    ['an integer for text', { ...training, note: 5n }],
    ['more than 64 bits', { ...training, held: 2n ** 63n }],
  ])('is refused with %s, by the fact that says so', (_, row) => {
    const rows = rowsOver();
    expect(() => {
      rows.put('pot', row);
    }).toThrow(AssertionFailed);
    expect(netOf(rows)).toEqual([]);
  });

  test('may hold all that 64 bits hold', () => {
    const rows = rowsOver();
    rows.put('pot', { ...training, held: 2n ** 63n - 1n });
    rows.put('pot', { ...training, pot: 'capacity', held: -(2n ** 63n) });
    expect(netOf(rows)[0]?.inserted).toHaveLength(2);
  });
});

describe('JSON in a column', () => {
  test('holds pence of any size and gives them back', () => {
    const value = { a: 1n, b: [{ c: -(2n ** 70n) }], d: 'text', e: null, f: 3 };
    expect(unpackJson(packJson(value))).toEqual(value);
    expect(unpackJson(packJson({ plain: ['#pence', 1] }))).toEqual({ plain: ['#pence', 1] });
  });

  test('is what JSON itself makes of it, key by key', () => {
    const byReplacer = (given: unknown) =>
      JSON.stringify(given, (_key, item: unknown) =>
        typeof item === 'bigint' ? { '#pence': item.toString() } : item,
      );
    const { value } = fc.letrec((tie) => ({
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
    fc.assert(
      fc.property(value, (held) => {
        const given = { held, pence: 1n };
        const packed = packJson(given);
        expect(packed).toBe(byReplacer(given));
        expect(packJson(unpackJson(packed))).toBe(packed);
      }),
    );
  });

  test('is text', () => {
    expect(() => unpackJson(1n)).toThrow(AssertionFailed);
  });
});
