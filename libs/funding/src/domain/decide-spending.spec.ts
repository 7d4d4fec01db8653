import { describe, expect, test } from '@jest/globals';
import { isRefusal } from '#kernel';
import { BUDGET, NAMED, free, now, onDay, then, threePots } from '../testing/decisions.js';
import { ALLOT, NORTH, slug } from '../testing/facts.js';
import { awardCapacity, buyTraining, evidenceMilestone } from './decide.js';
import type { FundingState } from './state.js';

const MONEY = { fund: 'lottery', year: 2026, funder: 'tnlcf', recognition: 'restricted' };
const part = (name: string, amount: bigint) => ({ milestone: slug(name), amount });
const AWARD = {
  ...{ pot: slug('grants'), award: slug('kitchen'), payee: ALLOT },
  milestones: [part('plans', 40_000n), part('opening', 50_000n)],
};
type Award = typeof AWARD;

function award(change: Partial<Award> = {}, state = threePots, moment = now) {
  return awardCapacity(state, NAMED, { ...AWARD, ...change }, moment);
}

describe('an award', () => {
  test('takes what its milestones need out of the capacity pot', () => {
    const decided = award();
    expect(decided).toEqual([{ type: 'CapacityAwarded', data: { ...AWARD, ...MONEY } }]);
    expect(free(then(threePots, decided))).toMatchObject({ grants: 0n, prescribing: 300_000n });
  });

  test('fits into what is free, to the penny', () => {
    const milestones = [part('plans', 40_000n), part('opening', 50_001n)];
    expect(award({ milestones })).toMatchObject({
      code: 'pot-exhausted',
      field: 'pot',
      data: { freePence: 90_000, askedPence: 90_001 },
    });
  });

  test.each([
    ['ring-fenced', 'pot', { pot: slug('prescribing') }],
    ['ring-fenced', 'pot', { pot: slug('courses') }],
    ['no-such-pot', 'pot', { pot: slug('holidays') }],
    ['milestone-twice', 'milestones', { milestones: [part('plans', 1n), part('plans', 2n)] }],
  ])('is refused, %s', (code, field, change) => {
    expect(award(change)).toMatchObject({ refused: true, code, field });
  });

  test('is made once under its name', () => {
    const milestones = [part('plans', 1n)];
    const made = then(threePots, award({ milestones }));
    expect(award({ milestones }, made)).toMatchObject({ code: 'award-exists', field: 'award' });
    expect(isRefusal(award({ milestones, award: slug('shed') }, made))).toBe(false);
  });

  test('is of the year of its budget', () => {
    const on = (day: string) => award({}, threePots, onDay(day, '2027-06-01'));
    for (const day of ['2026-03-31', '2027-04-01']) {
      expect(on(day)).toMatchObject({ code: 'outside-the-year', field: 'year' });
    }
    for (const day of [BUDGET.from, BUDGET.to]) expect(isRefusal(on(day))).toBe(false);
  });
});

describe('a milestone', () => {
  const made = then(threePots, award(), { on: '2026-06-01' });
  const evidence = (
    milestone: string,
    state: FundingState = made,
    moment = onDay('2026-07-01'),
    name = 'kitchen',
  ) => evidenceMilestone(state, NAMED, { award: slug(name), milestone: slug(milestone) }, moment);

  test('is evidenced with what was awarded for it, and the pot does not hear of it again', () => {
    const decided = evidence('plans');
    const given = { award: 'kitchen', pot: 'grants', payee: 'allot', milestone: 'plans' };
    expect(decided).toEqual([
      { type: 'MilestoneEvidenced', data: { ...given, ...MONEY, amount: 40_000n } },
    ]);
    expect(free(then(made, decided))).toEqual(free(made));
  });

  test('is evidenced once; the same again is nothing new, another one is', () => {
    const once = then(made, evidence('plans'));
    expect(evidence('plans', once)).toEqual([]);
    expect(evidence('opening', once)).toMatchObject([{ data: { amount: 50_000n } }]);
  });

  test('of one award says nothing of the same name in another', () => {
    const small = { award: slug('shed'), milestones: [part('plans', 1n)] };
    const room = then(threePots, award({ milestones: [part('plans', 2n)] }));
    const both = then(room, award(small, room));
    const once = then(both, evidence('plans', both));
    expect(evidence('plans', once, onDay('2026-07-01'), 'shed')).toMatchObject([
      { data: { award: 'shed', amount: 1n } },
    ]);
  });

  test('may be reached after the year, and not before the award', () => {
    expect(isRefusal(evidence('plans', made, onDay('2027-05-01')))).toBe(false);
    expect(isRefusal(evidence('plans', made, onDay('2026-06-01')))).toBe(false);
    expect(evidence('plans', made, onDay('2026-05-31', '2026-07-01'))).toMatchObject({
      code: 'before-the-award',
      field: 'at',
    });
  });

  test('is one of an award that was made', () => {
    expect(evidence('plans', threePots)).toMatchObject({ code: 'no-such-award', field: 'award' });
    expect(evidence('roof')).toMatchObject({
      code: 'no-such-milestone',
      field: 'milestone',
      message: 'Award kitchen has no milestone roof; it has: plans, opening.',
    });
  });
});

describe('training', () => {
  const buy = (amount: bigint, pot = 'courses', moment = now) =>
    buyTraining(threePots, NAMED, { pot: slug(pot), payee: NORTH, amount, what: 'aid' }, moment);

  test('is bought from its pot, to the last penny', () => {
    const decided = buy(50_000n);
    const given = { pot: 'courses', payee: 'north', amount: 50_000n, what: 'aid' };
    expect(decided).toEqual([{ type: 'TrainingBought', data: { ...given, ...MONEY } }]);
    expect(free(then(threePots, decided))).toMatchObject({ courses: 0n });
    expect(buy(50_001n)).toMatchObject({ code: 'pot-exhausted', data: { freePence: 50_000 } });
  });

  test.each(['prescribing', 'grants'])('is not bought from %s', (pot) => {
    expect(buy(1n, pot)).toMatchObject({ code: 'ring-fenced', field: 'pot' });
  });

  test('is of a pot and a year that are there', () => {
    expect(buy(1n, 'holidays')).toMatchObject({ code: 'no-such-pot' });
    expect(buy(1n, 'courses', onDay('2027-04-01'))).toMatchObject({ code: 'outside-the-year' });
  });
});
