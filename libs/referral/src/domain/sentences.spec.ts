import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Codec, type EventToStore } from '#event-log';
import { deriveId, streamOf } from '#kernel';
import { referralEvents, type ReferralFact } from './events.js';
import { sentenceOf } from './sentences.js';

/** From the project's root: compiling copies no JSON. */
const GOLDEN = 'libs/referral/src/domain/golden';
const codec = new Codec(referralEvents, { seal: () => Promise.resolve({}) });

function factsOf(folder: string): [string, ReferralFact][] {
  return readdirSync(folder).map((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { stored } = JSON.parse(text) as { stored: Omit<EventToStore, 'id'> };
    const id = deriveId<'event'>('golden', file);
    const place = { id, stream: streamOf('golden', id), version: 0, position: 1n };
    return [file, codec.decode({ ...stored, ...place })];
  });
}

test.each(factsOf(GOLDEN))('%s is told in a sentence', (_, fact) => {
  const sentence = sentenceOf(fact);
  expect(sentence).toMatch(/^[A-Z].*\.$/u);
  expect(sentence).not.toMatch(/undefined|null|NaN|\[object|, ,|\(\)/u);
});

test('what a fact says is in its sentence', () => {
  const told = new Map(factsOf(GOLDEN).map(([file, fact]) => [file, sentenceOf(fact)]));
  expect(told.get('Missed.v1.json')).toMatch(/^Missed session \d+ of prescription .{8} \(.+\)\.$/u);
  expect(told.get('Prescribed.v1.json')).toMatch(/ for up to [\d.]+ under agreement /u);
  expect(told.get('Prescribed.v1.free.json')).toMatch(/, free of charge\.$/u);
});

test('one minute is no minutes', () => {
  const contact = factsOf(GOLDEN).find(([file]) => file === 'ContactMade.v1.json')?.[1];
  if (contact?.type !== 'ContactMade') throw new Error('There is a golden contact');
  const of = (minutes: number) => sentenceOf({ ...contact, data: { ...contact.data, minutes } });
  expect(of(1)).toContain(', 1 minute, ');
  expect(of(2)).toContain(', 2 minutes, ');
});
