import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { loadSchemes } from '../referral.module.js';
import type { Slug } from '#kernel';
import { SchemeRefused, Schemes } from './scheme.js';
import { parseScheme } from './scheme-file.js';
import { SPRING } from './testing/cast.js';
import { date } from './testing/given.js';

const LINES = [
  '# A scheme for these specs.', // 1
  'name: village', // 2
  'version: 1', // 3
  'from: 2026-04-01', // 4
  'label: Village support', // 5
  'routes:', // 6
  '  - gp', // 7
  '  - self', // 8
  'identity: needed', // 9
  'consent: not-needed', // 10
  'linkWorker: not-needed', // 11
  'clocks:', // 12
  '  firstContactDays: 10', // 13
  '  followUpMonths: 2', // 14
];

const parse = (lines: readonly string[]) => parseScheme(lines.join('\n'), 'village.yaml');
const withLine = (number: number, text: string) =>
  LINES.map((line, index) => (index === number - 1 ? text : line));
const without = (number: number) => LINES.filter((_, index) => index !== number - 1);

describe('a scheme file', () => {
  test('says what it says', () => {
    expect(parse(LINES)).toEqual({
      name: 'village',
      version: 1,
      from: '2026-04-01',
      label: 'Village support',
      routes: ['gp', 'self'],
      identity: 'needed',
      consent: 'not-needed',
      linkWorker: 'not-needed',
      clocks: { firstContactDays: 10, followUpMonths: 2 },
    });
  });

  test('need not set any clock', () => {
    expect(parse([...LINES.slice(0, 11), 'clocks: {}'])).toMatchObject({ clocks: {} });
  });

  test.each([
    ['an unknown key', [...LINES, 'colour: red'], 15, 'colour', 'is not a known key'],
    ['one within', [...LINES, '  reviewDays: 3'], 15, 'clocks.reviewDays', 'is not a known key'],
    ['one with a slash', [...LINES, 'a/b~c: 1'], 15, 'a/b~c', 'is not a known key'],
    ['a wrong word', withLine(9, 'identity: maybe'), 9, 'identity', 'needed, not-needed'],
    ['a wrong word in a list', withLine(8, '  - fax'), 8, 'routes.1', 'must be one of: gp, '],
    ['text for a number', withLine(3, 'version: one'), 3, 'version', 'must be integer'],
    ['a number too small', withLine(3, 'version: 0'), 3, 'version', '>= 1'],
    ['one too small within', withLine(13, '  firstContactDays: 0'), 13, 'clocks.firstCon', '>= 1'],
    ['a day that does not exist', withLine(4, 'from: 2026-02-30'), 4, 'from', 'date'],
    ['a name that is no slug', withLine(2, 'name: The Village'), 2, 'name', 'must match'],
    ['an empty value', withLine(9, 'identity:'), 9, 'identity', 'must be one of'],
    ['a missing key', without(10), 2, 'consent', 'is missing'],
    ['no clocks at all', LINES.slice(0, 11), 2, 'clocks', 'is missing'],
    ['nothing under clocks', LINES.slice(0, 12), 12, 'clocks', 'must be object'],
  ])('with %s is refused with file, line and key', (_, lines, line, key, reason) => {
    const refusal = refusalOf(lines);
    expect(refusal).toMatch(`village.yaml, line ${line}, key "${key}`);
    expect(refusal).toMatch(reason);
  });

  test.each([
    ['broken YAML', withLine(5, 'label: "Village'), /^village\.yaml, line \d+: \S/],
    ['a key twice', [...LINES, 'name: hamlet'], /^village\.yaml, line 15: Map keys must be unique/],
    ['two documents', [...LINES, '---', 'a: 1'], /^village\.yaml, line 15: \S/],
    // It once ended the start with a ReferenceError that named no file.
    ['an alias', withLine(5, 'label: *other'), /^village\.yaml, line 5: \*other: /],
    ['nothing in it', [''], /^village\.yaml, line 1: must be object$/],
    ['a list', ['- name: village'], /^village\.yaml, line 1: must be object$/],
  ])('with %s is refused on one line, with file and line', (_, lines, message) => {
    expect(refusalOf(lines)).toMatch(message);
    expect(refusalOf(lines)).not.toMatch('\n');
  });

  function refusalOf(lines: readonly string[]): string {
    try {
      return `accepted: ${JSON.stringify(parse(lines))}`;
    } catch (error) {
      expect(error).toBeInstanceOf(SchemeRefused);
      return (error as SchemeRefused).message;
    }
  }
});

describe('the schemes', () => {
  const name = SPRING.name;
  const version = (number: number, from: string) => ({
    ...SPRING,
    version: number,
    from: date(from),
  });
  const first = version(1, '2018-01-01');
  const second = version(2, '2026-04-01');
  const schemes = new Schemes([second, first, { ...first, name: 'broad' as Slug }]);

  test('are known by name', () => {
    expect(schemes.names()).toEqual(['broad', 'spring']);
  });

  test.each([
    ['2017-12-31', undefined],
    ['2018-01-01', first],
    ['2026-03-31', first],
    ['2026-04-01', second],
    ['2030-01-01', second],
  ])('on %s the version in force is the newest that had begun', (on, inForce) => {
    expect(schemes.inForce(name, date(on))).toBe(inForce);
  });

  test('a referral finds the very version it was received under', () => {
    expect(schemes.version(name, 1)).toBe(first);
    expect(schemes.version(name, 2)).toBe(second);
    expect(schemes.version(name, 3)).toBeUndefined();
    expect(schemes.version('other' as Slug, 1)).toBeUndefined();
    expect(schemes.inForce('other' as Slug, date('2026-04-01'))).toBeUndefined();
  });

  test('a version is given once', () => {
    expect(() => new Schemes([first, { ...second, version: 1 }])).toThrow(SchemeRefused);
    expect(() => new Schemes([first, { ...second, version: 1 }])).toThrow(
      'Scheme spring has version 1 twice',
    );
  });

  test('that come with Wayledger load', async () => {
    const folder = fileURLToPath(new URL('../../../../../schemes', import.meta.url));
    const shipped = await loadSchemes(folder);
    expect(shipped.names()).toContain('spring');
    expect(shipped.inForce(name, date('2026-04-01'))).toMatchObject({
      name: 'spring',
      identity: 'needed',
      linkWorker: 'needed',
      clocks: { firstContactDays: 10, followUpMonths: 1 },
    });
    expect(shipped.inForce(name, date('2017-12-31'))).toBeUndefined();
  });
});
