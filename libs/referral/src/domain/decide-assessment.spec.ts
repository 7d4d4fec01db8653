import { describe, expect, test } from '@jest/globals';
import { CLOSED, IN_CONTACT, RECEIVED } from './testing/beginnings.js';
import { deriveId, type EventId } from '#kernel';
import { recordAssessment } from './decide.js';
import { SPRING, STRANGER, attempted, voided } from './testing/cast.js';
import { day, given, lastOf, on, type Decide } from './testing/given.js';
import { assessmentId, commandsUnder } from './testing/under.js';
import type { ReferralEvent, ReferralEventOf } from './events.js';

const { assess, declineAssessment } = commandsUnder(SPRING);
const TODAY = day('2026-06-01');
type Data = ReferralEventOf<'AssessmentRecorded'>;
const recorded = (
  instrument: string,
  protectedData: NonNullable<Data['protectedData']>,
  more: Partial<Data['data']> = {},
): ReferralEvent => ({
  type: 'AssessmentRecorded',
  data: {
    ...{ assessment: assessmentId('first'), instrument: instrument as never, scoring: 1 },
    ...{ purpose: 'baseline', mode: 'visit', explainedToPerson: true, ...more },
  },
  protectedData,
});

describe('an assessment', () => {
  test('is scored here where the rule is known', () => {
    const answers = [3, 3, 2, 3, 3, 3, 3];
    given(IN_CONTACT)
      .when(assess('swemwbs', answers), TODAY)
      .then(recorded('swemwbs', { answers, raw: 20, scoreHundredths: 1859 }));
  });

  test('with an item left out keeps the answers and has no score', () => {
    given(IN_CONTACT)
      .when(assess('gad-7', [1, null, 3, 0, 0, 0, 1]), TODAY)
      .then(recorded('gad-7', { answers: [1, null, 3, 0, 0, 0, 1] }));
    given(IN_CONTACT)
      .when(assess('gad-7', [1, 2, 3]), TODAY)
      .then(recorded('gad-7', { answers: [1, 2, 3, null, null, null, null] }));
  });

  test('of ONS4 is four answers and no sum', () => {
    given(IN_CONTACT)
      .when(assess('ons4', [7, 8, 6, 2]), TODAY)
      .then(recorded('ons4', { answers: [7, 8, 6, 2] }));
  });

  test('that is not scored here is kept as it was given', () => {
    given(IN_CONTACT)
      .when(assess('pam', undefined, { score: 5630, band: '3' }), TODAY)
      .then(recorded('pam', { scoreHundredths: 5630, band: '3' }));
    given(IN_CONTACT)
      .when(assess('ucla-3', undefined, { score: 600 }), TODAY)
      .then(recorded('ucla-3', { scoreHundredths: 600 }));
  });

  test.each([
    ['swemwbs', [3, 3, 2, 3, 3, 3, 6], {}, 'answer-out-of-range', 'answers.6'],
    ['phq-9', [4], {}, 'answer-out-of-range', 'answers.0'],
    ['phq-9', Array<number>(10).fill(0), {}, 'too-many-answers', 'answers'],
    ['phq-9', [], {}, 'no-answers', 'answers'],
    ['phq-9', [null, null], {}, 'no-answers', 'answers'],
    ['phq-9', undefined, {}, 'no-answers', 'answers'],
    ['phq-9', [0], { score: 100 }, 'scored-here', 'score'],
    ['phq-9', [0], { band: 'mild' }, 'scored-here', 'band'],
    ['pam', [1, 2], {}, 'items-not-known', 'answers'],
    ['pam', undefined, {}, 'score-needed', 'score'],
  ])('%s with %j and %j is refused: %s', (instrument, answers, more, code, field) => {
    given(IN_CONTACT)
      .when(assess(instrument, answers, more), TODAY)
      .thenRefused(code, field);
  });

  test('out of range names the item and the range', () => {
    const refusal = assess('swemwbs', [3, 0])(given(IN_CONTACT).state, TODAY);
    expect(refusal).toMatchObject({
      message: 'Item 2 of swemwbs is answered from 1 to 5.',
      data: { item: 2, min: 1, max: 5 },
    });
  });

  test('is recorded once, and another one beside it', () => {
    const answers = [0, 0, 0, 0, 0, 0, 0];
    const scored = { answers, raw: 0, scoreHundredths: 0, band: 'minimal' };
    const story = given(IN_CONTACT)
      .when(assess('gad-7', answers), TODAY)
      .then(recorded('gad-7', scored))
      .when(assess('gad-7', answers), TODAY)
      .thenRefused('already-recorded', 'assessment')
      .when(assess('gad-7', answers, { id: 'second', purpose: 'review' }), TODAY)
      .then(recorded('gad-7', scored, { assessment: assessmentId('second'), purpose: 'review' }));
    expect(story.state?.assessments).toHaveLength(2);
  });

  test('may come after the end, never before the referral nor from a stranger', () => {
    const after = assess('ons4', [7, 8, 6, 2])(given(CLOSED).state, day('2026-11-01'));
    expect(after).toHaveLength(1);
    given(RECEIVED)
      .when(assess('ons4', [7, 8, 6, 2]), day('2026-03-31', { told: '2026-06-01' }))
      .thenRefused('before-the-referral', 'at');
    given(RECEIVED)
      .when(assess('ons4', [7, 8, 6, 2]), day('2026-06-01', { by: STRANGER }))
      .thenRefused('not-your-referral');
  });
});

describe('the conversation it was taken in', () => {
  const take =
    (contact: EventId): Decide =>
    (state, moment) =>
      recordAssessment(
        state,
        { ...recorded('pam', {}).data, contact } as never,
        { band: '3' },
        () => SPRING,
        moment,
      );

  test('is one of this referral that reached the person, and stands', () => {
    const facts = [...IN_CONTACT, ...on('2026-04-20', attempted())];
    const first = lastOf(facts, 'FirstContactMade');
    const attempt = lastOf(facts, 'ContactAttempted');
    given(facts)
      .when(take(first.id), TODAY)
      .then(recorded('pam', { band: '3' }, { contact: first.id }));
    for (const none of [attempt.id, deriveId<'event'>('unheard of')]) {
      given(facts).when(take(none), TODAY).thenRefused('no-such-contact', 'contact');
    }
    given(facts, on('2026-04-21', voided(first.id)))
      .when(take(first.id), TODAY)
      .thenRefused('no-such-contact');
  });
});

describe('item 9 of PHQ-9', () => {
  const concern: ReferralEvent = {
    type: 'ConcernRaised',
    data: { source: 'assessment' },
    protectedData: { code: 'phq-9-item-9' },
  };

  test('above 0 raises a concern in the same decision', () => {
    const answers = [0, 0, 0, 0, 0, 0, 0, 0, 1];
    const story = given(IN_CONTACT)
      .when(assess('phq-9', answers), TODAY)
      .then(recorded('phq-9', { answers, raw: 1, scoreHundredths: 100, band: 'minimal' }), concern);
    expect(story.state?.concerns).toBe(1);
  });

  test('does so when other items are missing, and is silent at 0 or left out', () => {
    const typesOf = (answers: readonly (number | null)[]) => {
      const decision = assess('phq-9', answers)(given(IN_CONTACT).state, TODAY);
      return (decision as readonly ReferralEvent[]).map(({ type }) => type);
    };
    expect(typesOf([null, null, null, null, null, null, null, null, 2])).toEqual([
      'AssessmentRecorded',
      'ConcernRaised',
    ]);
    expect(typesOf([3, 3, 3, 3, 3, 3, 3, 3, 0])).toEqual(['AssessmentRecorded']);
    expect(typesOf([3, 3, 3, 3, 3, 3, 3, 3, null])).toEqual(['AssessmentRecorded']);
    expect(typesOf([3])).toEqual(['AssessmentRecorded']);
  });
});

test('to decline is a fact of its own', () => {
  const declined: ReferralEvent = {
    type: 'AssessmentDeclined',
    data: { instrument: 'gad-7' as never, purpose: 'baseline' },
    protectedData: {},
  };
  const { state } = given(IN_CONTACT).when(declineAssessment('gad-7'), TODAY).then(declined);
  expect(state?.assessmentsDeclined).toMatchObject([{ instrument: 'gad-7', on: '2026-06-01' }]);
});

test('where nobody is scored, nothing is recorded nor declined', () => {
  const unscored = commandsUnder({ ...SPRING, assessments: 'not-used' });
  const story = given(IN_CONTACT);
  story.when(unscored.assess('gad-7', [0]), TODAY).thenRefused('assessments-not-used');
  story
    .when(unscored.assess('pam', undefined, { score: 1 }), TODAY)
    .thenRefused('assessments-not-used');
  story.when(unscored.declineAssessment('gad-7'), TODAY).thenRefused('assessments-not-used');
});
