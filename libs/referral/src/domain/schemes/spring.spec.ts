import { beforeAll, describe, expect, test } from '@jest/globals';
import { shippedScheme } from '../../testing/shipped-schemes.js';
import { asksOf } from '../asks.js';
import { close } from '../decide.js';
import type { Scheme } from '../scheme.js';
import { date, day, fold, given } from '../testing/given.js';
import { commandsUnder, told } from '../testing/under.js';

let spring: Scheme;
let say: ReturnType<typeof commandsUnder>;
beforeAll(async () => {
  spring = await shippedScheme('spring');
  say = commandsUnder(spring);
});
const story = () =>
  told(
    [say.refer(), day('2026-04-01')],
    [say.accept(), day('2026-04-02')],
    [say.assign(), day('2026-04-02')],
    [say.contact(), day('2026-04-08')],
  );
const asked = (facts: ReturnType<typeof told>, today: string) => {
  const { instruments, oneOf } = asksOf(fold(facts)!, spring, spring, date(today));
  return [...instruments, ...oneOf];
};
const SWEMWBS = [2, 3, 2, 3, 3, 2, 3];

describe('SPRING', () => {
  test('asks at the first contact for SWEMWBS, GAD-7 and a general scale', () => {
    expect(asked(story(), '2026-04-08')).toEqual(['swemwbs', 'gad-7', 'phq-9', 'wemwbs', 'ons4']);
    const answered = told(
      [say.refer(), day('2026-04-01')],
      [say.assess('swemwbs', SWEMWBS, { id: 'a' }), day('2026-04-08')],
      [say.declineAssessment('gad-7'), day('2026-04-08')],
      [say.assess('phq-9', [1, 1, 1, 1, 1, 1, 1, 1, 0], { id: 'b' }), day('2026-04-08')],
    );
    expect(asked(answered, '2026-04-08')).toEqual([]);
  });

  test('needs none of it: who is never scored is prescribed to, followed up and closed', () => {
    expect(say.prescribe()(fold(story()), day('2026-04-10'))).toHaveLength(1);
    expect(say.followUp('monthly')(fold(story()), day('2026-05-08'))).toHaveLength(1);
    expect(close(fold(story()), {}, day('2026-05-10'))).toHaveLength(1);
  });

  test('follows up monthly, from the first contact on, and asks again each time', () => {
    const state = fold(story());
    expect(state?.followUpDueOn).toBe('2026-05-08');
    const decision = say.followUp('monthly')(state, day('2026-05-10'));
    expect(decision).toMatchObject([{ data: { followUpDueOn: '2026-06-10' } }]);
    expect(asked(story(), '2026-05-08')).toContain('swemwbs');
  });

  test('has no tiers and caps nothing', () => {
    given(story()).when(say.tier('tier-1'), day('2026-04-09')).thenRefused('no-such-tier');
    const visits = Array.from({ length: 40 }, () => [say.contact(), day('2026-04-09')] as const);
    const facts = told([say.refer(), day('2026-04-01')], ...visits);
    expect(fold(facts)?.contacts).toBe(40);
  });

  test('another clock, another month', () => {
    const slow = commandsUnder({ ...spring, clocks: { followUpMonths: 3 } });
    expect(slow.followUp('quarterly')(fold(story()), day('2026-05-10'))).toMatchObject([
      { data: { followUpDueOn: '2026-08-10' } },
    ]);
  });
});
