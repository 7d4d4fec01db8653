import { beforeAll, describe, expect, test } from '@jest/globals';
import { shippedScheme } from '../../testing/shipped-schemes.js';
import { asksOf } from '../asks.js';
import type { Scheme } from '../scheme.js';
import { date, day, fold, given } from '../testing/given.js';
import { commandsUnder, told } from '../testing/under.js';

let wellness: Scheme;
let say: ReturnType<typeof commandsUnder>;
beforeAll(async () => {
  wellness = await shippedScheme('ways-to-wellness');
  say = commandsUnder(wellness);
});
const TODAY = day('2026-04-10');
const decided = (conditions: readonly string[] | undefined, age: number | undefined) =>
  told([say.refer(), day('2026-04-01')], [say.eligibility(conditions, age), day('2026-04-02')]);

describe('Ways to Wellness', () => {
  test.each([
    [39, false],
    [40, true],
    [74, true],
    [75, false],
  ])('with a long-term condition, %i years are taken: %s', (age, taken) => {
    const facts = decided(['long-term-condition'], age);
    const accepted = say.accept()(fold(facts), TODAY);
    expect(Array.isArray(accepted)).toBe(taken);
  });

  test('without one nobody is, and nobody undecided or half known', () => {
    given(decided([], 50)).when(say.accept(), TODAY).thenRefused('not-eligible');
    given(decided(undefined, 50)).when(say.accept(), TODAY).thenRefused('not-eligible');
    given(told([say.refer(), day('2026-04-01')]))
      .when(say.accept(), TODAY)
      .thenRefused('eligibility-undecided');
  });

  test('says which rule failed and which was never answered', () => {
    const said = (facts: ReturnType<typeof told>) => say.accept()(fold(facts), TODAY);
    expect(said(decided(['long-term-condition'], 80))).toHaveProperty(
      'message',
      expect.stringMatching(/: age-40-to-74 is not met\./u),
    );
    expect(said(decided(undefined, 80))).toHaveProperty(
      'message',
      expect.stringMatching(/: age-40-to-74 is not met, long-term-condition is not known\./u),
    );
  });

  test('keeps the decision with the version of the rules', () => {
    const fact = decided(['long-term-condition'], 60).at(-1);
    expect(fact?.data).toEqual({
      policy: { name: 'ways-to-wellness', version: 1 },
      eligible: true,
      rules: [
        { rule: 'age-40-to-74', result: 'met' },
        { rule: 'long-term-condition', result: 'met' },
      ],
    });
  });

  test('asks for the Star first and every half year, and needs none', () => {
    const facts = told(
      [say.refer({ ageAtReferral: 60 }), day('2026-04-01')],
      [say.eligibility(['long-term-condition']), day('2026-04-01')],
      [say.accept(), day('2026-04-02')],
      [say.assign(), day('2026-04-02')],
      [say.assess('wellbeing-star', [1, 2, 1, 3, 2, 1, 2, 2]), day('2026-04-08')],
      [say.contact(), day('2026-04-08')],
    );
    const asked = (today: string) =>
      asksOf(fold(facts)!, wellness, wellness, date(today)).instruments;
    expect(asked('2026-10-07')).toEqual([]);
    expect(asked('2026-10-08')).toEqual(['wellbeing-star']);
    expect(say.prescribe()(fold(facts), TODAY)).toHaveLength(1);
  });

  test('other ages and conditions are the file’s to say', () => {
    const other = commandsUnder({
      ...wellness,
      eligibility: [{ rule: 'young' as never, age: { to: 25 } }],
    });
    const facts = told([other.refer(), TODAY], [other.eligibility(undefined, 25), TODAY]);
    expect(other.accept()(fold(facts), TODAY)).toHaveLength(1);
    const open = commandsUnder({ ...wellness, eligibility: [] });
    expect(open.accept()(fold(told([open.refer(), TODAY])), TODAY)).toHaveLength(1);
    given(told([open.refer(), TODAY]))
      .when(open.eligibility([]), TODAY)
      .thenRefused('no-eligibility-rules');
  });
});
