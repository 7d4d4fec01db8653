import { beforeAll, describe, expect, test } from '@jest/globals';
import { shippedScheme } from '../../testing/shipped-schemes.js';
import { NOTHING_ASKED, asksOf } from '../asks.js';
import type { Scheme } from '../scheme.js';
import { date, day, fold, given } from '../testing/given.js';
import { commandsUnder, told } from '../testing/under.js';

let steps: Scheme;
let say: ReturnType<typeof commandsUnder>;
beforeAll(async () => {
  steps = await shippedScheme('valley-steps');
  say = commandsUnder(steps);
});
const TODAY = day('2026-04-10');
const begun = () =>
  told(
    [say.refer({ route: 'self' }), day('2026-04-01')],
    [say.accept(), day('2026-04-01')],
    [say.contact(), day('2026-04-02')],
  );

describe('Valley Steps', () => {
  test('people refer themselves, without any professional', () => {
    const { referrer, linkWorker } = fold(begun())!;
    expect([referrer, linkWorker]).toEqual([undefined, undefined]);
  });

  test('a course is prescribed without a link worker', () => {
    expect(say.prescribe()(fold(begun()), TODAY)).toHaveLength(1);
  });

  test('nobody is scored, and nobody is asked to be', () => {
    given(begun())
      .when(say.assess('swemwbs', [3, 3, 3, 3, 3, 3, 3]), TODAY)
      .thenRefused('assessments-not-used', 'instrument')
      .when(say.assess('pam', undefined, { score: 100 }), TODAY)
      .thenRefused('assessments-not-used')
      .when(say.declineAssessment('swemwbs'), TODAY)
      .thenRefused('assessments-not-used');
    expect(asksOf(fold(begun())!, steps, steps, date('2027-04-10'))).toEqual(NOTHING_ASKED);
  });

  test('a missed week may be made up for', () => {
    expect(steps.makeUpSessions).toBe('allowed');
  });

  test('no clock runs', () => {
    expect(fold(begun())?.followUpDueOn).toBeUndefined();
    expect(fold(begun())?.firstContactDueOn).toBeUndefined();
  });

  test('the same file with scores takes scores', () => {
    const scoring = commandsUnder({ ...steps, assessments: 'used' });
    expect(scoring.assess('ons4', [1, 2, 3, 4])(fold(begun()), TODAY)).toHaveLength(1);
  });
});
