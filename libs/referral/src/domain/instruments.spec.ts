import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instrumentOf, itemOutOfRange, raisesConcern, scoreOf } from './instruments.js';

const times = (count: number, answer: number) => Array.from({ length: count }, () => answer);
/** Answers of so many items that add up to `sum`. */
function adding(sum: number, { count, min, max }: { count: number; min: number; max: number }) {
  let left = sum - count * min;
  return Array.from({ length: count }, () => {
    const more = Math.min(left, max - min);
    left -= more;
    return min + more;
  });
}

/** Raw to metric, as the table is printed. */
const SWEMWBS =
  '7=7.00 8=9.51 9=11.25 10=12.40 11=13.33 12=14.08 13=14.75 14=15.32 15=15.84 16=16.36 ' +
  '17=16.88 18=17.43 19=17.98 20=18.59 21=19.25 22=19.98 23=20.73 24=21.54 25=22.35 26=23.21 ' +
  '27=24.11 28=25.03 29=26.02 30=27.03 31=28.13 32=29.31 33=30.70 34=32.55 35=35.00';

describe('SWEMWBS', () => {
  const table = SWEMWBS.split(' ').map((line) => line.split('=') as [string, string]);

  test('has a metric for each of its 29 sums', () => {
    expect(table).toHaveLength(29);
  });

  test.each(table)('%s is %s', (raw, metric) => {
    const answers = adding(Number(raw), { count: 7, min: 1, max: 5 });
    expect(scoreOf(instrumentOf('swemwbs'), answers)).toEqual({
      raw: Number(raw),
      scoreHundredths: Math.round(Number(metric) * 100),
    });
  });
});

describe('bands', () => {
  test.each([
    ['gad-7', 0, 'minimal'],
    ['gad-7', 4, 'minimal'],
    ['gad-7', 5, 'mild'],
    ['gad-7', 9, 'mild'],
    ['gad-7', 10, 'moderate'],
    ['gad-7', 14, 'moderate'],
    ['gad-7', 15, 'severe'],
    ['gad-7', 21, 'severe'],
    ['phq-9', 0, 'minimal'],
    ['phq-9', 4, 'minimal'],
    ['phq-9', 5, 'mild'],
    ['phq-9', 9, 'mild'],
    ['phq-9', 10, 'moderate'],
    ['phq-9', 14, 'moderate'],
    ['phq-9', 15, 'moderately-severe'],
    ['phq-9', 19, 'moderately-severe'],
    ['phq-9', 20, 'severe'],
    ['phq-9', 27, 'severe'],
  ])('%s: %i is %s', (name, raw, band) => {
    const answers = adding(raw, { count: name === 'gad-7' ? 7 : 9, min: 0, max: 3 });
    expect(scoreOf(instrumentOf(name), answers)).toEqual({ raw, scoreHundredths: raw * 100, band });
  });
});

describe('sums', () => {
  test.each([
    ['wemwbs', times(14, 1), 14],
    ['wemwbs', times(14, 5), 70],
    ['wellbeing-star', times(8, 1), 8],
    ['wellbeing-star', times(8, 5), 40],
  ])('%s of %j is %i', (name, answers, raw) => {
    expect(scoreOf(instrumentOf(name), answers)).toEqual({ raw, scoreHundredths: raw * 100 });
  });

  test('ONS4 is never summed', () => {
    expect(scoreOf(instrumentOf('ons4'), [7, 8, 6, 2])).toEqual({});
  });

  test('an instrument that is not known has none', () => {
    expect(scoreOf(instrumentOf('eq-5d'), [1, 2, 3])).toEqual({});
    expect(instrumentOf('eq-5d')).toEqual({ scoring: 1 });
  });
});

describe('an item that is missing', () => {
  const scored = fc.constantFrom('swemwbs', 'wemwbs', 'gad-7', 'phq-9', 'wellbeing-star');

  test('leaves no score, whichever it is', () => {
    fc.assert(
      fc.property(scored, fc.nat(), (name, at) => {
        const instrument = instrumentOf(name);
        const { count, max } = instrument.items!;
        const whole = times(count, max);
        expect(scoreOf(instrument, whole)).toHaveProperty('scoreHundredths');
        expect(scoreOf(instrument, whole.with(at % count, null as never))).toEqual({});
        expect(scoreOf(instrument, whole.slice(0, at % count))).toEqual({});
      }),
    );
  });
});

describe('an answer that cannot be', () => {
  test.each([
    ['swemwbs', [1, 2, 3, 4, 5, 0, 1], 6],
    ['swemwbs', [6, 2, 3, 4, 5, 1, 1], 1],
    ['gad-7', [0, 0, 0, 0, 0, 0, 4], 7],
    ['phq-9', [-1], 1],
    ['wellbeing-star', [null, 6], 2],
    ['ons4', [10, 0, 10, 11], 4],
  ])('%s: %j is wrong at item %i', (name, answers, item) => {
    expect(itemOutOfRange(instrumentOf(name), answers)).toBe(item);
  });

  test('is none at the ends of the range', () => {
    expect(itemOutOfRange(instrumentOf('swemwbs'), [1, 5, null])).toBeNull();
    expect(itemOutOfRange(instrumentOf('ons4'), [0, 10])).toBeNull();
    expect(itemOutOfRange(instrumentOf('eq-5d'), [99])).toBeNull();
  });
});

test('item 9 of PHQ-9 above 0 is a concern, and nothing else is', () => {
  const phq = instrumentOf('phq-9');
  expect(raisesConcern(phq, [0, 0, 0, 0, 0, 0, 0, 0, 1])).toBe(true);
  expect(raisesConcern(phq, [null, null, 0, 0, 0, 0, 0, 0, 3])).toBe(true);
  expect(raisesConcern(phq, [3, 3, 3, 3, 3, 3, 3, 3, 0])).toBe(false);
  expect(raisesConcern(phq, [3, 3, 3, 3, 3, 3, 3, 3, null])).toBe(false);
  expect(raisesConcern(phq, [3, 3])).toBe(false);
  expect(raisesConcern(instrumentOf('gad-7'), times(7, 3))).toBe(false);
});

test('better lies up or down where a source says so', () => {
  const better = (name: string) => instrumentOf(name).better;
  expect(['swemwbs', 'wemwbs', 'wellbeing-star', 'pam'].map(better)).toEqual(
    times(4, 'higher' as never),
  );
  expect(['gad-7', 'phq-9'].map(better)).toEqual(['lower', 'lower']);
  expect(['ons4', 'ucla-3'].map(better)).toEqual([undefined, undefined]);
});
