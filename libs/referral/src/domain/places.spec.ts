import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EventId, PrescriptionId } from '#kernel';
import type { ReferralEvent, ReferralFact } from './events.js';
import { holdsPlace, placesMoved, placesMovedBy } from './places.js';
import { evolve } from './evolve.js';
import type { ReferralState } from './state.js';
import {
  NORTH,
  PLOT,
  WALK,
  attended,
  cancelled,
  completed,
  droppedOut,
  missed,
  prescribed,
  walkPrescribed,
} from './testing/cast.js';
import { on } from './testing/given.js';
import { factsIn, play, stepsArbitrary } from './testing/histories.js';
import {
  OFFERED,
  READY,
  WAITING,
  placeLapsed,
  placeOffered,
  waitlisted,
} from './testing/waiting.js';

const PRESCRIBED = [...READY, ...on('2026-04-10', prescribed())];
const moved = (history: readonly ReferralFact[], added: readonly ReferralFact[]) =>
  placesMovedBy(history, added).map(({ prescription, takes }) => [prescription, takes]);

const voided = (corrects: EventId): ReferralEvent => ({
  type: 'EntryCorrected',
  data: { corrects, kind: 'void', reasonCode: 'entered-in-error', requestedBy: NORTH },
});
const idOf = ([fact]: readonly ReferralFact[]): EventId => {
  if (fact === undefined) throw new Error('There is a fact');
  return fact.id;
};

describe('a place', () => {
  test('is taken by a prescription and freed by any end of it', () => {
    expect(moved(READY, on('2026-04-10', prescribed()))).toEqual([[PLOT, true]]);
    for (const end of [completed(), cancelled(), droppedOut(PLOT), droppedOut()]) {
      expect(moved(PRESCRIBED, on('2026-04-20', end))).toEqual([[PLOT, false]]);
    }
  });

  test('is not taken by who waits, until one is offered', () => {
    expect(moved(READY, on('2026-04-10', prescribed(), waitlisted()))).toEqual([[PLOT, false]]);
    expect(moved(WAITING, on('2026-05-04', placeOffered()))).toEqual([[PLOT, true]]);
    expect(moved(OFFERED, on('2026-05-19', placeLapsed()))).toEqual([[PLOT, false]]);
    expect(moved(WAITING, on('2026-05-04', cancelled()))).toEqual([]);
  });

  test('is taken by who comes from the waiting list all the same', () => {
    expect(moved(WAITING, on('2026-04-17', missed('s1', 1)))).toEqual([]);
    const came = on('2026-04-17', attended('s1', 1));
    expect(moved(WAITING, came)).toEqual([[PLOT, true]]);
    const never = on('2026-04-18', voided(idOf(came)));
    expect(moved([...WAITING, ...came], never)).toEqual([[PLOT, false]]);
  });

  test('is taken again when the end was never so, and freed again when it was after all', () => {
    const end = on('2026-04-20', droppedOut(PLOT));
    const undone = on('2026-04-21', voided(idOf(end)));
    expect(moved([...PRESCRIBED, ...end], undone)).toEqual([[PLOT, true]]);
    const after = on('2026-04-22', voided(idOf(undone)));
    expect(moved([...PRESCRIBED, ...end, ...undone], after)).toEqual([[PLOT, false]]);
  });

  test('of each prescription is freed when the person leaves everything', () => {
    const both = [...PRESCRIBED, ...on('2026-04-12', walkPrescribed())];
    expect(moved(both, on('2026-04-20', droppedOut()))).toEqual([
      [PLOT, false],
      [WALK, false],
    ]);
  });

  test('goes from one prescription to the one that continues it', () => {
    const next = prescribed({ prescription: WALK, continues: PLOT });
    expect(moved(PRESCRIBED, on('2026-04-20', next))).toEqual([
      [PLOT, false],
      [WALK, true],
    ]);
  });
});

test('over any history the moves come to who holds a place in the end', () => {
  fc.assert(
    fc.property(stepsArbitrary, (steps) => {
      const holding = new Set<PrescriptionId>();
      let state: ReferralState = null;
      for (const fact of factsIn(play(steps))) {
        const after = evolve(state, fact);
        for (const { prescription, takes } of placesMoved(state, after, fact.id)) {
          // Each move is one: nothing is taken that is held, nor freed that is not.
          expect(holding.has(prescription)).toBe(!takes);
          if (takes) holding.add(prescription);
          else holding.delete(prescription);
        }
        state = after;
      }
      const held = (state?.prescriptions ?? []).filter(holdsPlace);
      expect([...holding].sort()).toEqual(held.map((given) => given.prescription).sort());
    }),
    { numRuns: 100 },
  );
});
