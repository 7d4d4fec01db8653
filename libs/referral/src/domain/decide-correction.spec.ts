import { describe, expect, test } from '@jest/globals';
import type { CivilDate } from '#kernel';
import { revives, type CorrectionWanted } from './decide-correction.js';
import type { ReferralEvent, ReferralFact } from './events.js';
import type { Component } from './terms.js';
import {
  ACCEPTED,
  CLOSED,
  COMPLETED,
  DECLINED,
  IN_CONTACT,
  PAID_BY_OUTCOME,
  PRESCRIBED,
} from './testing/beginnings.js';
import {
  BY_OUTCOME,
  ASKED,
  OTHER_PROVIDER,
  PLOT,
  PLOT_OFFER,
  PROVIDER,
  STRANGER,
  WALK,
  amended,
  assessed,
  assessmentDeclined,
  attempted,
  attended,
  cancelled,
  closed,
  completed,
  contact,
  droppedOut,
  evidenceAdded,
  firstContact,
  followedUp,
  missed,
  offerRefused,
  offered,
  outcome,
  planned,
  prescribed,
  pricedOf,
  prescriptionDeclined,
  reopened,
  voided,
  walkPrescribed,
} from './testing/cast.js';
import { commands } from './testing/commands.js';
import { date, day, given, lastOf, on, type Story } from './testing/given.js';

const { correct, attend, miss, complete, contact: recordContact, prescribe } = commands;

type Type = ReferralFact['type'];
const voiding = (story: Story, type: Type) => correct(lastOf(story.facts, type));
const amending = (
  story: Story,
  type: Type,
  values: NonNullable<Parameters<typeof correct>[1]>['amended'],
) => correct(lastOf(story.facts, type), { kind: 'amend', amended: values });

/** The story goes on with the void of the last fact of a type. */
function afterVoid(story: Story, type: Type, at = '2026-06-01'): Story {
  const { id } = lastOf(story.facts, type);
  return story.when(voiding(story, type), day(at)).then(voided(id));
}

const HELD = [...PRESCRIBED, ...on('2026-04-17', attended('s1', 1))];
const MISSED = [...PRESCRIBED, ...on('2026-04-17', missed('s1', 1, 'not-acceptable'))];

describe('a void', () => {
  test.each<[string, readonly ReferralFact[], Type]>([
    ['a session held', HELD, 'Attended'],
    ['a session missed', MISSED, 'Missed'],
    ['a first contact', IN_CONTACT, 'FirstContactMade'],
    ['a contact', [...IN_CONTACT, ...on('2026-04-09', contact())], 'ContactMade'],
    ['an attempt', [...ACCEPTED, ...on('2026-04-09', attempted())], 'ContactAttempted'],
    ['a follow-up', [...IN_CONTACT, ...on('2026-05-09', followedUp())], 'FollowedUp'],
    ['an assessment', [...IN_CONTACT, ...on('2026-04-09', assessed('low'))], 'AssessmentRecorded'],
    [
      'a declined one',
      [...IN_CONTACT, ...on('2026-04-09', assessmentDeclined())],
      'AssessmentDeclined',
    ],
    ['a completion', COMPLETED, 'PrescriptionCompleted'],
    ['a cancellation', [...PRESCRIBED, ...on('2026-04-12', cancelled())], 'PrescriptionCancelled'],
    [
      'a declined prescription',
      [...PRESCRIBED, ...on('2026-04-12', prescriptionDeclined())],
      'PrescriptionDeclined',
    ],
    ['a drop-out', [...PRESCRIBED, ...on('2026-04-12', droppedOut(PLOT))], 'DroppedOut'],
    ['a drop-out from all', [...PRESCRIBED, ...on('2026-04-12', droppedOut())], 'DroppedOut'],
  ])('may be of %s, and of that void', (_, history, type) => {
    const story = given(history);
    const undone = afterVoid(afterVoid(story, type), 'EntryCorrected', '2026-06-02');
    expect(undone.state).toEqual({
      ...story.state,
      corrections: undone.state?.corrections,
      lastFactOn: '2026-06-02',
    });
  });

  test.each<[string, readonly ReferralFact[], Type]>([
    ['the referral', IN_CONTACT, 'Referred'],
    ['its acceptance', IN_CONTACT, 'ReferralAccepted'],
    ['who it is with', IN_CONTACT, 'LinkWorkerAssigned'],
    ['a plan', [...ACCEPTED, ...on('2026-04-03', planned('2026-04-09'))], 'ContactPlanned'],
    ['an offer', [...IN_CONTACT, ...on('2026-04-09', offered())], 'Offered'],
    ['a prescription', PRESCRIBED, 'Prescribed'],
    ['the end', CLOSED, 'ReferralClosed'],
    [
      'a further register',
      [...HELD, ...on('2026-04-18', evidenceAdded('s1', 'missed'))],
      'SessionEvidenceAdded',
    ],
  ])('is not of %s', (_, history, type) => {
    const story = given(history);
    story.when(voiding(story, type), day('2026-06-01')).thenRefused('not-correctable', 'corrects');
  });

  test('amends nothing', () => {
    const story = given(HELD);
    const both = correct(lastOf(HELD, 'Attended'), { kind: 'void', amended: { number: 2 } });
    story.when(both, day('2026-06-01')).thenRefused('void-amends-nothing', 'number');
  });

  test('is possible whatever became of the referral', () => {
    for (const history of [
      CLOSED,
      [...CLOSED, ...on('2026-06-01', reopened())],
      [...IN_CONTACT, ...on('2026-04-20', attempted()), ...on('2026-04-21', closed())],
      [...DECLINED.slice(0, 1), ...on('2026-04-02', firstContact()), ...DECLINED.slice(1)],
    ]) {
      const story = given(history);
      const { facts } = story;
      const first = facts.find(({ type }) => type.endsWith('FirstContactMade')) as ReferralFact;
      story.when(correct(first), day('2026-06-10')).then(voided(first.id));
    }
  });

  test('comes from the anchor, not before the referral, not from the future', () => {
    const story = given(HELD);
    const it = voiding(story, 'Attended');
    story.when(it, day('2026-06-01', { by: STRANGER })).thenRefused('not-your-referral');
    story.when(it, day('2026-03-31', { told: '2026-06-01' })).thenRefused('before-the-referral');
    story.when(it, day('2026-06-02', { told: '2026-06-01' })).thenRefused('in-the-future', 'at');
  });
});

describe('a provider', () => {
  test('corrects the sessions that it recorded itself, where it held them', () => {
    const own = given(PRESCRIBED)
      .when(attend('s1'), day('2026-04-17', { by: PROVIDER }))
      .then(attended('s1', 1));
    const { id } = lastOf(own.facts, 'Attended');
    const it = voiding(own, 'Attended');
    own.when(it, day('2026-04-18', { by: PROVIDER })).then(voided(id));
    own.when(it, day('2026-04-18', { by: OTHER_PROVIDER })).thenRefused('not-your-referral');
    own.when(it, day('2026-04-18')).then(voided(id));
  });

  test('and nothing else', () => {
    for (const [history, type] of [
      [HELD, 'Attended'],
      [COMPLETED, 'PrescriptionCompleted'],
      [IN_CONTACT, 'FirstContactMade'],
    ] as const) {
      const story = given(history);
      story
        .when(voiding(story, type), day('2026-06-01', { by: PROVIDER }))
        .thenRefused('not-your-referral', 'actor.organisation');
    }
  });
});

describe('a fact is corrected once', () => {
  test('the same again is nothing new', () => {
    const story = afterVoid(given(HELD), 'Attended');
    story.when(voiding(story, 'Attended'), day('2026-06-05')).thenNothing();
    const other = given(HELD);
    const values = { number: 3, on: date('2026-04-18') };
    const { id } = lastOf(HELD, 'Attended');
    other
      .when(amending(other, 'Attended', values), day('2026-06-01'))
      .then(amended(id, values))
      .when(amending(other, 'Attended', { on: values.on, number: 3 }), day('2026-06-05'))
      .thenNothing();
  });

  test('another is refused, and names the one that stands', () => {
    const story = afterVoid(given(HELD), 'Attended');
    const { id } = lastOf(story.facts, 'EntryCorrected');
    const decision = amending(story, 'Attended', { number: 2 })(story.state, day('2026-06-05'));
    expect(decision).toMatchObject({ code: 'corrected-already', data: { correction: id } });
    const first = given(HELD);
    const values = { number: 2 };
    first
      .when(amending(first, 'Attended', values), day('2026-06-01'))
      .then(amended(lastOf(HELD, 'Attended').id, values))
      .when(voiding(first, 'Attended'), day('2026-06-02'))
      .thenRefused('corrected-already', 'corrects')
      .when(amending(first, 'Attended', { number: 3 }), day('2026-06-02'))
      .thenRefused('corrected-already', 'corrects');
  });

  test('what is sealed cannot be told to be the same', () => {
    const referred = lastOf(HELD, 'Referred');
    const rename = correct(referred, { kind: 'amend', protectedData: { name: 'Ada Exemplar' } });
    const renamed: ReferralEvent = {
      type: 'EntryCorrected',
      data: { ...ASKED, corrects: referred.id, kind: 'amend' },
      protectedData: { name: 'Ada Exemplar' },
    };
    given(HELD)
      .when(rename, day('2026-06-01'))
      .then(renamed)
      .when(rename, day('2026-06-02'))
      .thenRefused('corrected-already');
  });

  test('unless that correction was voided; then not both', () => {
    const story = afterVoid(afterVoid(given(HELD), 'Attended'), 'EntryCorrected', '2026-06-02');
    const again = afterVoid(story, 'Attended', '2026-06-03');
    const [, second] = again.facts.filter(({ type }) => type === 'EntryCorrected');
    // A void of the void of the void would bring the first void back beside the third.
    again.when(correct(second!), day('2026-06-04')).thenRefused('corrected-since', 'corrects');
  });
});

describe('an amendment', () => {
  test.each<[Type, readonly ReferralFact[], object]>([
    ['Attended', HELD, { on: '2026-04-18', number: 3, late: true, mode: 'in-person' }],
    ['Missed', MISSED, { on: '2026-04-18', number: 3, class: 'acceptable' }],
    ['FirstContactMade', IN_CONTACT, { on: '2026-04-07', mode: 'visit', minutes: 45 }],
    ['FollowedUp', [...IN_CONTACT, ...on('2026-05-09', followedUp())], { reached: false }],
  ])('of %s says what it was', (type, history, values) => {
    const story = given(history);
    const { id } = lastOf(history, type);
    story.when(amending(story, type, values), day('2026-06-01')).then(amended(id, values));
  });

  test.each<[string, Type, readonly ReferralFact[], object]>([
    ['class', 'Attended', HELD, { class: 'acceptable' }],
    ['late', 'Missed', MISSED, { late: true }],
    ['number', 'FirstContactMade', IN_CONTACT, { number: 2 }],
    ['reached', 'ContactMade', [...IN_CONTACT, ...on('2026-04-09', contact())], { reached: false }],
    ['met', 'Missed', MISSED, { met: true }],
    [
      'on',
      'DroppedOut',
      [...PRESCRIBED, ...on('2026-04-12', droppedOut(PLOT))],
      { on: '2026-04-11' },
    ],
  ])('has no %s where %s has none', (field, type, history, values) => {
    const story = given(history);
    story
      .when(amending(story, type, values), day('2026-06-01'))
      .thenRefused('no-such-value', field);
  });

  test('of an end or of a correction is refused: they are voided', () => {
    const values = { on: '2026-05-19' as CivilDate };
    const story = given(COMPLETED);
    story
      .when(amending(story, 'PrescriptionCompleted', values), day('2026-06-01'))
      .thenRefused('not-correctable', 'corrects');
    const other = afterVoid(story, 'Attended');
    other
      .when(amending(other, 'EntryCorrected', values), day('2026-06-02'))
      .thenRefused('not-correctable', 'corrects');
    const note = { kind: 'amend', protectedData: { note: 'x' } } as const;
    other
      .when(correct(lastOf(other.facts, 'EntryCorrected'), note), day('2026-06-02'))
      .thenRefused('not-correctable', 'corrects');
  });

  test('of what is sealed is possible in any fact that has it, and only there', () => {
    const why = { kind: 'amend', protectedData: { reason: 'moved' } } as const;
    const refused = [...IN_CONTACT, ...on('2026-04-09', offered(), offerRefused())];
    for (const type of ['ReferralAccepted', 'OfferRefused'] as const) {
      const it = lastOf(refused, type);
      given(refused)
        .when(correct(it, why), day('2026-06-01'))
        .then({
          type: 'EntryCorrected',
          data: { ...ASKED, corrects: it.id, kind: 'amend' },
          protectedData: { reason: 'moved' },
        });
    }
    const story = given(HELD);
    story
      .when(correct(lastOf(HELD, 'Attended'), why), day('2026-06-01'))
      .thenRefused('no-such-value', 'reason');
    story
      .when(correct(lastOf(HELD, 'LinkWorkerAssigned'), why), day('2026-06-01'))
      .thenRefused('not-correctable', 'corrects');
  });

  test('that changes nothing is refused', () => {
    const story = given(HELD);
    for (const values of [{}, { number: 1 }, { on: date('2026-04-17'), number: 1 }]) {
      story
        .when(amending(story, 'Attended', values), day('2026-06-01'))
        .thenRefused('nothing-amended');
    }
  });

  test('keeps to modes that the fact can have', () => {
    const story = given(HELD);
    story
      .when(amending(story, 'Attended', { mode: 'visit' }), day('2026-06-01'))
      .thenRefused('wrong-field', 'mode');
    story
      .when(amending(story, 'FirstContactMade', { mode: 'in-person' }), day('2026-06-01'))
      .thenRefused('wrong-field', 'mode');
  });

  test('keeps to days that the fact can have', () => {
    const story = given(COMPLETED);
    const session = (happened: string) =>
      story.when(amending(story, 'Attended', { on: date(happened) }), day('2026-06-01'));
    session('2026-04-10').then(
      amended(lastOf(COMPLETED, 'Attended').id, { on: date('2026-04-10') }),
    );
    session('2026-05-20').then(
      amended(lastOf(COMPLETED, 'Attended').id, { on: date('2026-05-20') }),
    );
    session('2026-04-09').thenRefused('before-the-prescription', 'on');
    session('2026-05-21').thenRefused('after-the-end', 'on');
    session('2026-03-31').thenRefused('before-the-referral', 'on');
    session('2026-06-02').thenRefused('in-the-future', 'on');
    const ended = given(CLOSED, on('2026-06-25', followedUp()));
    const told = (type: Type, happened: string) =>
      ended.when(amending(ended, type, { on: date(happened) }), day('2026-07-01'));
    told('FirstContactMade', '2026-05-26').thenRefused('after-the-end', 'on');
    told('FollowedUp', '2026-05-26').then(
      amended(lastOf(ended.facts, 'FollowedUp').id, { on: date('2026-05-26') }),
    );
  });

  test('keeps to a number that is free', () => {
    const story = given(HELD, on('2026-04-24', attended('s2', 2)));
    const number = (wanted: number) =>
      story.when(amending(story, 'Attended', { number: wanted }), day('2026-06-01'));
    number(1).thenRefused('number-taken', 'number');
    number(3).then(amended(lastOf(story.facts, 'Attended').id, { number: 3 }));
  });

  test('of why a session was missed may free its number, or need it', () => {
    const off = on('2026-04-17', missed('s1', 1, 'provider-logistics'));
    const story = given(PRESCRIBED, off, on('2026-04-24', attended('s2', 1)));
    story
      .when(amending(story, 'Missed', { class: 'acceptable' }), day('2026-06-01'))
      .thenRefused('number-taken', 'number');
    const other = given(MISSED);
    const values = { class: 'provider-logistics' } as const;
    other
      .when(amending(other, 'Missed', values), day('2026-06-01'))
      .then(amended(lastOf(MISSED, 'Missed').id, values))
      .when(attend('s2', { insteadOf: 's1' }), day('2026-06-02'))
      .then(attended('s2', 1, { insteadOf: 's1' }));
  });
});

describe('a session that was voided', () => {
  test('may be recorded again, as it was', () => {
    afterVoid(given(HELD), 'Attended')
      .when(miss('s1', 'acceptable'), day('2026-04-17', { told: '2026-06-02' }))
      .then(missed('s1', 1, 'acceptable'));
  });

  test('does not come back beside its new record, nor beside one that took its number', () => {
    for (const [session, code] of [
      ['s1', 'session-recorded'],
      ['s2', 'number-taken'],
    ] as const) {
      const story = afterVoid(given(HELD), 'Attended')
        .when(miss(session), day('2026-06-02'))
        .then(missed(session, 1));
      story.when(voiding(story, 'EntryCorrected'), day('2026-06-03')).thenRefused(code);
    }
  });

  test('does not come back after a prescription that ended before it', () => {
    const story = afterVoid(given(HELD), 'Attended')
      .when(complete(), day('2026-04-16', { told: '2026-06-02' }))
      .then(completed());
    story
      .when(voiding(story, 'EntryCorrected'), day('2026-06-03'))
      .thenRefused('after-the-end', 'on');
  });

  test('was not called off while another stands in its place', () => {
    const off = on('2026-04-17', missed('off', 1, 'provider-logistics'));
    const story = given(PRESCRIBED, off, on('2026-04-24', attended('s1', 1, { insteadOf: 'off' })));
    story.when(voiding(story, 'Missed'), day('2026-06-01')).thenRefused('held-instead');
    const both = afterVoid(afterVoid(story, 'Attended'), 'Missed', '2026-06-02');
    const [first] = both.facts.filter(({ type }) => type === 'EntryCorrected');
    both.when(correct(first!), day('2026-06-03')).thenRefused('held-instead');
  });

  test('has one session in its place, whichever comes back', () => {
    const off = on('2026-04-17', missed('off', 1, 'provider-logistics'));
    const story = given(PRESCRIBED, off, on('2026-04-24', attended('s1', 1, { insteadOf: 'off' })));
    const other = afterVoid(story, 'Attended')
      .when(attend('s2'), day('2026-06-01'))
      .then(attended('s2', 1))
      .when(attend('s3', { insteadOf: 'off' }), day('2026-06-02'))
      .then(attended('s3', 2, { insteadOf: 'off' }));
    const [first] = other.facts.filter(({ type }) => type === 'EntryCorrected');
    other.when(correct(first!), day('2026-06-03')).thenRefused('number-taken');
    const second = other.facts.filter(({ type }) => type === 'Attended')[1]!;
    other
      .when(correct(second), day('2026-06-04'))
      .then(voided(second.id))
      .when(correct(first!), day('2026-06-05'))
      .thenRefused('replaced-already');
  });
});

describe('an end that was voided', () => {
  test('has never been: the prescription goes on, with sessions and another end', () => {
    afterVoid(given(COMPLETED), 'PrescriptionCompleted')
      .when(attend('s2'), day('2026-06-02'))
      .then(attended('s2', 2))
      .when(complete(), day('2026-06-03'))
      .then(completed());
  });

  test('leaves the end that was recorded after it', () => {
    const all = on('2026-05-22', droppedOut());
    const story = given(COMPLETED, on('2026-05-21', walkPrescribed()), all);
    const undone = afterVoid(story, 'PrescriptionCompleted');
    expect(undone.state?.prescriptions).toMatchObject([
      { prescription: PLOT, status: 'dropped-out', endedOn: '2026-05-22' },
      { prescription: WALK, status: 'dropped-out' },
    ]);
    const back = afterVoid(undone, 'EntryCorrected', '2026-06-02');
    expect(back.state?.prescriptions).toMatchObject([{ status: 'completed' }, {}]);
  });

  test('stays where what would end it then was before its sessions', () => {
    const walking = on('2026-04-11', walkPrescribed());
    const backdated = on('2026-04-15', droppedOut());
    const story = given(COMPLETED, walking, backdated);
    story
      .when(voiding(story, 'PrescriptionCompleted'), day('2026-06-01'))
      .thenRefused('after-the-end', 'on');
  });

  test('stays where what would end it then was before it began', () => {
    const backdated = on('2026-04-08', droppedOut());
    const story = given(PRESCRIBED, on('2026-04-10', completed()), backdated);
    story
      .when(voiding(story, 'PrescriptionCompleted'), day('2026-06-01'))
      .thenRefused('before-the-prescription', 'corrects');
  });

  test('does not come back over a session held since, or a further end', () => {
    const open = afterVoid(given(COMPLETED), 'PrescriptionCompleted');
    const [correction] = open.facts.filter(({ type }) => type === 'EntryCorrected');
    open
      .when(attend('s2'), day('2026-06-02'))
      .then(attended('s2', 2))
      .when(correct(correction!), day('2026-06-03'))
      .thenRefused('after-the-end', 'on');
    open
      .when(complete(), day('2026-05-19', { told: '2026-06-02' }))
      .then(completed())
      .when(correct(correction!), day('2026-06-03'))
      .thenRefused('ended-since');
  });

  test('does not come back once another prescription continues it', () => {
    const open = afterVoid(given(COMPLETED), 'PrescriptionCompleted');
    const [correction] = open.facts.filter(({ type }) => type === 'EntryCorrected');
    open
      .when(prescribe({ prescription: WALK, continues: PLOT }), day('2026-06-02'))
      .then(prescribed({ prescription: WALK, continues: PLOT }))
      .when(correct(correction!), day('2026-06-03'))
      .thenRefused('ended-since');
  });

  test('was no answer to an offer that was answered since', () => {
    const taken = [
      ...IN_CONTACT,
      ...on('2026-04-09', offered()),
      ...on('2026-04-10', prescribed({ offer: PLOT_OFFER })),
      ...on('2026-04-11', cancelled()),
    ];
    for (const answer of [
      offerRefused(),
      prescribed({ prescription: WALK, offer: PLOT_OFFER }),
    ] as const) {
      const story = given(taken, on('2026-04-12', answer));
      story
        .when(voiding(story, 'PrescriptionCancelled'), day('2026-06-01'))
        .thenRefused('offer-answered');
    }
  });

  test('of a closed referral too: it ends again on a day before the close', () => {
    afterVoid(given(CLOSED), 'PrescriptionCompleted')
      .when(complete(), day('2026-05-24', { told: '2026-06-02' }))
      .then(completed())
      .when(commands.close(), day('2026-06-03'))
      .thenRefused('referral-closed');
  });

  test('makes its prescription live again, which is what money asks about', () => {
    const story = given(COMPLETED);
    const open = afterVoid(story, 'PrescriptionCompleted');
    expect(revives(story.state, open.state)).toEqual([PLOT]);
    expect(revives(open.state, story.state)).toEqual([]);
    expect(revives(story.state, story.state)).toEqual([]);
    expect(revives(null, open.state)).toEqual([]);
    const session = afterVoid(story, 'Attended');
    expect(revives(story.state, session.state)).toEqual([]);
  });
});

describe('answers that were taken down wrongly', () => {
  const asked = (instrument: string, scoring = 1): readonly ReferralFact[] => {
    const { data, ...event } = assessed('low');
    const of = { ...data, instrument, scoring };
    return [...IN_CONTACT, ...on('2026-04-09', { ...event, data: of } as ReferralEvent)];
  };
  const anew = (facts: readonly ReferralFact[], results: CorrectionWanted['results'] & {}) => {
    const fact = lastOf(facts, 'AssessmentRecorded');
    return given(facts).when(correct(fact, { kind: 'amend', results }), day('2026-06-01'));
  };
  const amendment = (facts: readonly ReferralFact[], protectedData: object): ReferralEvent => ({
    type: 'EntryCorrected',
    data: { ...ASKED, corrects: lastOf(facts, 'AssessmentRecorded').id, kind: 'amend' },
    protectedData,
  });

  test('are scored by the rule of their instrument', () => {
    const gad = asked('gad-7');
    const answers = [3, 3, 3, 0, 0, 0, 1];
    anew(gad, { answers }).then(
      amendment(gad, { answers, raw: 10, scoreHundredths: 1_000, band: 'moderate' }),
    );
    anew(gad, { answers: [1, null] }).then(
      amendment(gad, { answers: [1, null, null, null, null, null, null] }),
    );
    const pam = asked('pam');
    anew(pam, { scoreHundredths: 5_100 }).then(amendment(pam, { scoreHundredths: 5_100 }));
  });

  test('about harm raise a concern', () => {
    const phq = asked('phq-9');
    const { id } = lastOf(phq, 'AssessmentRecorded');
    const answers = [0, 0, 0, 0, 0, 0, 0, 0, 1];
    anew(phq, { answers }).then(
      amendment(phq, { answers, raw: 1, scoreHundredths: 100, band: 'minimal' }),
      {
        type: 'ConcernRaised',
        data: { source: 'assessment', because: id },
        protectedData: { code: 'phq-9-item-9' },
      },
    );
  });

  test.each([
    ['gad-7', { answers: [4] }, 'answer-out-of-range', 'answers.0'],
    ['gad-7', { answers: [null] }, 'no-answers', 'answers'],
    ['gad-7', { scoreHundredths: 300 }, 'scored-here', 'score'],
    ['pam', { answers: [1] }, 'items-not-known', 'answers'],
  ] as const)(
    'of %s are refused as when they are recorded: %j',
    (instrument, results, code, at) => {
      anew(asked(instrument), results).thenRefused(code, at);
    },
  );

  test('are not scored by a rule that came after theirs', () => {
    anew(asked('gad-7', 2), { answers: [1] }).thenRefused('scored-by-another-rule', 'corrects');
  });

  test('are of an assessment, and amend no void', () => {
    const story = given(IN_CONTACT);
    const contact = lastOf(IN_CONTACT, 'FirstContactMade');
    const results = { answers: [1], scoreHundredths: 100 };
    for (const [one, field] of [
      [{ answers: [1] }, 'answers'],
      [{ scoreHundredths: 100 }, 'score'],
      [{ band: 'mild' }, 'band'],
    ] as const) {
      story
        .when(correct(contact, { kind: 'amend', results: one }), day('2026-06-01'))
        .thenRefused('no-such-value', field);
    }
    const gad = asked('gad-7');
    given(gad)
      .when(
        correct(lastOf(gad, 'AssessmentRecorded'), { kind: 'void', results }),
        day('2026-06-01'),
      )
      .thenRefused('void-amends-nothing');
  });
});

describe('a first contact', () => {
  test('that was voided makes way for another; it does not come back beside that', () => {
    const story = afterVoid(given(IN_CONTACT), 'FirstContactMade', '2026-04-20')
      .when(recordContact(), day('2026-04-21'))
      .then(firstContact('2026-05-21'));
    story
      .when(voiding(story, 'EntryCorrected'), day('2026-04-22'))
      .thenRefused('first-contact-recorded');
  });

  test('leaves the next contact to be the first, where one was recorded', () => {
    const story = afterVoid(given(IN_CONTACT, on('2026-04-10', contact())), 'FirstContactMade');
    expect(story.state?.firstContactOn).toBe('2026-04-10');
    story.when(recordContact(), day('2026-06-02')).then(contact());
  });
});

function withoutMeasure(component: Component): Component {
  if (component.trigger !== 'outcome-met') return component;
  const { outcome: _measure, ...rest } = component;
  return rest;
}

describe('an outcome', () => {
  const scored = [
    ...on('2026-04-09', assessed('low')),
    ...PAID_BY_OUTCOME,
    ...on('2026-05-09', assessed('high')),
  ].sort((a, b) => a.metadata.occurredOn.localeCompare(b.metadata.occurredOn));
  const [low, high] = scored.filter(({ type }) => type === 'AssessmentRecorded');
  const met = outcome(low!.id, high!.id, true);
  const MET = [...scored, ...on('2026-05-10', met)];

  test('rests on its assessments: they are corrected after it', () => {
    const story = given(MET);
    for (const it of [low!, high!]) {
      const earlier = { kind: 'amend', amended: { on: date('2026-04-08') } } as const;
      story.when(correct(it), day('2026-06-01')).thenRefused('outcome-rests-on-it', 'corrects');
      story.when(correct(it, earlier), day('2026-06-01')).thenRefused('outcome-rests-on-it');
      const anew = { kind: 'amend', results: { answers: [5] } } as const;
      story.when(correct(it, anew), day('2026-06-01')).thenRefused('outcome-rests-on-it');
      const mode = { kind: 'amend', amended: { mode: 'phone' } } as const;
      story.when(correct(it, mode), day('2026-06-01')).then(amended(it.id, { mode: 'phone' }));
    }
    const without = afterVoid(story, 'OutcomeDetermined');
    const gone = without.when(correct(high!), day('2026-06-02')).then(voided(high!.id));
    const [first] = gone.facts.filter(({ type }) => type === 'EntryCorrected');
    gone.when(correct(first!), day('2026-06-03')).thenRefused('outcome-rests-on-it');
  });

  test('that two scores say is not amended: a score is, and it is determined again', () => {
    const story = given(MET);
    story
      .when(amending(story, 'OutcomeDetermined', { met: false }), day('2026-06-01'))
      .thenRefused('met-is-measured', 'met');
  });

  test('that somebody said may be amended, and is met once', () => {
    const said = { components: BY_OUTCOME.components.map(withoutMeasure) };
    const history = MET.map((fact) =>
      fact.type === 'Prescribed'
        ? { ...fact, data: { ...fact.data, priced: pricedOf(said, 4) } }
        : fact,
    );
    const { id } = lastOf(history, 'OutcomeDetermined');
    const story = given(history);
    const no = story
      .when(amending(story, 'OutcomeDetermined', { met: false }), day('2026-06-01'))
      .then(amended(id, { met: false }));
    expect(no.state?.prescriptions[0]?.outcomes).toMatchObject([{ met: false }]);
    const again = given(no.facts, on('2026-06-02', met));
    again.when(voiding(again, 'EntryCorrected'), day('2026-06-03')).thenRefused('met-already');
  });

  test('that was met since keeps an end from coming back which it does not survive', () => {
    for (const [end, code] of [
      [cancelled(), 'outcome-determined-since'],
      [droppedOut(PLOT), undefined],
    ] as const) {
      const open = afterVoid(given(scored, on('2026-05-09', end)), end.type, '2026-05-10');
      const held = given(open.facts, on('2026-05-11', met));
      const back = held.when(voiding(held, 'EntryCorrected'), day('2026-06-01'));
      if (code !== undefined) back.thenRefused(code);
      else back.then(voided(lastOf(held.facts, 'EntryCorrected').id));
    }
  });
});
