import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RESERVATION_WAIT_MS, reservationId, budgetStream, type Settled } from '#funding';
import type { CommandMeta, Slug, PrescriptionId, ReferralId } from '#kernel';
import { abandonPrescription } from '#referral';
import { RECORDED_AT, before, give, names } from './testing/engine.js';
import type { Prescriber } from './testing/fork-prescriber.js';
import { gate, meeting } from './testing/gate.js';
import {
  NORTH,
  PRICE,
  broken,
  dropOut,
  makeWorld,
  person,
  prescribe,
  type World,
} from './testing/world.js';

const ANN = person(0);
const QUIET: Settled = { told: 0, abandoned: 0, waiting: 0 };
const WAITING: Settled = { ...QUIET, waiting: 1 };
const ABANDONED: Settled = { ...QUIET, abandoned: 1 };
const GUARD = "the budgets' guard agrees with the ledger";

let world: World;

beforeEach(async () => {
  world = await makeWorld({ people: 1, pot: PRICE });
});
afterEach(async () => {
  await world.remove();
});

/** A process that gets as far as the reservation and then meets its fate. */
async function reserving(how: 'SIGKILL' | 'SIGSTOP' | 'exit'): Promise<Prescriber> {
  const child = await world.fork({ lines: [prescribe(ANN)], before: 'Prescribed', how });
  child.go();
  if (how === 'SIGSTOP') await child.stopped();
  else await child.gone();
  expect(await world.story(ANN)).toEqual(['FundsReserved']);
  return child;
}

/** Either prescribed and reserved, or abandoned and released: nothing under way, no penny lost. */
async function expectPrescribed(): Promise<void> {
  expect(await world.wayledger.settle()).toEqual(QUIET);
  expect(await world.story(ANN)).toEqual(['FundsReserved', 'Prescribed']);
  expect(await world.broken()).toEqual([]);
  expect([await world.free(), await world.available()]).toEqual([0n, 0n]);
}

async function expectAbandoned(): Promise<void> {
  expect(await world.wayledger.settle()).toEqual(QUIET);
  // The referral says so first; only then is the money free again.
  expect(await world.story(ANN)).toEqual([
    'FundsReserved',
    'PrescriptionAbandoned',
    'FundsReleased',
  ]);
  expect(await world.broken()).toEqual([]);
  expect([await world.free(), await world.available()]).toEqual([PRICE, PRICE]);
  expect(await world.give(prescribe(ANN))).toMatchObject({
    refused: { code: 'prescription-abandoned' },
  });
  // Another command under the same prescription id is refused too, before it reserves.
  expect(await world.give(prescribe(ANN, 'once more'))).toMatchObject({
    refused: { code: 'prescription-abandoned' },
  });
  expect(await world.free()).toBe(PRICE);
}

describe('killed after the reservation', () => {
  test.each(['SIGKILL', 'exit'] as const)('the same command again prescribes (%s)', async (how) => {
    await reserving(how);
    expect(await world.give(prescribe(ANN))).toEqual({ events: ['Prescribed'] });
    await expectPrescribed();
  });

  test('nobody comes back: after the wait it is abandoned, then released', async () => {
    await reserving('SIGKILL');
    expect(await world.wayledger.settle()).toEqual(WAITING);
    // Under way, and known to be.
    expect(await world.broken()).toEqual([]);
    expect([await world.free(), await world.available()]).toEqual([0n, PRICE]);
    world.clock.pass(RESERVATION_WAIT_MS - 1);
    expect(await world.wayledger.settle()).toEqual(WAITING);
    expect(await world.story(ANN)).toEqual(['FundsReserved']);
    world.clock.pass(1);
    expect(await world.wayledger.settle()).toEqual(ABANDONED);
    await expectAbandoned();
  });
});

describe('stopped after the reservation, and woken', () => {
  test('past the wait: abandoned and released, never prescribed', async () => {
    const child = await reserving('SIGSTOP');
    expect(await world.wayledger.settle()).toEqual(WAITING);
    world.clock.pass(RESERVATION_WAIT_MS);
    expect(await world.wayledger.settle()).toEqual(ABANDONED);
    child.wake();
    expect(await child.outcomes).toMatchObject([{ refused: { code: 'prescription-abandoned' } }]);
    await expectAbandoned();
  });

  test('woken first: prescribed and reserved, whatever an outdated manager thinks', async () => {
    const child = await reserving('SIGSTOP');
    const outdated = await world.engine();
    expect(await outdated.settlement.run()).toEqual(WAITING);
    child.wake();
    expect(await child.outcomes).toEqual([{ events: ['Prescribed'] }]);
    world.clock.pass(RESERVATION_WAIT_MS);
    // It has not heard of the prescription and would abandon it: the referral does not.
    expect(await outdated.settlement.run()).toEqual(QUIET);
    await expectPrescribed();
  });

  test('woken while the manager is about to abandon: the referral decides once', async () => {
    const child = await reserving('SIGSTOP');
    const manager = await world.engine(
      before('PrescriptionAbandoned', async () => {
        child.wake();
        await child.outcomes;
      }),
    );
    await manager.settlement.run();
    world.clock.pass(RESERVATION_WAIT_MS);
    expect(await manager.settlement.run()).toEqual(QUIET);
    expect(await child.outcomes).toEqual([{ events: ['Prescribed'] }]);
    await expectPrescribed();
  });

  test('stopped again between abandoning and releasing, another manager releases', async () => {
    await reserving('exit');
    const [abandoned, wake] = [gate(), gate()];
    const stopped = await world.engine(
      before('FundsReleased', async () => {
        abandoned.open();
        await wake.opened;
      }),
    );
    await stopped.settlement.run();
    world.clock.pass(RESERVATION_WAIT_MS);
    const first = stopped.settlement.run();
    await abandoned.opened;
    expect(await world.wayledger.settle()).toEqual({ ...QUIET, told: 1 });
    wake.open();
    expect(await first).toEqual(ABANDONED);
    await expectAbandoned();
  });
});

test('two managers at once abandon and release once', async () => {
  await reserving('SIGKILL');
  const both = meeting(2);
  const together = before('PrescriptionAbandoned', () => both.come());
  const managers = [await world.engine(together), await world.engine(together)];
  for (const { settlement } of managers) await settlement.run();
  world.clock.pass(RESERVATION_WAIT_MS);
  await Promise.all(managers.map(({ settlement }) => settlement.run()));
  expect(both.came).toBe(2);
  await expectAbandoned();
});

describe('two commands for one prescription', () => {
  async function race(): Promise<void> {
    await world.remove();
    world = await makeWorld({ people: 1, pot: PRICE * 2n });
    const [reserved, go] = [gate(), gate()];
    const slow = await world.engine(
      before('Prescribed', async () => {
        reserved.open();
        await go.opened;
      }),
    );
    const second = give(slow, prescribe(ANN, 'the second'));
    await reserved.opened;
    expect(await world.give(prescribe(ANN, 'the first'))).toEqual({ events: ['Prescribed'] });
    go.open();
    expect(await second).toEqual({ refused: { code: 'already-prescribed' } });
    expect(await world.free()).toBe(0n);
  }

  test('the reservation of the one that lost is released after the wait', async () => {
    await race();
    expect(await world.wayledger.settle()).toEqual(WAITING);
    expect(await world.broken()).toEqual([]);
    world.clock.pass(RESERVATION_WAIT_MS);
    expect(await world.wayledger.settle()).toEqual(ABANDONED);
    expect(await world.wayledger.settle()).toEqual(QUIET);
    expect(await world.broken()).toEqual([]);
    expect([await world.free(), await world.available()]).toEqual([PRICE, PRICE]);
    expect(await world.story(ANN)).toEqual([
      ...['FundsReserved', 'FundsReserved', 'Prescribed', 'FundsReleased'],
    ]);
  });

  test('and the one that won goes its own way', async () => {
    await race();
    expect(await world.give(dropOut(ANN))).toEqual({ events: ['DroppedOut'] });
    expect(await world.wayledger.settle()).toEqual(WAITING);
    world.clock.pass(RESERVATION_WAIT_MS);
    expect(await world.wayledger.settle()).toEqual(ABANDONED);
    expect(await world.broken()).toEqual([]);
    expect([await world.free(), await world.available()]).toEqual([PRICE * 2n, PRICE * 2n]);
  });
});

describe('the control: a manager that releases first and abandons after', () => {
  test('makes a mix when the process wakes in between, and the proof finds it', async () => {
    const child = await reserving('SIGSTOP');
    const naive = await world.engine();
    const referral = names().idOf('referral', ANN) as ReferralId;
    const prescription = names().idOf('prescription', ANN) as PrescriptionId;
    const reservation = {
      fund: 'lottery' as Slug,
      year: 2026,
      pot: 'prescribing' as Slug,
      amount: PRICE,
    };
    const budget = budgetStream(NORTH, reservation.fund, reservation.year);
    const because = reservationId(names().commandIdOf(prescribe(ANN).id), budget);
    const meta = {
      commandId: names().commandIdOf('naive'),
      correlationId: because,
      actor: { id: 'naive', role: 'system', organisation: NORTH },
      occurredOn: '2026-05-04',
      recordedAt: RECORDED_AT,
      canonical: '{}',
    } as unknown as CommandMeta;
    await naive.funding.tellBudget({ anchor: NORTH, ...reservation, prescription, because }, meta);
    child.wake();
    expect(await child.outcomes).toEqual([{ events: ['Prescribed'] }]);
    await naive.referrals.decide({ meta, referral }, (state) =>
      abandonPrescription(state, { prescription, reservation, because }),
    );
    expect(await world.story(ANN)).toEqual(['FundsReserved', 'FundsReleased', 'Prescribed']);
    // Prescribed and released: the pot could be spent twice.
    expect([await world.free(), await world.available()]).toEqual([PRICE, 0n]);
    await naive.runner.catchUp();
    expect(await broken(naive)).toEqual([GUARD]);
  });
});
