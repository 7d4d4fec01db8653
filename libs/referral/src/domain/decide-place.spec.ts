import { describe, expect, test } from '@jest/globals';
import { deriveId, type Actor, type EventId, type Moment, type Slug } from '#kernel';
import { closeQuiet, lapseOutcome, lapsePlace, mayOverride, offerPlace } from './decide-place.js';
import { prescribe, type Placing } from './decide-prescription.js';
import type { ReferralEvent } from './events.js';
import { PRESCRIBED } from './testing/beginnings.js';
import {
  ALLOTMENTS,
  GARDENING,
  LINK_WORKER,
  NORTH,
  PLOT,
  STRANGER,
  WALK,
  attended,
  cancelled,
  closed,
  completed,
  contact,
  droppedOut,
  missed,
  prescribed,
  walkPrescribed,
} from './testing/cast.js';
import { day, given, on, type Decide } from './testing/given.js';
import {
  HOPEFUL,
  OFFERED,
  READY,
  WAITING,
  outcomeLapsed,
  placeLapsed,
  placeOffered,
  schemeOf,
  waitlisted,
} from './testing/waiting.js';

const ANCHOR: Actor = { id: 'manager-2', role: 'anchor', organisation: NORTH };

const offerThe =
  (prescription = PLOT): Decide =>
  (state, moment) =>
    offerPlace(state, { prescription }, {}, schemeOf, moment);
const lapseThe =
  (prescription = PLOT): Decide =>
  (state, moment) =>
    lapsePlace(state, { prescription }, moment);
const lapse =
  (component?: string): Decide =>
  (state, moment) =>
    lapseOutcome(
      state,
      { prescription: PLOT, ...(component && { component: component as Slug }) },
      moment,
    );
const quiet: Decide = (state, moment) => closeQuiet(state, schemeOf, moment);
const prescribeWith =
  (placing?: Placing): Decide =>
  (state, moment) =>
    prescribe(
      state,
      {
        prescription: PLOT,
        levelOfSupport: 'supported-introduction',
        listed: { service: GARDENING, provider: ALLOTMENTS, directoryVersion: 0 },
        placing,
      },
      schemeOf,
      moment,
    );
/** What holds on this day, and is learned on that one. */
const learned = (happened: string, told: string): Moment => day(happened, { told });

describe('prescribing where all places are taken', () => {
  test('puts the person on the waiting list in the same breath', () => {
    const story = given(READY)
      .when(prescribeWith({ waitlisted: true }), day('2026-04-10'))
      .then(prescribed(), waitlisted());
    expect(story.state?.prescriptions).toMatchObject([{ status: 'waitlisted' }]);
  });

  test('goes past them where the anchor says why', () => {
    const override = { by: 'anchor' as Slug };
    const past: ReferralEvent = prescribed({ override });
    given(READY)
      .when(
        prescribeWith({ waitlisted: false, override, overrideReason: 'she lives next door' }),
        day('2026-04-10', { by: ANCHOR }),
      )
      .then({ ...past, protectedData: { overrideReason: 'she lives next door' } } as ReferralEvent);
  });

  test('is for the anchor alone to override', () => {
    expect(mayOverride(day('2026-04-10', { by: ANCHOR }))).toBeNull();
    expect(mayOverride(day('2026-04-10', { by: LINK_WORKER }))).toMatchObject({
      code: 'not-yours-to-override',
      field: 'override',
    });
  });
});

describe('offering a place', () => {
  test('to who waits: it is kept for as long as the scheme says', () => {
    const story = given(WAITING)
      .when(offerThe(), day('2026-05-04'))
      .then(placeOffered('2026-05-18'));
    expect(story.state?.prescriptions).toMatchObject([{ status: 'placed' }]);
  });

  test('the first session takes it up, a missed one does not', () => {
    expect(given(OFFERED, on('2026-05-11', missed('s1', 1))).state?.prescriptions).toMatchObject([
      { status: 'placed' },
    ]);
    expect(given(OFFERED, on('2026-05-11', attended('s1', 1))).state?.prescriptions).toMatchObject([
      { status: 'active' },
    ]);
  });

  test('for as long as it takes, where the scheme sets no end', () => {
    given(PRESCRIBED.slice(0, -1), on('2026-04-10', prescribed(), waitlisted()))
      .when(offerThe(), day('2026-05-04'))
      .then(placeOffered());
  });

  test('again is nothing new; to who waits for none it is refused', () => {
    given(OFFERED).when(offerThe(), day('2026-05-05')).thenNothing();
    given(PRESCRIBED).when(offerThe(), day('2026-05-05')).thenRefused('not-waiting');
    given(WAITING, on('2026-04-20', cancelled()))
      .when(offerThe(), day('2026-05-05'))
      .thenRefused('not-waiting', 'prescription');
    given(WAITING)
      .when(offerThe(WALK), day('2026-05-05'))
      .thenRefused('no-such-prescription', 'prescription');
  });

  test('is the anchor’s, and not of a day before the prescription', () => {
    given(WAITING)
      .when(offerThe(), day('2026-05-04', { by: STRANGER }))
      .thenRefused('not-your-referral');
    given(WAITING)
      .when(offerThe(), day('2026-04-09', { told: '2026-05-04' }))
      .thenRefused('before-the-prescription', 'at');
  });
});

describe('an offered place that nobody took up', () => {
  test('lapses when its last day is over, and not on that day', () => {
    given(OFFERED).when(lapseThe(), day('2026-05-18')).thenRefused('not-over-yet', 'at');
    const story = given(OFFERED)
      .when(lapseThe(), learned('2026-05-18', '2026-05-19'))
      .then(placeLapsed());
    expect(story.state?.prescriptions).toMatchObject([{ status: 'lapsed', endedOn: '2026-05-18' }]);
  });

  test('lapses of its last day or later, not of an earlier one', () => {
    given(OFFERED)
      .when(lapseThe(), learned('2026-05-17', '2026-05-19'))
      .thenRefused('not-over-yet', 'at');
    given(OFFERED).when(lapseThe(), day('2026-05-30')).then(placeLapsed());
  });

  test('again is nothing new', () => {
    given(OFFERED)
      .when(lapseThe(), learned('2026-05-18', '2026-05-19'))
      .then(placeLapsed())
      .when(lapseThe(), learned('2026-05-18', '2026-05-20'))
      .thenNothing()
      .when(lapseThe(), day('2026-05-20'))
      .thenRefused('no-place-to-lapse', 'prescription');
  });

  test('does not lapse once it was taken up, nor before it was offered', () => {
    given(OFFERED, on('2026-05-11', attended('s1', 1)))
      .when(lapseThe(), day('2026-05-30'))
      .thenRefused('no-place-to-lapse', 'prescription');
    given(WAITING)
      .when(lapseThe(), day('2026-05-30'))
      .thenRefused('no-place-to-lapse', 'prescription');
  });

  test('is kept for ever where the scheme sets no end', () => {
    given(WAITING, on('2026-05-04', placeOffered()))
      .when(lapseThe(), day('2027-05-30'))
      .thenRefused('place-without-end', 'prescription');
  });

  // A person who missed the first session after the last day had been heard of.
  test('lapses no earlier than the last session that was missed', () => {
    const late = given(OFFERED, on('2026-05-20', missed('s1', 1)));
    late.when(lapseThe(), learned('2026-05-18', '2026-05-22')).thenRefused('not-over-yet', 'at');
    late.when(lapseThe(), learned('2026-05-20', '2026-05-21')).then(placeLapsed());
  });
});

describe('an outcome whose window ended', () => {
  const met: ReferralEvent = {
    type: 'OutcomeDetermined',
    data: {
      ...{ prescription: PLOT, component: 'confidence' as Slug, instrument: 'swemwbs' as Slug },
      baseline: deriveId<'event'>('before'),
      followUp: deriveId<'event'>('after'),
      ...{ met: true, agreement: 'allotments-2026' as Slug, version: 1 },
    },
  };
  const notMet = { ...met, data: { ...met.data, met: false } } as ReferralEvent;
  const voided = (corrects: EventId): ReferralEvent => ({
    type: 'EntryCorrected',
    data: { corrects, kind: 'void', reasonCode: 'not-evidenced', requestedBy: NORTH },
  });

  test('lapses when its last day is over, with the window’s end', () => {
    given(HOPEFUL)
      .when(lapse('confidence'), day('2026-05-10'))
      .thenRefused('not-over-yet', 'at')
      .when(lapse('confidence'), learned('2026-05-10', '2026-05-11'))
      .then(outcomeLapsed('confidence', '2026-05-10'))
      .when(lapse('wellbeing'), day('2026-07-10'))
      .then(outcomeLapsed('wellbeing', '2026-07-09'));
  });

  test('lapses once, and not when it was met', () => {
    given(HOPEFUL, on('2026-05-11', outcomeLapsed('confidence', '2026-05-10')))
      .when(lapse('confidence'), day('2026-06-01'))
      .thenNothing();
    given(HOPEFUL, on('2026-05-01', met))
      .when(lapse('confidence'), day('2026-06-01'))
      .thenNothing();
    given(HOPEFUL, on('2026-05-01', notMet))
      .when(lapse('confidence'), day('2026-06-01'))
      .then(outcomeLapsed('confidence', '2026-05-10'));
  });

  test('lapses after all when it turns out not to have been met', () => {
    const facts = on('2026-05-01', met);
    const [first] = facts;
    if (first === undefined) throw new Error('It was met');
    given(HOPEFUL, facts, on('2026-06-01', voided(first.id)))
      .when(lapse('confidence'), day('2026-06-02'))
      .then(outcomeLapsed('confidence', '2026-05-10'));
  });

  test('is open after completion, and after an end only where the terms say so', () => {
    given(HOPEFUL, on('2026-04-20', completed()))
      .when(lapse('wellbeing'), day('2026-07-10'))
      .then(outcomeLapsed('wellbeing', '2026-07-09'));
    const gone = given(HOPEFUL, on('2026-04-20', droppedOut(PLOT)));
    gone.when(lapse('wellbeing'), day('2026-07-10')).thenRefused('outcome-ended', 'prescription');
    gone
      .when(lapse('confidence'), day('2026-07-10'))
      .then(outcomeLapsed('confidence', '2026-05-10'));
  });

  test('lapses after the referral was closed too', () => {
    given(HOPEFUL, on('2026-04-20', completed()), on('2026-04-21', closed()))
      .when(lapse('wellbeing'), day('2026-07-10'))
      .then(outcomeLapsed('wellbeing', '2026-07-09'))
      .when(lapse('confidence'), day('2026-07-10', { by: STRANGER }))
      .thenRefused('not-your-referral');
  });

  test('must be named where there are several, and be one', () => {
    given(HOPEFUL).when(lapse(), day('2026-07-10')).thenRefused('no-such-outcome', 'component');
    given(HOPEFUL)
      .when(lapse('walking'), day('2026-07-10'))
      .thenRefused('no-such-outcome', 'component');
    given(PRESCRIBED)
      .when(lapse(), day('2026-07-10'))
      .thenRefused('no-such-outcome', 'prescription');
  });
});

describe('a referral that has been quiet', () => {
  test('is closed when the last day of the scheme’s wait is over', () => {
    given(READY)
      .when(quiet, day('2026-06-01'))
      .thenRefused('not-over-yet', 'at')
      .when(quiet, learned('2026-06-01', '2026-06-02'))
      .then(closed());
  });

  test('every fact begins the wait anew, also one that was told late', () => {
    given(READY, on('2026-05-01', contact()))
      .when(quiet, learned('2026-06-01', '2026-06-02'))
      .thenRefused('not-over-yet')
      .when(quiet, learned('2026-06-30', '2026-07-01'))
      .then(closed());
  });

  test('is not closed while anything is live, nor under a scheme that waits for ever', () => {
    given(WAITING).when(quiet, day('2027-06-02')).thenRefused('not-quiet');
    given(READY, on('2026-04-10', walkPrescribed()))
      .when(quiet, day('2027-06-02'))
      .thenRefused('not-quiet');
    given(PRESCRIBED, on('2026-04-20', cancelled()))
      .when(quiet, day('2027-06-02'))
      .thenRefused('not-quiet');
  });

  test('is not closed twice', () => {
    given(READY, on('2026-05-01', closed()))
      .when(quiet, day('2026-08-02'))
      .thenRefused('referral-closed');
  });
});
