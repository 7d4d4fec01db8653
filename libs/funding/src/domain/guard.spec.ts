import { describe, expect, test } from '@jest/globals';
import {
  NORTH,
  attended,
  completed,
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
import { effectsAfter, effectsOf, guardEvent, guardEventId } from './guard.js';
import { noMoney } from './prescription-money.js';
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
