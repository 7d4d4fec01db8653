import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RESERVATION_WAIT_MS } from '#funding';
import { before, give } from './testing/engine.js';
import { gate } from './testing/gate.js';
import {
  PRICE,
  attend,
  dropOut,
  makeWorld,
  person,
  prescribe,
  voidDropOut,
  type World,
} from './testing/world.js';

const [ANN, BOB] = [person(0), person(1)];
const QUIET = { told: 0, abandoned: 0, waiting: 0 };

let world: World;

/** Ann was prescribed to and dropped out: her money is free again. */
beforeEach(async () => {
  world = await makeWorld({ people: 2, pot: PRICE });
  for (const line of [prescribe(ANN), dropOut(ANN)]) await world.give(line);
  expect(await world.free()).toBe(PRICE);
});
afterEach(async () => {
  await world.remove();
});

const DROPPED = ['FundsReserved', 'Prescribed', 'DroppedOut', 'FundsReleased'];

async function expectBooks(free: bigint): Promise<void> {
  expect(await world.wayledger.settle()).toEqual(QUIET);
  expect(await world.broken()).toEqual([]);
  expect([await world.free(), await world.available()]).toEqual([free, free]);
}

describe('an end that was none', () => {
  test('asks the pot before it reserves again what it had released', async () => {
    expect(await world.give(voidDropOut(ANN))).toEqual({ events: ['EntryCorrected'] });
    expect(await world.story(ANN)).toEqual([...DROPPED, 'FundsReserved', 'EntryCorrected']);
    await expectBooks(0n);
  });

  test('given again it answers as it did', async () => {
    await world.give(voidDropOut(ANN));
    expect(await world.give(voidDropOut(ANN))).toEqual({ events: ['EntryCorrected'] });
    await expectBooks(0n);
  });

  test('is refused when another has the money, and says what is free', async () => {
    await world.give(prescribe(BOB));
    expect(await world.give(voidDropOut(ANN))).toEqual({
      refused: { code: 'pot-exhausted', data: { freePence: 0, askedPence: 5000 } },
    });
    expect(await world.story(ANN)).toEqual(DROPPED);
    await expectBooks(0n);
  });

  test('needs only what is still to come: what was held since is paid', async () => {
    await world.give(attend(ANN));
    expect(await world.free()).toBe(PRICE - 1250n);
    expect(await world.give(voidDropOut(ANN))).toEqual({ events: ['EntryCorrected'] });
    await expectBooks(0n);
  });
});

describe('killed between the reservation and the correction', () => {
  beforeEach(async () => {
    const child = await world.fork({
      lines: [voidDropOut(ANN)],
      before: 'EntryCorrected',
      how: 'SIGKILL',
    });
    child.go();
    await child.gone();
    expect(await world.story(ANN)).toEqual([...DROPPED, 'FundsReserved']);
  });

  test('the same command again corrects', async () => {
    expect(await world.give(voidDropOut(ANN))).toEqual({ events: ['EntryCorrected'] });
    await expectBooks(0n);
  });

  test('nobody comes back: the referral says that nothing will follow, then it is free', async () => {
    expect(await world.wayledger.settle()).toEqual({ ...QUIET, waiting: 1 });
    expect(await world.broken()).toEqual([]);
    world.clock.pass(RESERVATION_WAIT_MS);
    expect(await world.wayledger.settle()).toEqual({ ...QUIET, abandoned: 1 });
    expect(await world.story(ANN)).toEqual([
      ...[...DROPPED, 'FundsReserved', 'PrescriptionAbandoned', 'FundsReleased'],
    ]);
    await expectBooks(PRICE);
    expect(await world.give(voidDropOut(ANN))).toMatchObject({
      refused: { code: 'changed-meanwhile' },
    });
    const anew = { ...voidDropOut(ANN), id: 'once more' };
    expect(await world.give(anew)).toEqual({ events: ['EntryCorrected'] });
    await expectBooks(0n);
  });
});

test('what was recorded in between changes what it needs: the money goes back', async () => {
  const [reserved, go] = [gate(), gate()];
  const slow = await world.engine(
    before('EntryCorrected', async () => {
      reserved.open();
      await go.opened;
    }),
  );
  const correcting = give(slow, voidDropOut(ANN));
  await reserved.opened;
  await world.give(attend(ANN));
  go.open();
  expect(await correcting).toMatchObject({ refused: { code: 'changed-meanwhile' } });
  await expectBooks(PRICE - 1250n);
});
