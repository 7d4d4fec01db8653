import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reduced } from '#projection/testing';
import { slug, attended, recorded, referralId } from '../testing/facts.js';
import { streamOf, type Instant } from '#kernel';
import { learned } from './learned.js';

const H1 = streamOf('referral', referralId('h1'));

/** Facts recorded at these times, one after the other from position 1. */
const FACTS = [
  ['north', '2026-05-04T10:00'],
  ['south', '2026-05-09T10:00'],
  ['north', '2026-05-04T10:00'],
  // The next day already in London.
  ['north', '2026-05-05T23:30'],
  // Recorded by a clock that runs behind.
  ['north', '2026-05-05T10:00'],
  ['north', '2026-05-06T10:00'],
].map(([anchor = '', at], index) => {
  const fact = attended(1);
  const recordedAt = `${at}:00.000Z` as Instant;
  const metadata = { ...fact.metadata, anchor: slug(anchor), recordedAt };
  return recorded({ ...fact, metadata }, H1, index);
});
const DAYS = [
  ['north', '2026-05-04', 1n, 3n],
  ['north', '2026-05-05', 5n, 5n],
  ['north', '2026-05-06', 4n, 6n],
  ['south', '2026-05-09', 2n, 2n],
];

function daysOf(facts: typeof FACTS, pageEvents?: number) {
  return reduced(
    learned,
    facts,
    pageEvents,
  )('learned')
    .map(({ anchor, day, since, until }) => [anchor, day, since, until])
    .sort();
}

test.each([1, 2, 100])('a day begins and ends in the log (%i facts a page)', (pageEvents) => {
  expect(daysOf(FACTS, pageEvents)).toEqual(DAYS);
});

test('in whatever order facts are gone through, they come to the same', () => {
  const { length } = FACTS;
  fc.assert(
    fc.property(fc.shuffledSubarray(FACTS, { minLength: length }), (facts) => {
      expect(daysOf(facts)).toEqual(DAYS);
    }),
  );
});
