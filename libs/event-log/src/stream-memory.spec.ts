import { describe, expect, test } from '@jest/globals';
import { StreamMemory } from '#event-log';
import type { StreamName } from '#kernel';

const nameOf = (no: number): StreamName => `probe-${no}` as StreamName;

describe('what a writer remembers of streams', () => {
  test('is what it was told last, until it is told to forget', () => {
    const memory = new StreamMemory();
    memory.set(nameOf(1), { no: 1n, last: 0n });
    memory.set(nameOf(1), { no: 1n, last: 4n });
    expect(memory.get(nameOf(1))).toEqual({ no: 1n, last: 4n });
    expect(memory.get(nameOf(2))).toBeUndefined();
    memory.forget();
    expect(memory.get(nameOf(1))).toBeUndefined();
  });

  test('is never older than what it was told last, however many streams there are', () => {
    const memory = new StreamMemory();
    memory.set(nameOf(1), { no: 1n, last: 0n });
    for (let no = 2; no < 15_000; no += 1) memory.set(nameOf(no), { no: BigInt(no), last: 0n });
    memory.set(nameOf(1), { no: 1n, last: 7n });
    for (let no = 15_000; no < 24_000; no += 1)
      memory.set(nameOf(no), { no: BigInt(no), last: 0n });
    expect(memory.get(nameOf(1))?.last).toBe(7n);
  });

  test('is bounded: streams that nobody looks at leave it, others stay', () => {
    const memory = new StreamMemory();
    for (let no = 0; no < 50_000; no += 1) {
      memory.set(nameOf(no), { no: BigInt(no), last: 0n });
      memory.get(nameOf(7));
    }
    expect(memory.get(nameOf(7))).toEqual({ no: 7n, last: 0n });
    expect(memory.get(nameOf(49_999))).toBeDefined();
    const left = Array.from({ length: 50_000 }, (_, no) => memory.get(nameOf(no)));
    expect(left.filter((known) => known !== undefined).length).toBeLessThanOrEqual(20_000);
  });

  test('is forgotten whole, old and new', () => {
    const memory = new StreamMemory();
    for (let no = 0; no < 15_000; no += 1) memory.set(nameOf(no), { no: BigInt(no), last: 0n });
    memory.forget();
    expect([memory.get(nameOf(0)), memory.get(nameOf(14_999))]).toEqual([undefined, undefined]);
  });
});
