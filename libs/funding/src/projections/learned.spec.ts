import { expect, test } from '@jest/globals';
import { reduced } from '#projection/testing';
import { slug, attended, recorded, referralId } from '../testing/facts.js';
import { streamOf, type Instant } from '#kernel';
import { learned } from './learned.js';

const H1 = streamOf('referral', referralId('h1'));

/** Facts recorded at these times in this order, one after the other from position 1. */
function rowsOf(times: readonly (readonly [anchor: string, at: string])[], pageEvents: number) {
  const facts = times.map(([anchor, at], index) => {
    const fact = attended(1);
    const metadata = {
      ...{ ...fact.metadata, anchor: slug(anchor) },
      recordedAt: `${at}:00.000Z` as Instant,
    };
    return recorded({ ...fact, metadata }, H1, index);
  });
  const rows = reduced(learned, facts, pageEvents);
  return [...rows('learned'), ...rows('newest')]
    .map(({ anchor, known_at: at, since, position }) => {
      return [String(anchor), String(at).slice(0, 16), since, position];
    })
    .sort(([, , a], [, , b]) => Number(a) - Number(b));
}

test.each([1, 2, 100])(
  'a fact is known from the latest recorded time so far (%i a page)',
  (page) => {
    const times = [
      ['north', '2026-05-04T10:00'],
      ['south', '2026-05-09T10:00'],
      ['north', '2026-05-04T10:00'],
      ['north', '2026-05-06T10:00'],
      // Recorded by a clock that runs behind.
      ['north', '2026-05-05T10:00'],
      ['north', '2026-05-07T10:00'],
    ] as const;
    expect(rowsOf(times, page)).toEqual([
      ['north', '2026-05-04T10:00', 1n, 3n],
      ['south', '2026-05-09T10:00', 2n, 2n],
      ['north', '2026-05-06T10:00', 4n, 5n],
      ['north', '2026-05-07T10:00', 6n, 6n],
    ]);
  },
);
