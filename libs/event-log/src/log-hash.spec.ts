import { describe, expect, test } from '@jest/globals';
import { randomId, streamOf } from '#kernel';
import { LogHash, type StoredEvent } from '#event-log';

function hashOf(...events: readonly StoredEvent[]): string {
  const hash = new LogHash();
  for (const event of events) hash.add(event);
  expect(hash.events).toBe(events.length);
  return hash.digest();
}

const FIRST: StoredEvent = {
  stream: streamOf('probe', 'a1'),
  version: 0,
  position: 1n,
  id: randomId(),
  type: 'SomethingHappened',
  schemaVersion: 1,
  data: '{"what":"ä"}',
  protected: '{}',
  metadata: '{"by":"somebody"}',
};
const SECOND: StoredEvent = { ...FIRST, version: 1, position: 2n, id: randomId() };

describe('the hash of a log', () => {
  test('is that of its texts, whatever their positions', () => {
    expect(hashOf(FIRST, SECOND)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(FIRST, SECOND)).toBe(hashOf(FIRST, { ...SECOND, position: 900n }));
  });

  test('of nothing is that of the empty text', () => {
    expect(hashOf()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test.each([
    ['a byte', { data: '{"what":"a"}' }],
    ['a space', { data: '{"what": "ä"}' }],
    ['a byte moved to the next part', { data: '{"what":"ä"', protected: '}{}' }],
    ['a ciphertext', { protected: '{"p":{}}' }],
    ['who said so', { metadata: '{"by":"nobody"}' }],
    ['its stream', { stream: streamOf('probe', 'a2') }],
    ['its version', { version: 2 }],
    ['its id', { id: randomId<'event'>() }],
    ['its type', { type: 'SomethingHappene' }],
    ['its schema version', { schemaVersion: 2 }],
  ])('is another with %s changed', (_what, change: Partial<StoredEvent>) => {
    expect(hashOf({ ...FIRST, ...change }, SECOND)).not.toBe(hashOf(FIRST, SECOND));
  });

  test('is another with events swapped, left out or added', () => {
    const whole = hashOf(FIRST, SECOND);
    expect(hashOf(SECOND, FIRST)).not.toBe(whole);
    expect(hashOf(FIRST)).not.toBe(whole);
    expect(hashOf(FIRST, SECOND, SECOND)).not.toBe(whole);
  });
});
