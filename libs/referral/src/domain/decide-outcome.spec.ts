import { describe, test } from '@jest/globals';
import type { Slug } from '#kernel';
import type { ReferralFact } from './events.js';
import { IN_CONTACT, PAID_BY_OUTCOME, PRESCRIBED } from './testing/beginnings.js';
import {
  BY_OUTCOME,
  PROVIDER,
  STRANGER,
  assessed,
  cancelled,
  closed,
  completed,
  droppedOut,
  outcome,
  prescribed,
  prescriptionDeclined,
  pricedOf,
  voided,
} from './testing/cast.js';
import { commands } from './testing/commands.js';
import { day, given, lastOf, on, type Story } from './testing/given.js';
import type { Terms } from './terms.js';

const { determine, correct } = commands;

/** Prescribed on the 10th of April, with the first score on the day before. */
const BASELINE = [
  ...IN_CONTACT,
  ...on('2026-04-09', assessed('low')),
  ...PAID_BY_OUTCOME.slice(IN_CONTACT.length),
];
const eventOf = (facts: readonly ReferralFact[], nth: number) =>
  facts.filter(({ type }) => type === 'AssessmentRecorded').at(nth)!.id;
const first = (story: Story) => eventOf(story.facts, 0);
const last = (story: Story) => eventOf(story.facts, -1);
const scoredOn = (happened: string, name: string) => given(BASELINE, on(happened, assessed(name)));

describe('an outcome', () => {
  test.each([
    ['high', 'a rise of two points, just enough', true],
    ['higher', 'of five', true],
    ['middle', 'of a hundredth less than two', false],
  ])('is measured by two scores: %s, %s', (name, _, met) => {
    const story = scoredOn('2026-05-09', name);
    story
      .when(determine('low', name), day('2026-05-10'))
      .then(outcome(first(story), last(story), met));
  });

  test('may be a fall', () => {
    const fall = change('fall');
    const story = paidBy(fall, 'higher', 'high');
    story
      .when(determine('higher', 'high'), day('2026-06-01'))
      .then(outcome(first(story), last(story), true));
    const rise = paidBy(fall, 'high', 'higher');
    rise
      .when(determine('high', 'higher'), day('2026-06-01'))
      .then(outcome(first(rise), last(rise), false));
  });

  test('is the measured one, whatever is said', () => {
    const story = scoredOn('2026-05-09', 'high');
    const said = (met: boolean) => story.when(determine('low', 'high', { met }), day('2026-05-10'));
    said(true).then(outcome(first(story), last(story), true));
    said(false).thenRefused('met-is-measured', 'met');
  });

  test('is said where the terms measure nothing', () => {
    const story = paidBy(unmeasured('wellbeing'), 'low', 'middle');
    const said = (more: { met?: boolean }) =>
      story.when(determine('low', 'middle', more), day('2026-06-01'));
    said({}).thenRefused('met-needed', 'met');
    for (const met of [true, false]) {
      said({ met }).then(outcome(first(story), last(story), met));
    }
  });

  test('is the one the terms name; of several it must be said which', () => {
    const two = { components: [...BY_OUTCOME.components, ...unmeasured('work').components] };
    const story = paidBy(two, 'low', 'high');
    const named = (component?: string) =>
      story.when(
        determine('low', 'high', { met: true, ...(component && { component }) }),
        day('2026-06-01'),
      );
    named().thenRefused('no-such-outcome', 'component');
    named('sleep').thenRefused('no-such-outcome', 'component');
    named('place').thenRefused('no-such-outcome', 'component');
    named('work').then(outcome(first(story), last(story), true, 'work'));
    named('wellbeing').then(outcome(first(story), last(story), true));
  });

  test('is not of a free service, nor of one that pays for none', () => {
    const pair = [...on('2026-04-12', assessed('low')), ...on('2026-05-09', assessed('high'))];
    given(PRESCRIBED, pair)
      .when(determine('low', 'high', { met: true }), day('2026-06-01'))
      .thenRefused('no-such-outcome', 'prescription');
    given(IN_CONTACT, pair)
      .when(determine('low', 'high'), day('2026-06-01'))
      .thenRefused('no-such-prescription', 'prescription');
  });

  test('is determined by the anchor alone, on a day that has been', () => {
    const story = scoredOn('2026-05-09', 'high');
    const it = determine('low', 'high');
    for (const by of [STRANGER, PROVIDER]) {
      story.when(it, day('2026-05-10', { by })).thenRefused('not-your-referral');
    }
    story.when(it, day('2026-05-11', { told: '2026-05-10' })).thenRefused('in-the-future');
    story
      .when(it, day('2026-05-08', { told: '2026-05-10' }))
      .thenRefused('before-the-follow-up', 'at');
    story.when(it, day('2026-05-09')).then(outcome(first(story), last(story), true));
  });
});

describe('a change is between two', () => {
  test('recorded assessments of this referral, that stand', () => {
    const story = scoredOn('2026-05-09', 'high');
    const it = (baseline: string, followUp: string) =>
      story.when(determine(baseline, followUp), day('2026-06-01'));
    it('middle', 'high').thenRefused('unpaired', 'baseline');
    it('low', 'middle').thenRefused('unpaired', 'followUp');
    it('low', 'low').thenRefused('unpaired', 'followUp');
    it('high', 'low').thenRefused('unpaired', 'followUp');
    const assessment = lastOf(story.facts, 'AssessmentRecorded');
    story
      .when(correct(assessment), day('2026-05-20'))
      .then(voided(assessment.id))
      .when(determine('low', 'high'), day('2026-06-01'))
      .thenRefused('unpaired', 'followUp');
  });

  test('days', () => {
    given(BASELINE, on('2026-04-09', assessed('high')))
      .when(determine('low', 'high'), day('2026-06-01'))
      .thenRefused('unpaired', 'followUp');
  });

  test('scores by one instrument, the one that the terms name', () => {
    const anxiety = [...on('2026-04-12', assessed('anxiety'))];
    const both = given(BASELINE, anxiety, on('2026-05-09', assessed('less-anxiety')));
    both
      .when(determine('low', 'less-anxiety'), day('2026-06-01'))
      .thenRefused('other-instrument', 'followUp');
    both
      .when(determine('anxiety', 'less-anxiety'), day('2026-06-01'))
      .thenRefused('other-instrument', 'followUp');
  });

  test('scores: where an item is missing there is none', () => {
    scoredOn('2026-05-09', 'incomplete')
      .when(determine('low', 'incomplete'), day('2026-06-01'))
      .thenRefused('no-score', 'followUp');
    const begun = [
      ...IN_CONTACT,
      ...on('2026-04-09', assessed('incomplete')),
      ...BASELINE.slice(IN_CONTACT.length + 1),
    ];
    given(begun, on('2026-05-09', assessed('high')))
      .when(determine('incomplete', 'high'), day('2026-06-01'))
      .thenRefused('no-score', 'baseline');
  });
});

describe('the window', () => {
  // Ninety days from the 10th of April.
  test.each([
    ['2026-04-10', true],
    ['2026-07-09', true],
    ['2026-07-10', false],
  ])('holds the follow-up of %s: %s', (happened, within) => {
    const story = scoredOn(happened, 'high');
    const decided = story.when(determine('low', 'high'), day('2026-08-01'));
    if (within) decided.then(outcome(first(story), last(story), true));
    else decided.thenRefused('outside-the-window', 'followUp');
  });

  test('begins with the prescription: what was better before is not its outcome', () => {
    const before = [
      ...IN_CONTACT,
      ...on('2026-04-08', assessed('low')),
      ...on('2026-04-09', assessed('high')),
      ...BASELINE.slice(IN_CONTACT.length + 1),
    ];
    given(before)
      .when(determine('low', 'high'), day('2026-06-01'))
      .thenRefused('outside-the-window', 'followUp');
  });

  test('that lapsed does not refuse what was scored within it and told late', () => {
    const lapsed = on('2026-07-09', {
      type: 'OutcomeLapsed',
      data: {
        prescription: lastOf(BASELINE, 'Prescribed').data.prescription,
        component: 'wellbeing' as Slug,
        windowEnd: day('2026-07-09').on,
      },
    });
    const story = given(BASELINE, on('2026-07-01', assessed('high')), lapsed);
    story
      .when(determine('low', 'high'), day('2026-08-01'))
      .then(outcome(first(story), last(story), true));
  });
});

describe('what was determined', () => {
  test('as met is met; the same or another follow-up is refused', () => {
    const story = scoredOn('2026-05-09', 'high');
    const met = story
      .when(determine('low', 'high'), day('2026-05-10'))
      .then(outcome(first(story), last(story), true));
    met.when(determine('low', 'high'), day('2026-05-11')).thenRefused('met-already');
    given(met.facts, on('2026-05-12', assessed('higher')))
      .when(determine('low', 'higher'), day('2026-05-12'))
      .thenRefused('met-already', 'prescription');
  });

  test('as not met may be met at a later follow-up, and not at the same', () => {
    const story = scoredOn('2026-05-09', 'middle');
    const not = story
      .when(determine('low', 'middle'), day('2026-05-10'))
      .then(outcome(first(story), last(story), false));
    not.when(determine('low', 'middle'), day('2026-05-11')).thenNothing();
    const later = given(not.facts, on('2026-05-12', assessed('high')));
    later
      .when(determine('low', 'high'), day('2026-05-12'))
      .then(outcome(first(later), last(later), true));
    const between = given(
      BASELINE,
      on('2026-04-20', assessed('high')),
      on('2026-05-09', assessed('middle')),
    );
    between
      .when(determine('low', 'middle'), day('2026-05-10'))
      .then(outcome(first(between), last(between), false))
      .when(determine('high', 'middle'), day('2026-05-10'))
      .thenRefused('determined-already', 'followUp');
  });
});

describe('after the end', () => {
  test.each([
    ['completed', completed(), true],
    ['dropped out of, which it survives', droppedOut(), true],
    ['cancelled', cancelled(), false],
    ['declined', prescriptionDeclined(), false],
  ])('of one that was %s', (_, end, may) => {
    const story = given(BASELINE, on('2026-05-01', end), on('2026-05-09', assessed('high')));
    const decided = story.when(determine('low', 'high'), day('2026-05-10'));
    if (may) decided.then(outcome(first(story), last(story), true));
    else decided.thenRefused('outcome-ended', 'prescription');
  });

  test('what was so by then is told late', () => {
    const story = given(
      BASELINE,
      on('2026-05-09', assessed('high')),
      on('2026-05-20', cancelled()),
    );
    story
      .when(determine('low', 'high'), day('2026-05-20', { told: '2026-06-01' }))
      .then(outcome(first(story), last(story), true));
    story
      .when(determine('low', 'high'), day('2026-05-21', { told: '2026-06-01' }))
      .thenRefused('outcome-ended');
  });

  test('of the referral it is still determined', () => {
    const end = on('2026-05-20', completed(), closed());
    const story = given(BASELINE, on('2026-05-09', assessed('high')), end);
    story
      .when(determine('low', 'high'), day('2026-06-01'))
      .then(outcome(first(story), last(story), true));
  });
});

function change(better: 'rise' | 'fall'): Terms {
  return {
    components: BY_OUTCOME.components.map((component) =>
      component.trigger === 'outcome-met' && component.outcome
        ? { ...component, outcome: { ...component.outcome, change: better } }
        : component,
    ),
  };
}

function unmeasured(component: string): Terms {
  return {
    components: [{ component: component as Slug, trigger: 'outcome-met', amount: 5_000n }],
  };
}

/** Prescribed under these terms, with one score the day before and one a month after. */
function paidBy(terms: Terms, baseline: string, followUp: string): Story {
  return given(
    IN_CONTACT,
    on('2026-04-09', assessed(baseline)),
    on('2026-04-10', prescribed({ plannedSessions: 4, priced: pricedOf(terms, 4) })),
    on('2026-05-09', assessed(followUp)),
  );
}
