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
    ['too many days', withLine(13, '  quietDays: 1000000000'), 13, 'clocks.quietDays', '<= 36500'],
    ['a day too many', withLine(13, '  placeDays: 36501'), 13, 'clocks.placeDays', '<= 36500'],
    ['a month too many', withLine(14, '  reviewMonths: 1201'), 14, 'clocks.reviewM', '<= 1200'],
    ['no routes', [...LINES.slice(0, 5), 'routes: []', ...LINES.slice(8)], 6, 'routes', 'empty'],
    ['a missing key', without(10), 2, 'consent', 'is missing'],
    ['no clocks at all', LINES.slice(0, 11), 2, 'clocks', 'is missing'],
    ['nothing under clocks', LINES.slice(0, 12), 12, 'clocks', 'must be object'],
  ])('with %s is refused with file, line and key', (_, lines, line, key, reason) => {
    const refusal = refusalOf(lines);
    expect(refusal).toMatch(`village.yaml, line ${line}, key "${key}`);
    expect(refusal).toMatch(reason);
  });

  const tiers = (cap: string, ...more: string[]) => [
    ...LINES,
    'tiers:', // 15
    '  - tier: one', // 16
    `    cap: { ${cap} }`, // 17
    ...more.map((line) => `    ${line}`),
  ];
  const followUps = (...windows: string[]) => [
    ...LINES.slice(0, 13),
    '  followUps:', // 14
    ...windows.map((window) => `    - { ${window} }`),
  ];
  const rules = (...all: string[]) => [
    ...LINES,
    'eligibility:', // 15
    ...all.map((rule) => `  - { ${rule} }`),
  ];
  const kinds = (...of: string[]) => [
    ...LINES.filter((line) => !/^(identity|consent|linkWorker)/u.test(line)),
    'kinds:', // 12
    ...of.map((kind) => `  ${kind}`),
  ];
  const BROAD_NEEDS = 'broad: { identity: needed, consent: needed, linkWorker: needed }';
  const WINDOW = 'window: a, fromDays: 10, toDays: 20';

  test.each([
    [
      'prompts at its cap',
      tiers('kind: hard, contacts: 3, promptAt: 3'),
      17,
      'tiers.0.cap.promptAt',
    ],
    ['counts no mode', tiers('kind: soft, contacts: 3, modes: []'), 17, 'tiers.0.cap.modes'],
    [
      'lets a visit last longer than a day',
      tiers('kind: none', 'firstVisitMinutes: 1441'),
      18,
      'tiers.0.firstVisitMinutes',
    ],
    [
      'has a window that ends too late',
      followUps('window: a, fromDays: 10, toDays: 36501'),
      15,
      'clocks.followUps.0.toDays',
    ],
    ['has no window', [...LINES.slice(0, 13), '  followUps: []'], 14, 'clocks.followUps'],
    ['ends nowhere', tiers('kind: hard'), 17, 'tiers.0.cap'],
    ['prompts nowhere', tiers('kind: soft'), 17, 'tiers.0.cap'],
    ['has no cap but a number', tiers('kind: none, contacts: 3'), 17, 'tiers.0.cap'],
    ['has no cap but a prompt', tiers('kind: none, promptAt: 3'), 17, 'tiers.0.cap'],
    [
      'overrides what does not stop',
      tiers('kind: none', 'overrideBy: [anchor]'),
      18,
      'tiers.0.overrideBy',
    ],
    [
      'is overridden by strangers',
      tiers('kind: none', 'overrideBy: [king]'),
      18,
      'tiers.0.overrideBy.0',
    ],
    [
      'has one tier twice',
      tiers('kind: none', '', '  - tier: one'.trim())
        .slice(0, 17)
        .concat('  - tier: one', '    cap: { kind: none }'),
      18,
      'tiers.1.tier',
    ],
    [
      'bars nobody known',
      tiers('kind: none', 'barredWorkers: [cat]'),
      18,
      'tiers.0.barredWorkers.0',
    ],
    ['has no name for a tier', [...LINES, 'tiers:', '  - cap: { kind: none }'], 16, 'tiers.0.tier'],
    [
      'ends a window before it begins',
      followUps('window: a, fromDays: 20, toDays: 20'),
      15,
      'clocks.followUps.0.toDays',
    ],
    [
      'has windows out of order',
      followUps(WINDOW, 'window: b, fromDays: 10, toDays: 30'),
      16,
      'clocks.followUps.1.fromDays',
    ],
    [
      'has a window twice',
      followUps(WINDOW, 'window: a, fromDays: 30, toDays: 40'),
      16,
      'clocks.followUps.1.window',
    ],
    ['has two follow-up clocks', [...LINES, '  followUps: []'], 15, 'clocks.followUps'],
    ['has a rule of nothing', rules('rule: a'), 16, 'eligibility.0'],
    [
      'has a rule of two things',
      rules('rule: a, age: { from: 1 }, anyOf: [b]'),
      16,
      'eligibility.0',
    ],
    ['has an age of nothing', rules('rule: a, age: {}'), 16, 'eligibility.0.age'],
    [
      'has an age that cannot be',
      rules('rule: a, age: { from: 74, to: 40 }'),
      16,
      'eligibility.0.age.to',
    ],
    ['has no condition', rules('rule: a, anyOf: []'), 16, 'eligibility.0.anyOf'],
    [
      'has a rule twice',
      rules('rule: a, anyOf: [b]', 'rule: a, anyOf: [c]'),
      17,
      'eligibility.1.rule',
    ],
    ['has no kind', kinds().with(-1, 'kinds: {}'), 12, 'kinds'],
    ['says needs twice', [...kinds(BROAD_NEEDS), 'consent: needed'], 14, 'consent'],
    [
      'forgets what a kind needs',
      kinds('broad: { identity: needed, consent: needed }'),
      13,
      'kinds.broad.linkWorker',
    ],
    ['has a kind of its own', kinds('vague: {}'), 13, 'kinds.vague'],
    [
      'asks for what it does not use',
      [...LINES, 'assessments: not-used', 'instruments: {}'],
      16,
      'instruments',
    ],
    [
      'lists reasons for nothing known',
      [...LINES, 'reasons:', '  weather: [rain]'],
      16,
      'reasons.weather',
    ],
  ])('that %s is refused with file, line and key', (_, lines, line, key) => {
    expect(refusalOf(lines)).toMatch(`village.yaml, line ${line}, key "${key}":`);
  });

  test.each([
    ['a soft cap', tiers('kind: soft, contacts: 3, promptAt: 2', 'barredWorkers: [volunteer]')],
    ['a prompt without a cap', tiers('kind: soft, promptAt: 2')],
    [
      'a hard cap on visits',
      tiers('kind: hard, contacts: 1, modes: [visit]', 'overrideBy: [anchor]'),
    ],
    [
      'windows that overlap',
      followUps(WINDOW, 'window: b, fromDays: 11, toDays: 12')
        .with(13, '  followUps:')
        .filter((line) => !line.includes('Months')),
    ],
    [
      'rules',
      rules(
        'rule: a, age: { from: 40, to: 40 }',
        'rule: b, age: { from: 0 }',
        'rule: c, anyOf: [d]',
      ),
    ],
    ['kinds', kinds(BROAD_NEEDS)],
    [
      'the longest clocks',
      [...LINES, '  quietDays: 36500', '  feedbackDays: 36500', '  reviewMonths: 1200'],
    ],
    ['no assessments', [...LINES, 'assessments: not-used']],
  ])('with %s is taken', (_, lines) => {
    expect(refusalOf(lines)).toMatch(/^accepted: /);
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
    expect(shipped.names()).toEqual([
      'brightlife',
      'highland',
      'spring',
      'valley-steps',
      'ways-to-wellness',
    ]);
    expect(shipped.inForce(name, date('2026-04-01'))).toMatchObject({
      name: 'spring',
      identity: 'needed',
      linkWorker: 'needed',
      clocks: { firstContactDays: 10, followUpMonths: 1 },
    });
    expect(shipped.inForce(name, date('2017-12-31'))).toBeUndefined();
  });
});
