import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LogUnavailable, type EventLog } from '#event-log';
import { Repricing } from '#funding';
import type { Pence } from '#kernel';
import { before, must, type Engine, type Line } from './testing/engine.js';
import { meeting } from './testing/gate.js';
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

const POT: Pence = 100_000_00n;
const SESSIONS = 4n;
const RISE = 50n;

const component = (amount: number) => {
  return { component: 'sessions', trigger: 'session-attended', amount };
};
const OF = { agreement: 'following', payer: 'north' };
const SIGNED: Line = {
  ...{ id: 'sign', command: 'SignAgreement', at: '2026-04-02' },
  data: {
    ...{ ...OF, payee: 'allot', services: ['gardening'] },
    ...{ components: [component(1250)], priceBasis: 'at-delivery' },
  },
};
const changed = (from: string, amount: number): Line => {
  const data = { ...OF, from, components: [component(amount)] };
  return { id: `change from ${from}`, command: 'ChangeTerms', at: '2026-05-20', data };
};
const TO_COME = changed('2026-07-01', 1250 + Number(RISE));

function follow(who: string, at = '2026-05-04'): Line {
  const line = prescribe(who);
  return { ...line, at, data: { ...line.data, agreement: OF.agreement } };
}

let world: World;

afterEach(async () => {
  await world.remove();
});

async function newWorld(people: number): Promise<void> {
  world = await makeWorld({ people, pot: POT });
  await must(world.wayledger, SIGNED);
}

async function newFollowers(people: number): Promise<void> {
  await newWorld(people);
  for (let index = 0; index < people; index += 1)
    await must(world.wayledger, follow(person(index)));
}

const repricing = (engine: Engine) => new Repricing(engine.views, engine.referrals);
const storyOf = (index: number) => world.story(person(index));

/** What each of so many still costs more, to budget and ledger alike. */
async function expectFree(people: number, more: Pence): Promise<void> {
  const free = POT - BigInt(people) * (PRICE + more);
  expect([await world.free(), await world.available()]).toEqual([free, free]);
}

/** The command is recorded, and whoever gave it got no further. */
async function leftOut(...lines: Line[]): Promise<void> {
  const engine = await world.engine();
  for (const line of lines) await must(engine, line);
}

const GIVEN = ['FundsReserved', 'Prescribed'];
const REPRICED = ['PrescriptionRepriced', 'FundsDrawn'];

describe('new terms of an agreement that prices at delivery', () => {
  test('reach what is live as soon as they are recorded, and the pot pays the difference', async () => {
    await newFollowers(2);
    await must(world.wayledger, TO_COME);
    for (const index of [0, 1]) expect(await storyOf(index)).toEqual([...GIVEN, ...REPRICED]);
    await expectFree(2, SESSIONS * RISE);
    await must(world.wayledger, TO_COME);
    await world.wayledger.settle();
    for (const index of [0, 1]) expect(await storyOf(index)).toEqual([...GIVEN, ...REPRICED]);
  });

  test('leave alone what has ended, and what was priced when it was prescribed', async () => {
    await newFollowers(2);
    await must(world.wayledger, dropOut(person(0)));
    await must(world.wayledger, {
      ...prescribe(person(1), 'second'),
      data: { ...prescribe(person(1)).data, prescription: 'another' },
    });
    await must(world.wayledger, TO_COME);
    expect(await storyOf(0)).not.toContain('PrescriptionRepriced');
    const all = await repricedOf(world.wayledger.log);
    expect(all).toHaveLength(1);
  });

  test('cost less where they fall, and the rest is free again', async () => {
    await newFollowers(1);
    await must(world.wayledger, changed('2026-07-01', 1250 - Number(RISE)));
    expect(await storyOf(0)).toEqual([...GIVEN, 'PrescriptionRepriced', 'FundsReleased']);
    await expectFree(1, -SESSIONS * RISE);
  });

  test('of a day past, price what was held since by them', async () => {
    await newFollowers(1);
    await must(world.wayledger, attend(person(0)));
    await must(world.wayledger, changed('2026-05-11', 1250 + Number(RISE)));
    await expectFree(1, SESSIONS * RISE);
    const [only] = await repricedOf(world.wayledger.log);
    expect(only).toMatchObject({ on: '2026-05-11', version: 2, from: '2026-05-11' });
  });

  test('from before a prescription are of its own day', async () => {
    await newFollowers(1);
    await must(world.wayledger, changed('2026-04-20', 1300));
    const [only] = await repricedOf(world.wayledger.log);
    expect(only).toMatchObject({
      on: '2026-05-04',
      from: '2026-05-04',
      recordedAt: '2026-06-01T12:00:00.000Z',
    });
  });
});

describe('a prescription made while terms change', () => {
  beforeEach(() => newWorld(1));

  test('for a day before terms that are known comes under those too, at once', async () => {
    await must(world.wayledger, TO_COME);
    await must(world.wayledger, changed('2026-08-01', 1400));
    await must(world.wayledger, follow(person(0)));
    expect(await storyOf(0)).toEqual([...GIVEN, ...REPRICED, ...REPRICED]);
    await expectFree(1, SESSIONS * 150n);
  });

  test('for a day under the new terms has them', async () => {
    await must(world.wayledger, changed('2026-05-01', 1300));
    await must(world.wayledger, follow(person(0)));
    expect(await storyOf(0)).toEqual(GIVEN);
    await expectFree(1, SESSIONS * RISE);
  });

  test('and quoted before them is followed up', async () => {
    const engine = await world.engine(before('Prescribed', () => leftOut(TO_COME)));
    await must(engine, follow(person(0)));
    await world.wayledger.settle();
    expect(await storyOf(0)).toEqual([...GIVEN, ...REPRICED]);
    await expectFree(1, SESSIONS * RISE);
  });

  test('killed before it came under them is followed up', async () => {
    await must(world.wayledger, TO_COME);
    const lines = [follow(person(0))];
    const child = await world.fork({ lines, before: 'PrescriptionRepriced', how: 'SIGKILL' });
    child.go();
    await child.gone();
    expect(await storyOf(0)).toEqual(GIVEN);
    await world.wayledger.settle();
    expect(await storyOf(0)).toEqual([...GIVEN, ...REPRICED]);
    await expectFree(1, SESSIONS * RISE);
  });
});

test('what had ended and lives again comes under the terms it missed, at once', async () => {
  await newFollowers(1);
  await must(world.wayledger, dropOut(person(0)));
  await must(world.wayledger, TO_COME);
  await must(world.wayledger, voidDropOut(person(0)));
  // Nobody settled in between: whatever is recorded next is paid by the right price.
  expect(await storyOf(0)).toEqual([
    ...[...GIVEN, 'DroppedOut', 'FundsReleased', 'FundsReserved', 'EntryCorrected', ...REPRICED],
  ]);
  await expectFree(1, SESSIONS * RISE);
});

describe('what a crash left out', () => {
  test('of the whole repricing is made good, once', async () => {
    await newFollowers(3);
    await leftOut(TO_COME);
    expect(await storyOf(0)).toEqual(GIVEN);
    await world.wayledger.settle();
    await world.wayledger.settle();
    for (const index of [0, 1, 2]) expect(await storyOf(index)).toEqual([...GIVEN, ...REPRICED]);
    await expectFree(3, SESSIONS * RISE);
  });

  test('of two changes is made good in their order', async () => {
    await newFollowers(1);
    await leftOut(TO_COME, changed('2026-08-01', 1400));
    await world.wayledger.settle();
    expect((await repricedOf(world.wayledger.log)).map(({ version }) => version)).toEqual([2, 3]);
    await expectFree(1, SESSIONS * 150n);
  });

  test('in the middle of a hundred is made good for the rest', async () => {
    const [people, reached] = [100, 37];
    await newFollowers(people);
    await leftOut(TO_COME);
    let count = 0;
    const dies = before('PrescriptionRepriced', () => {
      count += 1;
      if (count <= reached) return Promise.resolve();
      return Promise.reject(new LogUnavailable('The machine is gone.', false));
    });
    const engine = await world.engine(dies);
    await expect(repricing(engine).run()).rejects.toThrow('The machine is gone.');
    expect(await repricedOf(world.wayledger.log)).toHaveLength(reached);
    await world.wayledger.settle();
    const all = await repricedOf(world.wayledger.log);
    expect(all).toHaveLength(people);
    expect(new Set(all.map(({ stream }) => stream)).size).toBe(people);
    await expectFree(people, SESSIONS * RISE);
  });

  test('is made good once by two processes at once', async () => {
    await newFollowers(1);
    await leftOut(TO_COME);
    const both = meeting(2);
    const together = before('PrescriptionRepriced', () => both.come());
    const engines = [await world.engine(together), await world.engine(together)];
    await Promise.all(engines.map((engine) => repricing(engine).run()));
    expect(both.came).toBe(2);
    expect(await storyOf(0)).toEqual([...GIVEN, ...REPRICED]);
    await expectFree(1, SESSIONS * RISE);
  });
});

interface Repriced {
  readonly stream: string;
  readonly on: string;
  readonly from: string;
  readonly version: number;
  readonly recordedAt: string;
}

async function repricedOf(log: EventLog): Promise<Repriced[]> {
  const all: Repriced[] = [];
  const types = ['PrescriptionRepriced'];
  for await (const page of log.readLog({ after: 0n, max: 1_000, filter: { types } })) {
    for (const { stream, data, metadata } of page) {
      const { from, version } = JSON.parse(data) as Repriced;
      const { occurredOn: on, recordedAt } = JSON.parse(metadata) as Record<
        'occurredOn' | 'recordedAt',
        string
      >;
      all.push({ stream, on, from, version, recordedAt });
    }
  }
  return all;
}
