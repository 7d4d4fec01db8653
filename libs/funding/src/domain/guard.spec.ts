import { describe, expect, test } from '@jest/globals';
import {
  NORTH,
  attended,
  completed,
  corrected,
  droppedOut,
  fee,
  missed,
  perSession,
  prescribed,
  prescriptionId,
  referralFact,
  slug,
  whenMet,
} from '../testing/facts.js';
import { effectsAfter, effectsOf, guardEvent, guardEventId, reservationsOf } from './guard.js';
import { noMoney } from './prescription-money.js';
import { budgetStream, reservationId } from './streams.js';
import type { ReferralFact } from '#referral';

const POT = { anchor: NORTH, fund: slug('lottery'), year: 2026, pot: slug('prescribing') };
const walks = prescriptionId('walks');
const start = prescribed([perSession(1250n), fee(500n), whenMet(3000n)], { planned: 4 });

function movesOfLast(...history: ReferralFact[]) {
  return effectsAfter([], history).at(-1)!.effects.moves;
}

describe('what the budgets must hear of a fact', () => {
  test('nothing of the commitment: it was reserved before', () => {
    expect(movesOfLast(start)).toEqual([]);
  });

  test('nothing of what is earned from the commitment', () => {
    expect(movesOfLast(start, attended(1))).toEqual([]);
  });

  test('what goes back to the pot', () => {
    const miss = missed(1, 'not-stated');
    expect(movesOfLast(start, miss)).toEqual([
      { ...POT, prescription: walks, amount: 750n, because: miss.id },
    ]);
  });

  test('what is drawn from the pot, its lines in one sum', () => {
    const late = attended(1);
    expect(movesOfLast(start, completed(), late)).toEqual([
      { ...POT, prescription: walks, amount: -1250n, because: late.id },
    ]);
  });

  test('of a whole referral: one move a prescription', () => {
    const swim = prescribed([perSession(600n)], { name: 'swim', planned: 2 });
    const out = droppedOut();
    expect(movesOfLast(start, swim, attended(1, 'swim'), out)).toEqual([
      { ...POT, prescription: walks, amount: 8000n, because: out.id },
      { ...POT, prescription: prescriptionId('swim'), amount: 600n, because: out.id },
    ]);
  });

  test('of what was abandoned: the whole reservation, though nothing is posted', () => {
    const reservation = { fund: POT.fund, year: 2026, pot: POT.pot, amount: 8000n };
    const data = { prescription: walks, reservation, because: start.id };
    const abandoned = referralFact({ type: 'PrescriptionAbandoned', data });
    const posted = { entries: [], money: noMoney, revived: [] };
    expect(effectsOf(abandoned, posted).moves).toEqual([
      { ...POT, prescription: walks, amount: 8000n, because: abandoned.id },
    ]);
  });
});

describe('what had to be reserved before', () => {
  const drawsOfLast = (...history: ReferralFact[]) => {
    const { fact, effects } = effectsAfter([], history).at(-1)!;
    return reservationsOf(fact, effects.draws).map(({ draw, because }) => {
      return { prescription: draw.prescription, amount: draw.amount, because };
    });
  };
  const BUDGET = budgetStream(NORTH, POT.fund, POT.year);
  const swimming = (planned: number) =>
    prescribed([perSession(1000n)], { name: 'swim', planned, continues: 'walks' });

  test('the whole commitment of a prescription', () => {
    expect(drawsOfLast(start)).toEqual([
      {
        prescription: walks,
        amount: 8000n,
        because: reservationId(start.metadata.commandId, BUDGET),
      },
    ]);
  });

  test('of one that takes the place of another, what the other does not bring over', () => {
    const dearer = swimming(9);
    expect(drawsOfLast(start, attended(1), dearer)).toMatchObject([
      { prescription: prescriptionId('swim'), amount: 9000n - 6750n },
    ]);
    expect(movesOfLast(start, attended(1), dearer)).toEqual([]);
  });

  test('of a cheaper one, nothing: the rest goes back to the pot', () => {
    const cheaper = swimming(2);
    expect(drawsOfLast(start, attended(1), cheaper)).toEqual([]);
    expect(movesOfLast(start, attended(1), cheaper)).toEqual([
      { ...POT, prescription: prescriptionId('swim'), amount: 6750n - 2000n, because: cheaper.id },
    ]);
  });

  test('of one that is free, nothing: all that the other had goes back to the pot', () => {
    const free = prescribed([], { name: 'swim', free: true, continues: 'walks' });
    expect(drawsOfLast(start, free)).toEqual([]);
    expect(movesOfLast(start, free)).toMatchObject([{ prescription: walks, amount: 8000n }]);
  });

  test('what a correction needs to make ended prescriptions live again, one by one', () => {
    const swim = prescribed([perSession(600n)], { name: 'swim', planned: 2 });
    const out = droppedOut();
    const voided = corrected(out);
    const { commandId } = voided.metadata;
    expect(drawsOfLast(start, swim, attended(1), out, voided)).toEqual([
      { prescription: walks, amount: 6750n, because: reservationId(commandId, BUDGET, 0) },
      {
        prescription: prescriptionId('swim'),
        amount: 1200n,
        because: reservationId(commandId, BUDGET, 1),
      },
    ]);
    expect(movesOfLast(start, swim, attended(1), out, voided)).toEqual([]);
  });

  test('nothing of what any other correction draws: it happened', () => {
    const [held, out] = [attended(1), completed()];
    const voided = corrected(held);
    const again = corrected(voided);
    expect(drawsOfLast(start, held, out, voided, again)).toEqual([]);
    expect(movesOfLast(start, held, out, voided, again)).toEqual([
      { ...POT, prescription: walks, amount: -1250n, because: again.id },
    ]);
  });
});

describe('the moves of facts just added', () => {
  test('follow from the history before them', () => {
    const [first, second, out] = [missed(1, 'not-stated'), missed(2, 'not-stated'), droppedOut()];
    const moves = effectsAfter([start, first], [second, out]).flatMap(
      ({ effects }) => effects.moves,
    );
    // The fee went to the first one that was missed.
    expect(moves.map(({ amount, because }) => [amount, because])).toEqual([
      [1250n, second.id],
      [5500n, out.id],
    ]);
  });
});

describe('the budget records a move', () => {
  const move = { ...POT, prescription: walks, because: start.id };

  test('into the pot as released, out of it as drawn', () => {
    const { anchor: _, ...data } = move;
    expect(guardEvent({ ...move, amount: 7n })).toEqual({
      type: 'FundsReleased',
      data: { ...data, amount: 7n },
    });
    expect(guardEvent({ ...move, amount: -7n })).toEqual({
      type: 'FundsDrawn',
      data: { ...data, amount: 7n },
    });
  });

  test('under an id that follows from the fact and the prescription', () => {
    const id = guardEventId(start.id, walks);
    expect(guardEventId(start.id, walks)).toBe(id);
    expect(guardEventId(start.id, prescriptionId('swim'))).not.toBe(id);
    expect(guardEventId(completed().id, walks)).not.toBe(id);
  });
});
