import { describe, expect, test } from '@jest/globals';
import { isRefusal, type Slug } from '#kernel';
import type { ReferralFact } from './events.js';
import type { Scheme } from './scheme.js';
import { SPRING, accepted, closed, firstContact } from './testing/cast.js';
import { date, day, given, on, type Decide } from './testing/given.js';
import { commandsUnder } from './testing/under.js';

const windows = (...all: [string, number, number][]): Scheme => ({
  ...SPRING,
  clocks: {
    followUps: all.map(([window, fromDays, toDays]) => ({
      ...{ window: window as Slug, fromDays, toDays },
    })),
  },
});
const SCHEME = windows(['quarter', 90, 120], ['half-year', 180, 210], ['year', 365, 400]);
const { followUp, contact, received } = commandsUnder(SCHEME);
const START = on('2026-01-01', received(), accepted());
/** The first contact was on 1 January: the quarter begins on 1 April. */
const BEGUN: readonly ReferralFact[] = [...START, ...on('2026-01-01', firstContact('2026-04-01'))];
const dueAfter = (decide: Decide, happened: string, facts = BEGUN) => {
  const decision = decide(given(facts).state, day(happened));
  if (isRefusal(decision)) throw new Error(decision.message);
  const [event] = decision;
  return event?.type === 'FollowedUp' || event?.type === 'FirstContactMade'
    ? event.data.followUpDueOn
    : 'no clock in it';
};

describe('windows of follow-up', () => {
  test('begin with the first contact', () => {
    expect(dueAfter(contact(), '2026-01-01', START)).toBe('2026-04-01');
    expect(dueAfter(contact(), '2026-03-15', START)).toBe('2026-06-13');
  });

  test.each([
    ['2026-04-02', 'quarter', true, '2026-06-30'],
    // Nobody answered, and there is time.
    ['2026-04-02', 'quarter', false, '2026-04-01'],
    ['2026-05-01', 'quarter', false, '2026-04-01'],
    // There is none left.
    ['2026-05-02', 'quarter', false, '2026-06-30'],
    ['2026-07-01', 'half-year', true, '2027-01-01'],
    // Long after: what is over is not asked for.
    ['2026-12-01', 'quarter', true, '2027-01-01'],
    ['2027-01-10', 'year', true, undefined],
    ['2027-01-10', 'year', false, '2027-01-01'],
    ['2027-06-01', 'year', false, undefined],
  ])('on %s in the %s, reached: %s, the next is due on %s', (happened, window, reached, due) => {
    expect(dueAfter(followUp(window, reached), happened)).toBe(due);
  });

  test('once the last is answered nothing is due', () => {
    const state = given(BEGUN)
      .when(followUp('year'), day('2027-01-10'))
      .then({
        type: 'FollowedUp',
        data: { window: 'year' as Slug, reached: true, mode: 'phone', minutes: 10 },
        protectedData: {},
      }).state;
    expect(state?.followUpDueOn).toBeUndefined();
  });

  test('one told late sets nothing back', () => {
    const half = { type: 'FollowedUp' as const, protectedData: {} };
    const data = { reached: true, mode: 'phone', minutes: 10 } as const;
    const facts = [
      ...BEGUN,
      ...on('2026-07-01', {
        ...half,
        data: { ...data, window: 'half-year' as Slug, followUpDueOn: date('2027-01-01') },
      }),
      ...on('2026-04-05', {
        ...half,
        data: { ...data, window: 'quarter' as Slug, followUpDueOn: date('2026-06-30') },
      }),
    ];
    expect(given(facts).state?.followUpDueOn).toBe('2027-01-01');
  });

  test('not reached in the morning and reached in the afternoon is reached', () => {
    const morning = given(BEGUN).when(followUp('year', false), day('2027-01-10'));
    const after = morning.then({
      type: 'FollowedUp',
      data: {
        ...{ window: 'year' as Slug, reached: false, mode: 'phone', minutes: 10 },
        followUpDueOn: date('2027-01-01'),
      },
      protectedData: {},
    });
    expect(after.state?.followUpDueOn).toBe('2027-01-01');
    const evening = after.when(followUp('year'), day('2027-01-10')).then({
      type: 'FollowedUp',
      data: { window: 'year' as Slug, reached: true, mode: 'phone', minutes: 10 },
      protectedData: {},
    });
    expect(evening.state?.followUpDueOn).toBeUndefined();
  });

  test('are those of the scheme', () => {
    given(BEGUN)
      .when(followUp('monthly'), day('2026-04-02'))
      .thenRefused('no-such-window', 'window');
    const loose = commandsUnder({ ...SPRING, clocks: {} });
    expect(dueAfter(loose.followUp('any-time'), '2026-04-02')).toBeUndefined();
  });

  test('other windows, other days', () => {
    const other = commandsUnder(windows(['week', 7, 10], ['month', 30, 31]));
    const begun = [...START, ...on('2026-01-01', firstContact('2026-01-08'))];
    expect(dueAfter(other.followUp('week'), '2026-01-09', begun)).toBe('2026-01-31');
    expect(dueAfter(other.followUp('week', false), '2026-01-12', begun)).toBe('2026-01-31');
    expect(dueAfter(other.followUp('week', false), '2026-02-02', begun)).toBeUndefined();
  });

  test('after the end nothing is due any more', () => {
    const ended = [...BEGUN, ...on('2026-02-01', closed())];
    expect(dueAfter(followUp('quarter'), '2026-04-02', ended)).toBeUndefined();
  });
});
