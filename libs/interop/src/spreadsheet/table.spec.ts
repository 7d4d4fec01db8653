import { describe, expect, test } from '@jest/globals';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { addDays, isRefusal, type CivilDate } from '#kernel';
import { readDate } from './dates.js';
import { headerKey } from './fields.js';
import { SEPARATORS, readTable, tidy, type Table } from './table.js';

const HEADERS = ['Ref No', 'Date', 'Notes', 'Who', 'How', 'Mins'];
const known = new Set(HEADERS.map(headerKey));
const score = (cells: readonly string[]) => cells.filter((c) => known.has(headerKey(c))).length;

function tableOf(text: string | Buffer): Table {
  const table = readTable(Buffer.from(text), score);
  if (isRefusal(table)) throw new Error(table.message);
  return table;
}
const told = ({ rows }: Table) => rows.map(({ line, cells }) => [line, ...cells]);

const ENCODINGS = {
  'utf-8': (text: string) => Buffer.from(text),
  'utf-8 with mark': (text: string) => Buffer.from(`\uFEFF${text}`),
  'utf-16le': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'utf-16be': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'windows-1252': (text: string) => Buffer.from(text, 'latin1'),
};

describe('a table', () => {
  test('reads back as it was written, whatever its separator, line ends, quotes and encoding', () => {
    // Latin letters are in all of the encodings; one at least tells Windows-1252 from UTF-8.
    const cell = fc.string({
      unit: fc.constantFrom(...'abzé ,;\t|"\n1/£'.split('')),
      maxLength: 6,
    });
    const row = fc.array(cell, { minLength: HEADERS.length, maxLength: HEADERS.length });
    const rows = fc.array(row, { maxLength: 12 });
    const how = fc.record({
      delimiter: fc.constantFrom(...SEPARATORS),
      record_delimiter: fc.constantFrom('\n', '\r\n', '\r'),
      quoted: fc.boolean(),
    });
    const encoding = fc.constantFrom(...Object.values(ENCODINGS));
    fc.assert(
      fc.property(rows, how, encoding, (given, options, encode) => {
        const kept = given.filter((row) => row.some((one) => tidy(one) !== ''));
        const text = stringify([HEADERS, ...kept, HEADERS.map(() => 'é')], {
          ...options,
          quoted_match: /[\n\r"]/u,
        });
        const { rows: read, headers, broken } = tableOf(encode(text));
        expect(broken).toEqual([]);
        expect(headers).toEqual(HEADERS);
        expect(read.slice(0, -1).map(({ cells }) => cells)).toEqual(
          kept.map((row) => row.map(tidy)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('counts lines as an editor does: titles, empty lines and line breaks in cells included', () => {
    const text =
      'Our sheet 2026\n\nRef No,Date,Notes,\nR1,1/1/26,"two\nlines"\n\n,,,\nR2,2/1/26,\n';
    expect(told(tableOf(text))).toEqual([
      [4, 'R1', '1/1/26', 'two\nlines', ''].slice(0, 4),
      [8, 'R2', '2/1/26', ''],
    ]);
  });

  test('is known by its headers, not by the separators inside its cells', () => {
    const text = 'Ref No;Date;Notes\nR1;1/1/26;a, b, c, d\nR2;2/1/26;e, f, g, h';
    expect(told(tableOf(text))[0]).toEqual([2, 'R1', '1/1/26', 'a, b, c, d']);
    expect(told(tableOf('sep=|\r\nRef No|Date|Notes\r\nR1|1/1/26|a,b'))).toEqual([
      [3, 'R1', '1/1/26', 'a,b'],
    ]);
  });

  test('takes line ends of several kinds in one file', () => {
    const text = 'Ref No,Date,Notes\r\nR1,1/1/26,a\nR2,2/1/26,b\r\nR3,3/1/26,c\rR4,4/1/26,d';
    expect(told(tableOf(text)).map(([line, ref]) => [line, ref])).toEqual([
      [2, 'R1'],
      [3, 'R2'],
      [4, 'R3'],
      [5, 'R4'],
    ]);
  });

  test('loses one row and not all that follow to a quotation mark that is never closed', () => {
    const text =
      'Ref No,Date,Notes\nR1,1/1/26,5" tall\nR2,2/1/26,"open\nR3,3/1/26,c\nR4,4/1/26,d\n';
    const table = tableOf(text);
    expect(told(table).map(([line, ref]) => [line, ref])).toEqual([
      [2, 'R1'],
      [4, 'R3'],
      [5, 'R4'],
    ]);
    expect(table.broken).toMatchObject([{ line: 3, refusal: { code: 'quote-not-closed' } }]);
  });

  test('tells of rows that vanish between two quotation marks that do not belong together', () => {
    const text = 'Ref No,Date,Notes\nR1,1/1/26,"open\nR2,2/1/26,b\nR3,3/1/26,5" tall\nR4,4/1/26,\n';
    const table = tableOf(text);
    expect(table.broken).toMatchObject([{ line: 2, refusal: { code: 'quote-not-closed' } }]);
    expect(told(table).map(([line, ref]) => [line, ref])).toEqual([[5, 'R4']]);
  });

  test('refuses a row whose cells do not stand under its headers', () => {
    const table = tableOf('Ref No,Date,Notes\nR1,1/1/26,a,b\nR2,2/1/26\nR3,3/1/26,c,,,');
    expect(table.broken).toMatchObject([{ line: 2, refusal: { code: 'too-many-cells' } }]);
    expect(told(table).map(([line]) => line)).toEqual([3, 4]);
  });

  test('is refused where it is a workbook, no text, or has none of the headers', () => {
    const codeOf = (bytes: Buffer) => {
      const table = readTable(bytes, score);
      return isRefusal(table) ? table.code : 'read';
    };
    expect(codeOf(Buffer.from('PK\u0003\u0004'))).toBe('not-csv');
    expect(codeOf(Buffer.from('a\0b,c\0'))).toBe('not-csv');
    expect(codeOf(Buffer.from('x,y\n1,2'))).toBe('no-headers');
    expect(codeOf(Buffer.alloc(0))).toBe('empty-file');
    expect(codeOf(Buffer.from('\ufeff\r\n'))).toBe('empty-file');
  });

  test('has no spaces around, no marks that nobody sees, no apostrophe that keeps a number text', () => {
    expect(tidy('\u00a0 a \u202f b\u200b ')).toBe('a b');
    expect(tidy("'0123")).toBe('0123');
    expect(tidy("'Neill")).toBe("'Neill");
  });
});

describe('a date', () => {
  test('reads back as the day it was, in every notation that puts it beyond doubt', () => {
    const months =
      'January February March April May June July August September October November December'.split(
        ' ',
      );
    const notations: ((y: string, m: string, d: string) => string)[] = [
      (y, m, d) => `${d}/${m}/${y}`,
      (y, m, d) => `${Number(d)}/${Number(m)}/${y.slice(2)}`,
      (y, m, d) => `${d}.${m}.${y}`,
      (y, m, d) => `${d}-${months[Number(m) - 1]!.slice(0, 3)}-${y.slice(2)}`,
      (y, m, d) => `${Number(d)} ${months[Number(m) - 1]} ${y}`,
      (y, m, d) => `${y}-${m}-${d}`,
      (y, m, d) => `${y}-${m}-${d}T09:30:00`,
      (y, m, d) => `${d}/${m}/${y} 09:30`,
    ];
    const day = fc
      .integer({ min: 0, max: 36_000 })
      .map((n) => addDays('2000-01-01' as CivilDate, n));
    fc.assert(
      fc.property(day, fc.constantFrom(...notations), (on, write) => {
        const [y, m, d] = on.split('-') as [string, string, string];
        expect(readDate(write(y, m, d), 'event', on)).toBe(on);
      }),
    );
  });
});
