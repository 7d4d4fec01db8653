import { describe, expect, test } from '@jest/globals';
import { present, type CivilDate } from '#kernel';
import type { ReferralEvent, ReferralFact } from './events.js';
import { evolve } from './evolve.js';
import { initialState, isLive, queriesOf, statusOf, type Referral } from './state.js';
import {
  ACCEPTED,
  CLOSED,
  COMPLETED,
  DECLINED,
  IN_CONTACT,
  PRESCRIBED,
  PRICED,
  RECEIVED,
} from './testing/beginnings.js';
import {
  BY_SESSION,
  JO,
  NORTH,
  PERSON,
  PLOT,
  PLOT_OFFER,
  SAM,
  WALK,
  abandoned,
  accepted,
  amended,
  assessmentDeclined,
  assigned,
  attempted,
  attended,
  cancelled,
  closed,
  completed,
  consented,
  contact,
  declined,
  droppedOut,
  evidenceAdded,
  firstContact,
  followedUp,
  missed,
  offerId,
  offerRefused,
  offered,
  planned,
  prescribed,
  pricedOf,
  received,
  sessionId,
  voided,
  walkPrescribed,
} from './testing/cast.js';
import { fold, lastOf, on } from './testing/given.js';

function after(...history: readonly (readonly ReferralFact[])[]): Referral {
  return present(fold(history.flat()), 'the story begins with a referral');
}

describe('the status of a referral', () => {
  const LIVE = on('2026-04-10', prescribed());

  test.each([
    ['received', RECEIVED],
    ['received', [...RECEIVED, ...on('2026-04-02', firstContact())]],
    ['accepted', ACCEPTED],
    ['accepted', [...ACCEPTED, ...on('2026-04-03', attempted())]],
    ['in-contact', IN_CONTACT],
    ['supported', PRESCRIBED],
    ['supported', [...ACCEPTED, ...LIVE]],
    ['accepted', [...ACCEPTED, ...LIVE, ...on('2026-04-11', cancelled())]],
    ['in-contact', COMPLETED],
    ['in-contact', [...PRESCRIBED, ...on('2026-04-11', droppedOut())]],
    ['supported', [...PRESCRIBED, ...on('2026-04-12', walkPrescribed(), completed())]],
    ['in-contact', [...IN_CONTACT, ...on('2026-04-11', abandoned())]],
    ['declined', DECLINED],
    ['declined', [...IN_CONTACT, ...on('2026-04-11', declined('provider'))]],
    ['closed', CLOSED],
    ['closed', [...RECEIVED, ...on('2026-04-02', closed())]],
  ])('is %s', (status, history) => {
    expect(statusOf(after(history))).toBe(status);
  });
});

describe('what a referral is', () => {
  test('begins with what it was received with', () => {
    expect(after(RECEIVED)).toEqual({
      person: PERSON,
      anchor: NORTH,
      area: NORTH,
      scheme: { name: 'spring', version: 1 },
      receivedOn: '2026-04-01',
      firstContactDueOn: '2026-04-11',
      acceptedBy: [],
      consent: [],
      contacts: 0,
      minutes: 0,
      concerns: 0,
      contactEntries: [],
      assessmentEntries: [],
      assessments: [],
      declinedEntries: [],
      assessmentsDeclined: [],
      offers: [],
      prescriptions: [],
      abandoned: [],
      ends: [],
      feedback: [],
      corrections: [],
      lastFactOn: '2026-04-01',
    });
  });

  test('is received once: a second time changes nothing', () => {
    expect(after(IN_CONTACT, on('2026-05-01', received({ area: SAM })))).toEqual(after(IN_CONTACT));
  });

  test('is nothing before that', () => {
    expect(fold(on('2026-04-02', accepted(), firstContact(), prescribed(), closed()))).toBe(
      initialState,
    );
  });

  test('is with whoever was assigned last, and knows who accepted it', () => {
    expect(after(ACCEPTED).linkWorker).toBe(JO);
    expect(after(ACCEPTED, on('2026-04-03', assigned(SAM))).linkWorker).toBe(SAM);
    const all = on('2026-04-03', accepted('anchor'), accepted('provider'));
    expect(after(ACCEPTED, all).acceptedBy).toEqual(['person', 'anchor', 'provider']);
  });

  test('has each scope of consent once', () => {
    const twice = on('2026-04-03', consented('share', 'research'), consented('research', 'call'));
    expect(after(ACCEPTED, twice).consent).toEqual(['share', 'research', 'call']);
  });
});

describe('contact and effort', () => {
  test('add up: attempts cost minutes, contacts and follow-ups that reached count', () => {
    const state = after(
      IN_CONTACT, // 20 minutes
      on('2026-04-10', attempted(5)),
      on('2026-04-12', contact()), // 20
      on('2026-05-08', followedUp({ reached: false })), // 10
      on('2026-05-09', followedUp()), // 10
    );
    expect(state).toMatchObject({
      contacts: 3,
      minutes: 65,
      firstContactOn: '2026-04-08',
      lastContactOn: '2026-05-09',
    });
  });

  test('the last contact is the latest day, not the last one told', () => {
    expect(after(IN_CONTACT, on('2026-04-03', contact())).lastContactOn).toBe('2026-04-08');
  });

  test('a plan is replaced by the next one', () => {
    const state = after(ACCEPTED, on('2026-04-03', planned('2026-04-12'), planned('2026-04-09')));
    expect(state.plannedContact).toEqual({ on: '2026-04-09', mode: 'visit' });
  });

  test.each([
    ['2026-04-11', contact(), false],
    ['2026-04-12', contact(), true],
    ['2026-04-13', contact(), true],
    ['2026-04-12', firstContact(), true],
    ['2026-04-12', followedUp(), true],
    ['2026-04-12', followedUp({ reached: false }), false],
    ['2026-04-12', attempted(), false],
  ])('planned for the 12th: on %s, %j does it: %s', (happened, event, done) => {
    const state = after(ACCEPTED, on('2026-04-03', planned('2026-04-12')), on(happened, event));
    expect(state.plannedContact === undefined).toBe(done);
  });

  test('the follow-up clock runs from contact to contact', () => {
    const monthly = on('2026-05-08', followedUp({ followUpDueOn: '2026-06-08' }));
    expect(after(IN_CONTACT).followUpDueOn).toBe('2026-05-08');
    expect(after(IN_CONTACT, monthly).followUpDueOn).toBe('2026-06-08');
    // One that sets no next one stops it: the last window of the scheme, say.
    expect(after(IN_CONTACT, on('2026-08-01', followedUp())).followUpDueOn).toBeUndefined();
  });

  // A follow-up told late once made the next one overdue.
  test('and is not set back by a follow-up of an earlier day', () => {
    const june = on('2026-06-08', followedUp({ followUpDueOn: '2026-07-08' }));
    const may = on('2026-05-08', followedUp({ followUpDueOn: '2026-06-08' }));
    expect(after(IN_CONTACT, june, may).followUpDueOn).toBe('2026-07-08');
  });
});

describe('offers', () => {
  const offerOf = (...events: readonly ReferralEvent[]) =>
    after(IN_CONTACT, on('2026-04-09', offered(), ...events)).offers.map(({ answer }) => answer);

  test('are open, refused, or taken up', () => {
    expect(offerOf()).toEqual([undefined]);
    expect(offerOf(offerRefused())).toEqual(['refused']);
    expect(offerOf(offerRefused(), prescribed({ offer: PLOT_OFFER }))).toEqual(['prescribed']);
  });

  test('of a cancelled prescription are open again, and only those', () => {
    const taken = prescribed({ offer: PLOT_OFFER });
    expect(offerOf(taken, cancelled())).toEqual([undefined]);
    expect(offerOf(taken, completed())).toEqual(['prescribed']);
    expect(offerOf(taken, droppedOut(PLOT))).toEqual(['prescribed']);
    expect(offerOf(taken, walkPrescribed(), cancelled(WALK))).toEqual(['prescribed']);
    expect(offerOf(offered(offerId('b')), offerRefused(offerId('b')), taken, cancelled())).toEqual([
      undefined,
      'refused',
    ]);
  });

  test('what is not offered cannot be answered', () => {
    expect(offerOf(offerRefused(offerId('unheard-of')))).toEqual([undefined]);
  });
});

describe('prescriptions', () => {
  test('carry what they may cost, and their sessions', () => {
    const held = [
      ...on('2026-04-17', attended('s1', 1)),
      ...on('2026-04-24', missed('off', 2, 'provider-logistics')),
      ...on('2026-05-01', attended('s2', 2, { insteadOf: 'off' })),
    ];
    const ids = held.map(({ id }) => id);
    const state = after(PRICED, held);
    const sessions = [
      { event: ids[0], session: sessionId('s1'), number: 1, on: '2026-04-17', outcome: 'attended' },
      {
        ...{ event: ids[1], session: sessionId('off'), number: 2, on: '2026-04-24' },
        outcome: 'provider-logistics',
      },
      {
        ...{ event: ids[2], session: sessionId('s2'), number: 2, on: '2026-05-01' },
        outcome: 'attended',
        insteadOf: sessionId('off'),
      },
    ];
    expect(state.prescriptions).toEqual([
      {
        prescription: PLOT,
        service: 'gardening',
        provider: 'hill-allotments',
        plannedSessions: 4,
        priced: pricedOf(BY_SESSION, 4),
        prescribedOn: '2026-04-10',
        levelOfSupport: 'supported-introduction',
        status: 'active',
        recorded: sessions,
        sessions,
        ...{ evidence: [], determined: [], outcomes: [], lapsed: [], repriced: [] },
      },
    ]);
  });

  test.each([
    ['completed', completed()],
    ['cancelled', cancelled()],
    ['dropped-out', droppedOut(PLOT)],
    ['dropped-out', droppedOut()],
  ])('end once: %s', (status, event) => {
    const state = after(PRESCRIBED, on('2026-05-20', event), on('2026-05-21', completed()));
    expect(state.prescriptions).toMatchObject([{ status, endedOn: '2026-05-20' }]);
    expect(state.prescriptions.filter(isLive)).toEqual([]);
  });

  test('take a session in after their end', () => {
    const state = after(COMPLETED, on('2026-05-13', attended('late', 2)));
    expect(state.prescriptions[0]?.sessions).toHaveLength(2);
    expect(statusOf(state)).toBe('in-contact');
  });

  test('that were abandoned are known by id', () => {
    expect(after(IN_CONTACT, on('2026-04-10', abandoned())).abandoned).toMatchObject([
      { prescription: PLOT },
    ]);
  });

  test('a drop-out from everything is remembered; the referral stays open', () => {
    const state = after(PRESCRIBED, on('2026-05-20', droppedOut()));
    expect(state.droppedOutOn).toBe('2026-05-20');
    expect(state.endedOn).toBeUndefined();
    expect(after(PRESCRIBED, on('2026-05-20', droppedOut(PLOT))).droppedOutOn).toBeUndefined();
  });
});

describe('corrections', () => {
  const correcting = (history: readonly ReferralFact[], ...events: readonly ReferralEvent[]) =>
    after(history, ...events.map((event, day) => on(`2026-06-0${day + 1}`, event)));
  const correctionOn = (day: string, event: ReferralEvent) => on(day, event)[0]!.id;

  const HELD = [...PRESCRIBED, ...on('2026-04-17', attended('s1', 1))];
  const session = lastOf(HELD, 'Attended').id;

  test('a voided session was none; a void of that void brings it back, and so on', () => {
    const sessions = (...events: readonly ReferralEvent[]) =>
      correcting(HELD, ...events).prescriptions[0]?.sessions.length;
    const first = correctionOn('2026-06-01', voided(session));
    const second = correctionOn('2026-06-02', voided(first));
    expect(sessions()).toBe(1);
    expect(sessions(voided(session))).toBe(0);
    expect(sessions(voided(session), voided(first))).toBe(1);
    expect(sessions(voided(session), voided(first), voided(second))).toBe(0);
  });

  test('an amended session was on its other day and place; voided, as it was recorded', () => {
    const values = { on: '2026-04-18' as CivilDate, number: 2 };
    const amendment = amended(session, values);
    const first = correctionOn('2026-06-01', amendment);
    expect(correcting(HELD, amendment).prescriptions[0]?.sessions).toMatchObject([values]);
    expect(correcting(HELD, amendment, voided(first)).prescriptions[0]?.sessions).toMatchObject([
      { on: '2026-04-17', number: 1 },
    ]);
  });

  test('a prescription whose end is voided goes on', () => {
    const end = lastOf(COMPLETED, 'PrescriptionCompleted').id;
    const state = correcting(COMPLETED, voided(end));
    expect(state.prescriptions).toMatchObject([{ status: 'active' }]);
    expect(state.prescriptions[0]?.endedOn).toBeUndefined();
    expect(statusOf(state)).toBe('supported');
  });

  test('what was contact and effort is counted anew', () => {
    const history = [
      ...IN_CONTACT,
      ...on('2026-04-10', contact()),
      ...on('2026-05-08', followedUp({ followUpDueOn: '2026-06-08' })),
    ];
    const first = lastOf(history, 'FirstContactMade').id;
    const asked = lastOf(history, 'FollowedUp').id;
    expect(correcting(history, voided(first))).toMatchObject({
      ...{ firstContactOn: '2026-04-10', contacts: 2, minutes: 30 },
    });
    const nobody = correcting(history, amended(asked, { reached: false, minutes: 2 }));
    expect(nobody).toMatchObject({ lastContactOn: '2026-04-10', contacts: 2, minutes: 42 });
    expect(correcting(history, voided(asked)).followUpDueOn).toBe('2026-05-08');
  });

  test('the follow-up clock moves with the day of the first contact', () => {
    const first = lastOf(IN_CONTACT, 'FirstContactMade').id;
    const earlier = amended(first, { on: '2026-04-05' as CivilDate });
    const correction = correctionOn('2026-06-01', earlier);
    expect(correcting(IN_CONTACT, earlier).followUpDueOn).toBe('2026-05-05');
    expect(correcting(IN_CONTACT, amended(first, { minutes: 5 })).followUpDueOn).toBe('2026-05-08');
    expect(correcting(IN_CONTACT, earlier, voided(correction)).followUpDueOn).toBe('2026-05-08');
  });

  // The windows of a scheme are counted from the first contact, whenever a follow-up was made.
  test('but not with the day of a follow-up', () => {
    const history = [
      ...IN_CONTACT,
      ...on('2026-05-08', followedUp({ followUpDueOn: '2026-10-08' })),
    ];
    const { id } = lastOf(history, 'FollowedUp');
    const earlier = amended(id, { on: '2026-05-06' as CivilDate });
    expect(correcting(history, earlier).followUpDueOn).toBe('2026-10-08');
  });

  // Nothing was ever due any more.
  test('a first contact that was none leaves the clock to the conversation that then is', () => {
    const talked = [...IN_CONTACT, ...on('2026-04-10', contact()), ...on('2026-04-20', contact())];
    const none = voided(lastOf(talked, 'FirstContactMade').id);
    expect(correcting(talked, none).followUpDueOn).toBe('2026-05-10');
    expect(correcting(IN_CONTACT, none).followUpDueOn).toBeUndefined();
    const begunAnew = [...talked.slice(0, -2), ...on('2026-06-01', none)];
    const second = on('2026-06-02', firstContact('2026-07-02'));
    expect(after(begunAnew, second).followUpDueOn).toBe('2026-07-02');
    expect(after(begunAnew, on('2026-06-02', firstContact())).followUpDueOn).toBeUndefined();
    const asked = [...talked, ...on('2026-05-01', followedUp({ followUpDueOn: '2026-06-01' }))];
    expect(correcting(asked, none).followUpDueOn).toBe('2026-06-01');
  });

  test('a declined assessment that was not declined is asked for again', () => {
    const history = [...IN_CONTACT, ...on('2026-04-09', assessmentDeclined())];
    const { id } = lastOf(history, 'AssessmentDeclined');
    expect(after(history).assessmentsDeclined).toMatchObject([{ instrument: 'swemwbs' }]);
    expect(correcting(history, voided(id)).assessmentsDeclined).toEqual([]);
    const day = { on: '2026-04-08' as CivilDate };
    expect(correcting(history, amended(id, day)).assessmentsDeclined).toMatchObject([day]);
  });
});

describe('a further register', () => {
  const HELD = [...PRESCRIBED, ...on('2026-04-17', attended('s1', 1))];
  const queries = (...history: readonly (readonly ReferralFact[])[]) =>
    after(HELD, ...history).prescriptions.flatMap(queriesOf);

  test('opens a query where it says otherwise, until the record is corrected', () => {
    const agrees = on('2026-04-18', evidenceAdded('s1', 'attended'));
    const differs = on('2026-04-18', evidenceAdded('s1', 'missed'));
    expect(queries(agrees)).toEqual([]);
    expect(queries(agrees, differs)).toEqual([sessionId('s1')]);
    const right = [
      ...on('2026-04-20', voided(lastOf(HELD, 'Attended').id)),
      ...on('2026-04-17', missed('s1', 1)),
    ];
    expect(queries(differs, right)).toEqual([]);
    expect(queries(agrees, right)).toEqual([sessionId('s1')]);
  });
});

describe('a fact of a newer version', () => {
  test('changes nothing here', () => {
    const metadata = RECEIVED[0]?.metadata;
    const newer = { type: 'PlaceSwapped', data: { prescription: PLOT }, sealed: {}, metadata };
    const before = after(PRESCRIBED);
    expect(evolve(before, newer as unknown as ReferralFact)).toBe(before);
    expect(evolve(initialState, newer as unknown as ReferralFact)).toBe(initialState);
  });
});
