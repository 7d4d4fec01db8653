import { afterEach, describe, expect, test } from '@jest/globals';
import { atAnyVersion } from '../support/at-any-version.js';
import { give, type Outcome } from './testing/engine.js';
import type { Prescriber } from './testing/fork-prescriber.js';
import { PRICE, broken, makeWorld, person, prescribe, type World } from './testing/world.js';

const PEOPLE = 100;
const FIT = 50;
const REST = 1_234n;

describe('a hundred link workers and a pot that holds fifty', () => {
  let world: World;

  afterEach(async () => {
    await world.remove();
  });

  test('in two processes at the same instant: fifty succeed, the others hear what is free', async () => {
    world = await makeWorld({ people: PEOPLE, pot: PRICE * BigInt(FIT) + REST });
    const processes: Prescriber[] = [];
    const lines = Array.from({ length: PEOPLE }, (_, index) => prescribe(person(index)));
    // Neighbours in different processes.
    for (const parity of [0, 1]) {
      const mine = lines.filter((_, index) => index % 2 === parity);
      processes.push(await world.fork({ lines: mine, before: 'FundsReserved', how: 'wait' }));
    }
    for (const each of processes) each.go();
    // Both have decided to take the first of the money, and neither has it.
    for (const each of processes) await each.there();
    for (const each of processes) each.go();
    const outcomes = await Promise.all(processes.map(({ outcomes: all }) => all));

    const refused = outcomes.flat().flatMap((outcome) => ('refused' in outcome ? [outcome] : []));
    expect(refused).toHaveLength(PEOPLE - FIT);
    for (const outcome of refused) {
      expect(outcome.refused).toEqual({
        code: 'pot-exhausted',
        data: { freePence: Number(REST), askedPence: Number(PRICE) },
      });
    }
    expect(await world.wayledger.settle()).toEqual({ told: 0, abandoned: 0, waiting: 0 });
    expect(await world.broken()).toEqual([]);
    expect([await world.free(), await world.available()]).toEqual([REST, REST]);
  });

  test('the control: with appends at any version all of them succeed, and the proof says so', async () => {
    world = await makeWorld({ people: 4, pot: PRICE * 2n });
    const engine = await world.engine(atAnyVersion);
    const outcomes: Outcome[] = [];
    for (let index = 0; index < 4; index += 1) {
      outcomes.push(await give(engine, prescribe(person(index))));
    }
    await engine.runner.catchUp();
    expect(outcomes.every((outcome) => 'events' in outcome)).toBe(true);
    expect(await broken(engine)).toEqual(['no reservation was made beyond what was free']);
  });
});
