import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomId, type EventCatalogue, type EventOf, type Pence, type Slug } from '#kernel';
import { budgetStream, type Settled } from '#funding';
import { before, must, type Line } from './testing/engine.js';
import type { Prescriber } from './testing/fork-prescriber.js';
import { meeting } from './testing/gate.js';
import {
  NORTH,
  PRICE,
  attend,
  dropOut,
  makeWorld,
  person,
  prescribe,
  type World,
} from './testing/world.js';

const ANN = person(0);
const SESSION = 1_250n;
const QUIET: Settled = { told: 0, abandoned: 0, waiting: 0 };
const TOLD: Settled = { ...QUIET, told: 1 };
const GUARD = "the budgets' guard agrees with the ledger";

interface Case {
  readonly name: string;
  readonly fact: string;
  readonly told: 'FundsReleased' | 'FundsDrawn';
  readonly earlier: readonly Line[];
  readonly line: Line;
  readonly freeBefore: Pence;
  readonly freeAfter: Pence;
}

const CASES: Case[] = [
  {
    name: 'a drop-out before its release',
    ...{ fact: 'DroppedOut', told: 'FundsReleased', earlier: [], line: dropOut(ANN) },
    ...{ freeBefore: 0n, freeAfter: PRICE },
  },
  {
    name: 'a late attendance before its drawing',
    ...{ fact: 'Attended', told: 'FundsDrawn', earlier: [dropOut(ANN)], line: attend(ANN) },
    ...{ freeBefore: PRICE, freeAfter: PRICE - SESSION },
  },
];

describe.each(CASES)('after $name', ({ fact, told, earlier, line, freeBefore, freeAfter }) => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld({ people: 1, pot: PRICE, prescribed: true });
    for (const each of earlier) await must(world.wayledger, each);
  });
  afterEach(async () => {
    await world.remove();
  });

  async function cut(how: 'SIGKILL' | 'SIGSTOP'): Promise<Prescriber> {
    const child = await world.fork({ lines: [line], before: told, how });
    child.go();
    if (how === 'SIGSTOP') await child.stopped();
    else await child.gone();
    expect((await world.story(ANN)).at(-1)).toBe(fact);
    // The ledger knows already, the budget does not: that is what must be made good.
    expect([await world.free(), await world.available()]).toEqual([freeBefore, freeAfter]);
    expect(await world.broken()).toEqual([]);
    return child;
  }

  async function expectToldOnce(): Promise<void> {
    expect(await world.wayledger.settle()).toEqual(QUIET);
    expect((await world.story(ANN)).slice(-2)).toEqual([fact, told]);
    expect(await world.broken()).toEqual([]);
    expect([await world.free(), await world.available()]).toEqual([freeAfter, freeAfter]);
  }

  test('the manager tells the budget, once', async () => {
    await cut('SIGKILL');
    expect(await world.wayledger.settle()).toEqual(TOLD);
    await expectToldOnce();
  });

  test('the same command again tells the budget, and nothing is left for the manager', async () => {
    await cut('SIGKILL');
    expect(await world.give(line)).toEqual({ events: [fact] });
    await expectToldOnce();
  });

  test('two managers at once tell it once', async () => {
    await cut('SIGKILL');
    const both = meeting(2);
    const together = before(told, () => both.come());
    const managers = [await world.engine(together), await world.engine(together)];
    await Promise.all(managers.map(({ settlement }) => settlement.run()));
    expect(both.came).toBe(2);
    await expectToldOnce();
  });

  test('the handler that wakes later finds it told, and answers as ever', async () => {
    const child = await cut('SIGSTOP');
    expect(await world.wayledger.settle()).toEqual(TOLD);
    child.wake();
    expect(await child.outcomes).toEqual([{ events: [fact] }]);
    await expectToldOnce();
  });

  test('the handler that wakes first leaves nothing to an outdated manager', async () => {
    const child = await cut('SIGSTOP');
    const outdated = await world.engine();
    child.wake();
    expect(await child.outcomes).toEqual([{ events: [fact] }]);
    expect(await outdated.settlement.run()).toEqual(QUIET);
    await expectToldOnce();
  });

  test('the control: told a second time under an id of its own, the proof finds it', async () => {
    await cut('SIGKILL');
    await world.wayledger.settle();
    const { log, codec } = world.wayledger;
    const stream = budgetStream(NORTH, 'lottery' as Slug, 2026);
    for await (const stored of log.readStream(stream, { backwards: true, max: 1 })) {
      const { type, data, metadata } = codec.decode(stored);
      expect(type).toBe(told);
      const id = randomId<'event'>();
      const again = { type, data } as EventOf<EventCatalogue>;
      await log.append(stream, stored.version, [
        await codec.encode({ event: again, id, metadata }),
      ]);
    }
    expect(await world.broken()).toEqual([GUARD]);
  });
});

test('a late session may take the pot below zero: a fact is not refused for money', async () => {
  const world = await makeWorld({ people: 2, pot: PRICE });
  try {
    await must(world.wayledger, prescribe(person(0)));
    await must(world.wayledger, dropOut(person(0)));
    await must(world.wayledger, prescribe(person(1)));
    await must(world.wayledger, attend(person(0)));
    expect([await world.free(), await world.available()]).toEqual([-SESSION, -SESSION]);
    expect(await world.broken()).toEqual([]);
  } finally {
    await world.remove();
  }
});
