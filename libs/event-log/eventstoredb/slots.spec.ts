import { describe, expect, test } from '@jest/globals';
import { settle, upTo } from '#event-log/conformance';
import { Slots } from './slots.js';

interface Work {
  readonly index: number;
  finish(): void;
  fail(): void;
}

/** Work that ends when the test says so. */
function started(slots: Slots, count: number) {
  const running: Work[] = [];
  const all = upTo(count).map((index) =>
    slots.within(
      () =>
        new Promise<number>((resolve, reject) => {
          running.push({
            index,
            finish: () => {
              resolve(index);
            },
            fail: () => {
              reject(new Error(`work ${index}`));
            },
          });
        }),
    ),
  );
  return { running, all };
}

const aTick = (): Promise<void> => new Promise(setImmediate);

describe('slots', () => {
  test('so much at once, and the others in the order they came', async () => {
    const { running, all } = started(new Slots(3), 10);
    await aTick();
    expect(running.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const next of upTo(10)) {
      // The last of those that run ends first.
      running.findLast(({ index }) => index <= Math.max(2, next))?.finish();
      running[next]?.finish();
      await aTick();
    }
    expect(await Promise.all(all)).toEqual(upTo(10));
    expect(running.map(({ index }) => index)).toEqual(upTo(10));
  });

  test('work that fails, or that throws at once, gives its slot back', async () => {
    const slots = new Slots(2);
    const { running, all } = started(slots, 6);
    const outcomes = Promise.all(all.map((one) => settle(one)));
    for (const index of upTo(6)) {
      await aTick();
      running[index]?.fail();
    }
    expect(await outcomes).toHaveLength(6);
    const throwing = (): Promise<never> => {
      throw new Error('before it began');
    };
    for (const _ of upTo(5)) expect(await settle(slots.within(throwing))).toHaveProperty('error');
    const next = started(slots, 3);
    await aTick();
    expect(next.running).toHaveLength(2);
    for (const index of upTo(3)) {
      next.running[index]?.finish();
      await aTick();
    }
    expect(await Promise.all(next.all)).toEqual([0, 1, 2]);
  });
});
