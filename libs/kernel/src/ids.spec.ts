import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { v5 } from 'uuid';
import {
  deriveId,
  eventIdOf,
  isSlug,
  isStreamName,
  isUuid,
  randomId,
  SLUG_LENGTH_MAX,
  slugStream,
  streamOf,
  type CommandId,
  type Slug,
} from '#kernel';

const slug = (text: string): Slug => text as Slug;

describe('a derived id', () => {
  test('rests on uuid5 as RFC 9562 gives it (appendix A.4)', () => {
    const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    expect(v5('www.example.com', dns)).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  // Such ids lie in every log ever written. The values were worked out by Python's uuid module.
  test.each([
    [['a'], 'ee7c8f20-ea5f-53b3-b845-296403fee2b5'],
    [['event', 'é', ''], '2ffa9711-656c-5b53-9398-b37b0ee71366'],
  ])('of %j is the same for ever', (parts, id) => {
    expect(deriveId(...parts)).toBe(id);
  });

  test('is a version 5 UUID in lower case', () => {
    expect(deriveId('x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(isUuid(deriveId('x'))).toBe(true);
  });

  test('differs as soon as the parts do, wherever they are cut', () => {
    const lists = fc.array(fc.string({ maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(deriveId(...a) === deriveId(...b)).toBe(same);
      }),
    );
    expect(deriveId('ab', 'c')).not.toBe(deriveId('a', 'bc'));
    expect(deriveId('1:a')).not.toBe(deriveId('1', 'a'));
  });

  test('of an event is fixed by its command, its stream and its index', () => {
    const command = randomId<'command'>();
    const stream = streamOf('referral', randomId());
    const id = eventIdOf(command, stream, 0);
    expect(eventIdOf(command, stream, 0)).toBe(id);
    const others = [
      eventIdOf(command, stream, 1),
      eventIdOf(randomId<'command'>() satisfies CommandId, stream, 0),
      eventIdOf(command, streamOf('referral', randomId()), 0),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});

describe('a slug', () => {
  test.each(['a', 'north', 'hill-allotments', '2026', 'a-1-b', 'x'.repeat(SLUG_LENGTH_MAX)])(
    '%s is one',
    (text) => {
      expect(isSlug(text)).toBe(true);
    },
  );

  test.each([
    '',
    '-',
    'a-',
    '-a',
    'a--b',
    'North',
    'a b',
    'a_b',
    'é',
    'a\n',
    'x'.repeat(SLUG_LENGTH_MAX + 1),
  ])('%j is none', (text) => {
    expect(isSlug(text)).toBe(false);
  });
});

describe('a stream name', () => {
  test('is a category without a dash, and an id', () => {
    const id = randomId();
    expect(streamOf('referral', id)).toBe(`referral-${id}`);
    for (const bad of ['referral', 'Referral-1', 'referral-', '-1', 'ref1-1', 'a-b_c', 'a-1\n']) {
      expect(isStreamName(bad)).toBe(false);
    }
    for (const [category, of] of [
      ['two-words', ''],
      ['', 'x'],
      ['a', 'X'],
    ] as const) {
      expect(() => streamOf(category, of)).toThrow('is a stream name');
    }
  });

  test('of something with a slug depends on all that makes the slug unique', () => {
    const stream = slugStream('budget', slug('north'), slug('2026'));
    expect(slugStream('budget', slug('north'), slug('2026'))).toBe(stream);
    expect(slugStream('budget', slug('north-2026'))).not.toBe(stream);
    expect(slugStream('fund', slug('north'), slug('2026'))).not.toBe(
      stream.replace('budget', 'fund'),
    );
    expect(isStreamName(stream)).toBe(true);
  });
});

describe('a UUID', () => {
  test('is text in lower case', () => {
    expect(isUuid(randomId())).toBe(true);
    for (const bad of ['', 'a', randomId().toUpperCase(), `{${randomId()}}`, `${randomId()}\n`]) {
      expect(isUuid(bad)).toBe(false);
    }
  });
});
