import { describe, expect, test } from '@jest/globals';
import {
  ACCEPTED,
  CLOSED,
  COMPLETED,
  DECLINED,
  IN_CONTACT,
  PRESCRIBED,
  RECEIVED,
} from './testing/beginnings.js';
import {
  BROAD,
  IDENTITY,
  PROVIDER,
  SAM,
  STRANGER,
  accepted,
  assigned,
  attempted,
  closed,
  completed,
  consented,
  contact,
  declined,
  firstContact,
  followedUp,
  planned,
  received,
  reopened,
} from './testing/cast.js';
import { commands } from './testing/commands.js';
import { date, day, given, on, type Decide } from './testing/given.js';

const { refer, accept, decline, assign, consent, plan, attemptContact } = commands;
const { contact: contacted, followUp, close, reopen } = commands;

const NOTHING = given();

describe('a referral is received', () => {
  test('with a name and a way to reach the person, and the day the first contact is due', () => {
    NOTHING.when(refer(), day('2026-04-01')).then(
      received({ firstContactDueOn: date('2026-04-11') }),
    );
  });

  test('late: told on Friday, it was due from Monday on', () => {
    NOTHING.when(refer(), day('2026-04-06', { told: '2026-04-10' })).then(
      received({ firstContactDueOn: date('2026-04-16') }),
    );
  });

  test('by a scheme that asks for nothing it needs no identity and starts no clock', () => {
    const { firstContactDueOn: _due, ...data } = received().data as Record<string, unknown>;
    const bare = { ...data, scheme: { name: BROAD.name, version: BROAD.version } };
    NOTHING.when(refer({}, {}, BROAD), day('2026-04-01')).then({
      type: 'Referred',
      data: bare,
      protectedData: {},
    } as never);
  });

  test('only once', () => {
    given(RECEIVED).when(refer(), day('2026-04-01')).thenRefused('already-referred', 'referral');
    given(CLOSED).when(refer(), day('2026-06-01')).thenRefused('already-referred', 'referral');
  });

  test('not before it happened', () => {
    NOTHING.when(refer(), day('2026-04-02', { told: '2026-04-01' })).thenRefused(
      'in-the-future',
      'at',
    );
  });

  test('not by a route that its scheme does not take', () => {
    NOTHING.when(refer({ route: 'pharmacist' }), day('2026-04-01')).thenRefused(
      'route-not-allowed',
      'route',
    );
  });

  test('not of a person born after it, and the date is not repeated', () => {
    const bornOn = (dateOfBirth: string) =>
      refer({}, { ...IDENTITY, dateOfBirth: date(dateOfBirth) });
    NOTHING.when(bornOn('2026-04-02'), day('2026-04-01')).thenRefused(
      'born-after-the-referral',
      'dateOfBirth',
    );
    expect(bornOn('2026-04-02')(null, day('2026-04-01'))).toHaveProperty(
      'message',
      expect.not.stringContaining('2026-04-02'),
    );
    expect(bornOn('2026-04-01')(null, day('2026-04-01'))).toMatchObject([{ type: 'Referred' }]);
  });

  test.each(['name', 'contact'])('not without the %s that its scheme needs', (field) => {
    for (const value of ['', undefined]) {
      const identity = { ...IDENTITY, [field]: value } as Record<string, string>;
      NOTHING.when(refer({}, identity), day('2026-04-01')).thenRefused('identity-needed', field);
    }
  });
});

describe('whatever happens to a referral', () => {
  const ANY: [string, Decide][] = [
    ['accepting', accept()],
    ['declining', decline()],
    ['assigning', assign()],
    ['consent', consent('share')],
    ['planning a contact', plan('2026-06-15')],
    ['an attempt', attemptContact()],
    ['a contact', contacted()],
    ['a follow-up', followUp()],
    ['an offer', commands.offer()],
    ['refusing an offer', commands.refuseOffer()],
    ['prescribing', commands.prescribe()],
    ['attendance', commands.attend('s9')],
    ['absence', commands.miss('s9')],
    ['completing', commands.complete()],
    ['cancelling', commands.cancel()],
    ['dropping out', commands.dropOut()],
    ['closing', close()],
  ];

  test.each(ANY)('%s needs a referral', (_, decide) => {
    NOTHING.when(decide, day('2026-06-01')).thenRefused('no-such-referral', 'referral');
  });

  test.each(ANY)('%s is not told before its day', (_, decide) => {
    given(PRESCRIBED)
      .when(decide, day('2026-06-02', { told: '2026-06-01' }))
      .thenRefused('in-the-future', 'at');
  });

  test.each(ANY)('%s is not of a day before the referral', (_, decide) => {
    given(PRESCRIBED)
      .when(decide, day('2026-03-31', { told: '2026-06-01' }))
      .thenRefused('before-the-referral', 'at');
  });

  test('may happen on the very day of the referral', () => {
    given(RECEIVED).when(accept(), day('2026-04-01')).then(accepted());
  });

  test.each(ANY)('%s is no business of a stranger', (_, decide) => {
    given(PRESCRIBED)
      .when(decide, day('2026-06-01', { by: STRANGER }))
      .thenRefused('not-your-referral', 'actor.organisation');
  });

  const NOT_SESSIONS = ANY.filter(([name]) => name !== 'attendance' && name !== 'absence');

  test.each(NOT_SESSIONS)('%s is told by the anchor, not by a provider', (_, decide) => {
    given(PRESCRIBED)
      .when(decide, day('2026-06-01', { by: PROVIDER }))
      .thenRefused('not-your-referral', 'actor.organisation');
  });

  const LATE = ['attendance', 'absence', 'a follow-up'];
  const NOT_AFTER = ANY.filter(([name]) => !LATE.includes(name));

  test.each(NOT_AFTER)('%s does not happen after it was closed', (_, decide) => {
    given(CLOSED).when(decide, day('2026-06-01')).thenRefused('referral-closed');
  });

  test.each(NOT_AFTER)('%s does not happen after it was declined', (_, decide) => {
    given(DECLINED).when(decide, day('2026-06-01')).thenRefused('referral-declined');
  });
});

describe('accepting', () => {
  test('is three different facts, by whoever says yes', () => {
    given(RECEIVED)
      .when(accept('person'), day('2026-04-02'))
      .then(accepted('person'))
      .when(accept('anchor'), day('2026-04-02'))
      .then(accepted('anchor'))
      .when(accept('provider'), day('2026-04-05'))
      .then(accepted('provider'));
  });

  test('twice by the same is nothing new', () => {
    given(ACCEPTED).when(accept('person'), day('2026-04-09')).thenNothing();
  });
});

describe('declining', () => {
  test('ends it, also after it was accepted', () => {
    given(ACCEPTED).when(decline('provider'), day('2026-04-04')).then(declined('provider'));
  });

  test('the same again on that day is nothing new', () => {
    given(DECLINED).when(decline('person'), day('2026-04-03')).thenNothing();
  });

  test('by somebody else, or on another day, is refused: it is over', () => {
    given(DECLINED).when(decline('anchor'), day('2026-04-03')).thenRefused('referral-declined');
    given(DECLINED).when(decline('person'), day('2026-04-04')).thenRefused('referral-declined');
  });

  // It once answered "nothing to do" before it looked at who asked.
  test('a stranger is refused even when it was declined already', () => {
    given(DECLINED)
      .when(decline('person'), day('2026-04-03', { by: STRANGER }))
      .thenRefused('not-your-referral');
  });

  test('a closed one is not declined, nor a declined one closed', () => {
    given(CLOSED).when(decline('person'), day('2026-05-25')).thenRefused('referral-closed');
    given(DECLINED).when(close(), day('2026-04-03')).thenRefused('referral-declined');
  });

  test('waits for live prescriptions', () => {
    given(PRESCRIBED).when(decline(), day('2026-04-20')).thenRefused('live-prescriptions');
  });
});

describe('closing', () => {
  test('ends it from any state without a live prescription', () => {
    for (const history of [RECEIVED, ACCEPTED, IN_CONTACT]) {
      given(history).when(close(), day('2026-04-20')).then(closed());
    }
  });

  test('waits for live prescriptions', () => {
    given(PRESCRIBED)
      .when(close(), day('2026-04-20'))
      .thenRefused('live-prescriptions')
      .when(commands.complete(), day('2026-04-20'))
      .then(completed())
      .when(close(), day('2026-04-20'))
      .then(closed());
  });

  test('is of no day before the last one on which something is recorded of it', () => {
    given(COMPLETED).when(close(), day('2026-05-19')).thenRefused('ends-too-early', 'at');
    given(COMPLETED).when(close(), day('2026-05-20')).then(closed());
    given(IN_CONTACT).when(decline(), day('2026-04-02')).thenRefused('ends-too-early', 'at');
    const back = given(CLOSED).when(reopen(), day('2026-06-01')).then(reopened());
    back.when(close(), day('2026-05-31')).thenRefused('ends-too-early', 'at');
  });

  test('again on that day is nothing new, on another day or from a stranger it is refused', () => {
    given(CLOSED).when(close(), day('2026-05-25')).thenNothing();
    given(CLOSED).when(close(), day('2026-05-26')).thenRefused('referral-closed');
    given(CLOSED)
      .when(close(), day('2026-05-25', { by: STRANGER }))
      .thenRefused('not-your-referral');
  });
});

describe('reopening', () => {
  test('a closed or a declined referral goes on where it ended', () => {
    for (const ended of [CLOSED, DECLINED]) {
      const story = given(ended).when(reopen(), day('2026-06-01')).then(reopened());
      expect(story.state?.endedOn).toBeUndefined();
      expect(story.state?.declinedBy).toBeUndefined();
      story.when(assign(SAM), day('2026-06-01')).then(assigned(SAM));
      story.when(close(), day('2026-06-02')).then(closed());
    }
  });

  test('is of one that has ended, from that day on, by its anchor', () => {
    given(ACCEPTED).when(reopen(), day('2026-06-01')).thenRefused('not-ended', 'referral');
    given(CLOSED)
      .when(reopen(), day('2026-05-24', { told: '2026-06-01' }))
      .thenRefused('before-the-end', 'at');
    given(CLOSED)
      .when(reopen(), day('2026-06-01', { by: STRANGER }))
      .thenRefused('not-your-referral');
    given(CLOSED).when(reopen(), day('2026-05-25')).then(reopened());
    given().when(reopen(), day('2026-05-25')).thenRefused('no-such-referral');
  });
});

describe('the link worker and the consent', () => {
  test('somebody is assigned, and later somebody else, and the first one again', () => {
    given(RECEIVED)
      .when(assign(), day('2026-04-02'))
      .then(assigned())
      .when(assign(SAM), day('2026-04-05'))
      .then(assigned(SAM))
      .when(assign(), day('2026-04-06'))
      .then(assigned());
  });

  test('the one who is assigned already is nothing new', () => {
    given(ACCEPTED).when(assign(), day('2026-04-03')).thenNothing();
  });

  test('consent adds up by scope, and what is known already is nothing new', () => {
    given(RECEIVED)
      .when(consent('share', 'research'), day('2026-04-02'))
      .then(consented('share', 'research'))
      .when(consent('research'), day('2026-04-03'))
      .thenNothing()
      .when(consent('research', 'contact'), day('2026-04-03'))
      .then(consented('research', 'contact'));
  });

  test('consent of a day before the end may be told after it', () => {
    given(CLOSED)
      .when(consent('research'), day('2026-05-20', { told: '2026-06-01' }))
      .then(consented('research'));
  });
});

describe('planning a contact', () => {
  test('for that very day or a later one; the next plan replaces it', () => {
    given(ACCEPTED)
      .when(plan('2026-04-03'), day('2026-04-03'))
      .then(planned('2026-04-03'))
      .when(plan('2026-04-12'), day('2026-04-03'))
      .then(planned('2026-04-12'));
  });

  test('not for a day before the day of planning', () => {
    given(ACCEPTED)
      .when(plan('2026-04-02'), day('2026-04-03'))
      .thenRefused('planned-in-the-past', 'on');
  });
});

describe('contact', () => {
  test('an attempt is a fact each time, and no contact', () => {
    given(ACCEPTED)
      .when(attemptContact(), day('2026-04-03'))
      .then(attempted())
      .when(attemptContact(), day('2026-04-03'))
      .then(attempted())
      .when(contacted(), day('2026-04-04'))
      .then(firstContact('2026-05-04'));
  });

  test('the first is a fact of its own, with the day the follow-up is due; then all are alike', () => {
    given(ACCEPTED)
      .when(contacted(), day('2026-04-08'))
      .then(firstContact('2026-05-08'))
      .when(contacted(), day('2026-04-08'))
      .then(contact())
      .when(contacted(), day('2026-04-09'))
      .then(contact());
  });

  test('a month on from the last of January is the last of February', () => {
    given(on('2026-01-20', received()))
      .when(contacted(), day('2026-01-31'))
      .then(firstContact('2026-02-28'));
  });

  test('under a scheme without clocks nothing becomes due', () => {
    given(on('2026-04-01', received({ scheme: { name: BROAD.name, version: 1 } })))
      .when(contacted(), day('2026-04-08'))
      .then(firstContact());
  });

  test('of an earlier day, told later, it is still not the first', () => {
    given(IN_CONTACT)
      .when(contacted(), day('2026-04-03', { told: '2026-04-20' }))
      .then(contact());
  });

  test('of a day up to the end it is recorded after the end', () => {
    given(CLOSED)
      .when(contacted(), day('2026-05-25', { told: '2026-06-20' }))
      .then(contact())
      .when(attemptContact(), day('2026-05-01', { told: '2026-06-20' }))
      .then(attempted());
    given(CLOSED)
      .when(contacted(), day('2026-05-26', { told: '2026-06-20' }))
      .thenRefused('referral-closed');
  });

  // It once set a follow-up clock on a referral that was over.
  test('a first contact recorded after the end makes nothing due', () => {
    given(DECLINED)
      .when(contacted(), day('2026-04-02', { told: '2026-04-20' }))
      .then(firstContact());
  });

  test('a stranger tells of none, late or not', () => {
    given(CLOSED)
      .when(contacted(), day('2026-05-01', { told: '2026-06-20', by: STRANGER }))
      .thenRefused('not-your-referral');
  });
});

describe('following up', () => {
  test('comes after a first contact', () => {
    given(ACCEPTED).when(followUp(), day('2026-05-08')).thenRefused('no-first-contact');
  });

  test('makes the next one due, a month on', () => {
    given(IN_CONTACT)
      .when(followUp(), day('2026-05-08'))
      .then(followedUp({ followUpDueOn: '2026-06-08' }))
      .when(followUp(false), day('2026-06-10'))
      .then(followedUp({ reached: false, followUpDueOn: '2026-07-10' }));
  });

  test('is welcome after the end, and then makes nothing due', () => {
    given(CLOSED)
      .when(followUp(), day('2026-08-25'))
      .then(followedUp())
      .when(followUp(), day('2026-08-25', { by: STRANGER }))
      .thenRefused('not-your-referral');
  });
});
