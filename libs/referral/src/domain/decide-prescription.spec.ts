import { describe, expect, test } from '@jest/globals';
import type { Slug } from '#kernel';
import { price } from './decide.js';
import {
  ACCEPTED,
  CLOSED,
  COMPLETED,
  IN_CONTACT,
  PRESCRIBED,
  RECEIVED,
} from './testing/beginnings.js';
import {
  BROAD,
  BY_COURSE,
  BY_SESSION,
  PLOT,
  PLOT_OFFER,
  STRANGER,
  WALK,
  WALKERS,
  WALKING,
  abandoned,
  accepted,
  attended,
  cancelled,
  closed,
  completed,
  droppedOut,
  offerId,
  offerRefused,
  offered,
  prescribed,
  prescriptionDeclined,
  prescriptionId,
  pricedOf,
  quoteOf,
  received,
  walkPrescribed,
} from './testing/cast.js';
import { commands } from './testing/commands.js';
import { day, given, on } from './testing/given.js';
import type { Terms } from './terms.js';

const { offer, refuseOffer, prescribe, abandon, complete, cancel, dropOut, close } = commands;
const { declinePrescription } = commands;

describe('an offer', () => {
  test('may be made before the referral is accepted, and any number of times', () => {
    const [first, second] = [offerId('first'), offerId('second')];
    given(RECEIVED)
      .when(offer(first), day('2026-04-02'))
      .then(offered(first))
      .when(offer(second), day('2026-04-02'))
      .then(offered(second));
  });

  test('is made once under its id', () => {
    given(RECEIVED, on('2026-04-02', offered()))
      .when(offer(), day('2026-04-03'))
      .thenRefused('already-offered', 'offer');
  });

  test('is refused as often as the person likes, and the referral goes on', () => {
    let story = given(IN_CONTACT);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      story = story
        .when(offer(offerId(name)), day('2026-04-10'))
        .then(offered(offerId(name)))
        .when(refuseOffer(offerId(name)), day('2026-04-10'))
        .then(offerRefused(offerId(name)));
    }
    story.when(prescribe(), day('2026-04-11')).then(prescribed());
  });

  test('refused already is nothing new', () => {
    given(IN_CONTACT, on('2026-04-09', offered(), offerRefused()))
      .when(refuseOffer(), day('2026-04-10'))
      .thenNothing();
  });

  test('that nobody made is not refused', () => {
    given(IN_CONTACT).when(refuseOffer(), day('2026-04-10')).thenRefused('no-such-offer', 'offer');
  });

  test('taken up is not refused any more', () => {
    given(IN_CONTACT, on('2026-04-09', offered(), prescribed({ offer: PLOT_OFFER })))
      .when(refuseOffer(), day('2026-04-10'))
      .thenRefused('offer-prescribed', 'offer');
  });
});

describe('prescribing', () => {
  test('a free service has no money in it', () => {
    given(IN_CONTACT).when(prescribe(), day('2026-04-10')).then(prescribed());
    given(IN_CONTACT)
      .when(prescribe({ sessions: 6 }), day('2026-04-10'))
      .then(prescribed({ plannedSessions: 6 }));
  });

  test('a priced one carries its terms and all that it may cost', () => {
    given(IN_CONTACT)
      .when(prescribe({ sessions: 4, terms: BY_SESSION }), day('2026-04-10'))
      .then(prescribed({ plannedSessions: 4, priced: pricedOf(BY_SESSION, 4) }));
    expect(pricedOf(BY_SESSION, 4).commitment.amount).toBe(11_400n);
  });

  test('needs no contact, only that it was accepted and has a link worker', () => {
    given(ACCEPTED).when(prescribe(), day('2026-04-02')).then(prescribed());
  });

  test('several at once, and again after one has ended', () => {
    given(COMPLETED)
      .when(
        prescribe({ prescription: WALK, service: WALKING, provider: WALKERS }),
        day('2026-05-21'),
      )
      .then(walkPrescribed())
      .when(prescribe({ prescription: prescriptionId('more') }), day('2026-05-21'))
      .then(prescribed({ prescription: prescriptionId('more') }));
  });

  test('takes up an offer, also one that was refused at first', () => {
    given(IN_CONTACT, on('2026-04-09', offered()))
      .when(refuseOffer(), day('2026-04-09'))
      .then(offerRefused())
      .when(prescribe({ offer: PLOT_OFFER }), day('2026-04-12'))
      .then(prescribed({ offer: PLOT_OFFER }));
  });

  test('waits until the referral is accepted, by whomever', () => {
    given(RECEIVED).when(prescribe(), day('2026-04-10')).thenRefused('not-accepted');
  });

  test('waits for a link worker where the scheme works through them', () => {
    given(RECEIVED, on('2026-04-02', accepted()))
      .when(prescribe(), day('2026-04-10'))
      .thenRefused('link-worker-needed');
    const broad = received({ scheme: { name: BROAD.name, version: 1 } });
    given(on('2026-04-01', broad, accepted()))
      .when(prescribe(), day('2026-04-10'))
      .then(prescribed());
  });

  test('an id is used once, whatever became of it', () => {
    for (const history of [PRESCRIBED, COMPLETED]) {
      given(history)
        .when(prescribe(), day('2026-05-21'))
        .thenRefused('already-prescribed', 'prescription');
    }
  });

  test('one that was abandoned can never be prescribed', () => {
    given(IN_CONTACT, on('2026-04-10', abandoned()))
      .when(prescribe(), day('2026-04-10'))
      .thenRefused('prescription-abandoned', 'prescription')
      .when(prescribe({ sessions: 4, terms: BY_SESSION }), day('2026-07-10'))
      .thenRefused('prescription-abandoned', 'prescription')
      .when(prescribe({ prescription: WALK }), day('2026-04-10'))
      .then(prescribed({ prescription: WALK }));
  });

  test('an offer is taken up once, and only by what was offered', () => {
    const story = given(IN_CONTACT, on('2026-04-09', offered()));
    story
      .when(prescribe({ offer: offerId('unheard-of') }), day('2026-04-10'))
      .thenRefused('no-such-offer', 'offer');
    story
      .when(prescribe({ offer: PLOT_OFFER, service: WALKING }), day('2026-04-10'))
      .thenRefused('other-service-offered', 'offer');
    story
      .when(prescribe({ offer: PLOT_OFFER, provider: WALKERS }), day('2026-04-10'))
      .thenRefused('other-service-offered', 'offer');
    story
      .when(prescribe({ offer: PLOT_OFFER }), day('2026-04-10'))
      .then(prescribed({ offer: PLOT_OFFER }))
      .when(prescribe({ offer: PLOT_OFFER, prescription: WALK }), day('2026-04-10'))
      .thenRefused('offer-prescribed', 'offer');
  });

  // The offer of a mistyped prescription once stayed taken for ever.
  test('a mistyped one is cancelled and made again, out of the same offer', () => {
    given(IN_CONTACT, on('2026-04-09', offered()))
      .when(prescribe({ offer: PLOT_OFFER, sessions: 60 }), day('2026-04-10'))
      .then(prescribed({ offer: PLOT_OFFER, plannedSessions: 60 }))
      .when(cancel(), day('2026-04-10'))
      .then(cancelled())
      .when(prescribe({ offer: PLOT_OFFER, sessions: 6, prescription: WALK }), day('2026-04-10'))
      .then(prescribed({ offer: PLOT_OFFER, plannedSessions: 6, prescription: WALK }));
  });
});

describe('the price of a prescription', () => {
  const fee = (amount: bigint): Terms => ({
    components: BY_COURSE.components.map((component) =>
      component.trigger === 'session-missed' ? { ...component, amount } : component,
    ),
  });

  test('by the session needs to know how many', () => {
    given(IN_CONTACT)
      .when(prescribe({ terms: BY_SESSION }), day('2026-04-10'))
      .thenRefused('planned-sessions-needed', 'plannedSessions');
    given(IN_CONTACT)
      .when(prescribe({ terms: BY_COURSE }), day('2026-04-10'))
      .thenRefused('planned-sessions-needed', 'plannedSessions');
  });

  test('that goes by other things does not', () => {
    const terms: Terms = {
      components: [{ component: 'place' as Slug, trigger: 'prescribed', amount: 9_900n }],
    };
    expect(price(quoteOf(terms), undefined)).toEqual(pricedOf(terms, 0));
    expect(price(quoteOf(terms), undefined)).toMatchObject({ commitment: { amount: 9_900n } });
  });

  test('a fee for a missed session is at most what the cheapest session costs', () => {
    // 100.00 over three is 33.34, 33.33, 33.33.
    expect(price(quoteOf(fee(3_333n)), 3)).toMatchObject({ commitment: { amount: 10_000n } });
    given(IN_CONTACT)
      .when(prescribe({ terms: fee(3_334n), sessions: 3 }), day('2026-04-10'))
      .thenRefused('fee-above-price', 'plannedSessions');
  });

  test('a fee with no session to pay it out of is refused', () => {
    const terms: Terms = { components: fee(1n).components.slice(1) };
    expect(price(quoteOf(terms), 3)).toMatchObject({ code: 'fee-above-price' });
    expect(price(quoteOf(terms), undefined)).toMatchObject({ code: 'fee-above-price' });
  });

  test('a drop-out minimum is at most what all its sessions cost', () => {
    const least: Terms['components'][number] = {
      ...{ component: 'least' as Slug, trigger: 'drop-out-minimum' },
      ...{ amount: 5_700n, ends: ['dropped-out'] },
    };
    const terms: Terms = { components: [...BY_SESSION.components, least] };
    expect(price(quoteOf(terms), 2)).toMatchObject({ commitment: { amount: 5_700n } });
    given(IN_CONTACT)
      .when(prescribe({ terms, sessions: 1 }), day('2026-04-10'))
      .thenRefused('minimum-above-price', 'plannedSessions');
  });

  test('of a course leaves a penny for every session', () => {
    const course = (amount: bigint): Terms => ({
      components: [
        { component: 'course' as Slug, trigger: 'session-attended', amount, per: 'course' },
      ],
    });
    expect(price(quoteOf(course(12n)), 12)).toMatchObject({ commitment: { amount: 12n } });
    given(IN_CONTACT)
      .when(prescribe({ terms: course(11n), sessions: 12 }), day('2026-04-10'))
      .thenRefused('price-too-small', 'plannedSessions');
  });
});

describe('abandoning what was reserved and never prescribed', () => {
  test('is said once', () => {
    given(IN_CONTACT)
      .when(abandon(), day('2026-04-10'))
      .then(abandoned())
      .when(abandon(), day('2026-04-11'))
      .thenNothing();
  });

  test('is nothing once it was prescribed, whatever became of it', () => {
    for (const history of [PRESCRIBED, COMPLETED, CLOSED]) {
      given(history).when(abandon(), day('2026-06-01')).thenNothing();
    }
  });

  test('is said of a closed referral too: the money must come back', () => {
    given(IN_CONTACT, on('2026-04-20', closed()))
      .when(abandon(), day('2026-04-21'))
      .then(abandoned());
  });

  test('needs a referral', () => {
    given().when(abandon(), day('2026-04-21')).thenRefused('no-such-referral');
  });
});

describe.each([
  ['completing', complete(), completed(), 'completed'],
  ['cancelling', cancel(), cancelled(), 'cancelled'],
  ['dropping out of', dropOut(PLOT), droppedOut(PLOT), 'dropped-out'],
] as const)('%s a prescription', (_, ending, fact, status) => {
  test('ends it', () => {
    const story = given(PRESCRIBED).when(ending, day('2026-05-20')).then(fact);
    expect(story.state?.prescriptions).toMatchObject([{ status, endedOn: '2026-05-20' }]);
  });

  test('again on that day is nothing new, on another it is refused', () => {
    given(PRESCRIBED)
      .when(ending, day('2026-05-20'))
      .then(fact)
      .when(ending, day('2026-05-20', { told: '2026-05-30' }))
      .thenNothing()
      .when(ending, day('2026-05-21'))
      .thenRefused('prescription-ended', 'prescription');
  });

  test('that ended in another way is refused', () => {
    for (const other of [completed(), cancelled(), droppedOut(PLOT)]) {
      if (other.type === fact.type) continue;
      given(PRESCRIBED, on('2026-05-20', other))
        .when(ending, day('2026-05-20'))
        .thenRefused('prescription-ended', 'prescription');
    }
  });

  test('needs that prescription', () => {
    given(IN_CONTACT)
      .when(ending, day('2026-05-20'))
      .thenRefused('no-such-prescription', 'prescription');
    given(IN_CONTACT, on('2026-04-10', abandoned()))
      .when(ending, day('2026-05-20'))
      .thenRefused('prescription-abandoned', 'prescription');
  });

  test('is not of a day before it, nor before its last session', () => {
    given(PRESCRIBED)
      .when(ending, day('2026-04-09', { told: '2026-05-20' }))
      .thenRefused('ends-too-early', 'at');
    const held = given(
      PRESCRIBED,
      on('2026-04-24', attended('s2', 2)),
      on('2026-04-17', attended('s1', 1)),
    );
    held
      .when(ending, day('2026-04-23', { told: '2026-05-20' }))
      .thenRefused('ends-too-early', 'at');
    held.when(ending, day('2026-04-24', { told: '2026-05-20' })).then(fact);
  });

  test('leaves the others alone', () => {
    const story = given(PRESCRIBED, on('2026-04-12', walkPrescribed()))
      .when(ending, day('2026-05-20'))
      .then(fact);
    expect(story.state?.prescriptions).toMatchObject([{ status }, { status: 'active' }]);
    story.when(close(), day('2026-05-20')).thenRefused('live-prescriptions');
  });
});

describe('dropping out of everything', () => {
  const BOTH = [...PRESCRIBED, ...on('2026-04-12', walkPrescribed())];

  test('ends all that is live and nothing that had ended', () => {
    const story = given(BOTH, on('2026-04-20', completed()))
      .when(dropOut(), day('2026-05-20'))
      .then(droppedOut());
    expect(story.state?.prescriptions).toMatchObject([
      { status: 'completed', endedOn: '2026-04-20' },
      { status: 'dropped-out', endedOn: '2026-05-20' },
    ]);
  });

  test('leaves the referral open: the person may come back, and drop out again', () => {
    given(BOTH)
      .when(dropOut(), day('2026-05-20'))
      .then(droppedOut())
      .when(prescribe({ prescription: prescriptionId('back') }), day('2026-05-20'))
      .then(prescribed({ prescription: prescriptionId('back') }))
      .when(dropOut(), day('2026-05-20'))
      .then(droppedOut())
      .when(close(), day('2026-05-20'))
      .then(closed());
  });

  test('is possible before anything was prescribed', () => {
    given(RECEIVED).when(dropOut(), day('2026-04-05')).then(droppedOut());
  });

  // Said twice, it once counted as two people lost.
  test('said again on that day is nothing new, on another day it is another one', () => {
    given(RECEIVED)
      .when(dropOut(), day('2026-04-05'))
      .then(droppedOut())
      .when(dropOut(), day('2026-04-05', { told: '2026-04-07' }))
      .thenNothing()
      .when(dropOut(), day('2026-04-07', { by: STRANGER }))
      .thenRefused('not-your-referral')
      .when(dropOut(), day('2026-04-07'))
      .then(droppedOut());
  });

  test('is not of a day before the last session of any', () => {
    given(BOTH, on('2026-05-15', attended('w1', 1, { prescription: WALK })))
      .when(dropOut(), day('2026-05-14', { told: '2026-05-20' }))
      .thenRefused('ends-too-early', 'at');
    given(BOTH)
      .when(dropOut(), day('2026-04-11', { told: '2026-05-20' }))
      .thenRefused('ends-too-early', 'at');
  });

  test('of one, then of all, ends the rest', () => {
    given(BOTH)
      .when(dropOut(WALK), day('2026-05-20'))
      .then(droppedOut(WALK))
      .when(dropOut(), day('2026-05-20'))
      .then(droppedOut())
      .when(dropOut(PLOT), day('2026-05-20'))
      .thenNothing();
  });
});

describe('declining a prescription', () => {
  test('ends it that day; its offer stays taken up', () => {
    const taken = [
      ...IN_CONTACT,
      ...on('2026-04-09', offered()),
      ...on('2026-04-10', prescribed({ offer: PLOT_OFFER })),
    ];
    const story = given(taken)
      .when(declinePrescription(), day('2026-04-20'))
      .then(prescriptionDeclined())
      .when(declinePrescription(), day('2026-04-20'))
      .thenNothing()
      .when(complete(), day('2026-04-21'))
      .thenRefused('prescription-ended');
    expect(story.state?.prescriptions).toMatchObject([
      { status: 'declined', endedOn: '2026-04-20' },
    ]);
    expect(story.state?.offers).toMatchObject([{ answer: 'prescribed' }]);
  });

  test('is not of a day before its last session, nor by a stranger, nor of what is not there', () => {
    given(PRESCRIBED, on('2026-04-17', attended('s1', 1)))
      .when(declinePrescription(), day('2026-04-16', { told: '2026-04-20' }))
      .thenRefused('ends-too-early', 'at');
    given(PRESCRIBED)
      .when(declinePrescription(), day('2026-04-20', { by: STRANGER }))
      .thenRefused('not-your-referral');
    given(IN_CONTACT)
      .when(declinePrescription(), day('2026-04-20'))
      .thenRefused('no-such-prescription', 'prescription');
  });
});

describe('a prescription that continues another', () => {
  const continuing = { prescription: WALK, continues: PLOT } as const;
  const HELD = [...PRESCRIBED, ...on('2026-04-17', attended('s1', 1))];

  test('ends it with its own first day', () => {
    const story = given(HELD)
      .when(prescribe(continuing), day('2026-04-17'))
      .then(prescribed(continuing));
    expect(story.state?.prescriptions).toMatchObject([
      { prescription: PLOT, status: 'continued', endedOn: '2026-04-17' },
      { prescription: WALK, status: 'active' },
    ]);
  });

  test('is not of a day before its last session', () => {
    given(HELD)
      .when(prescribe(continuing), day('2026-04-16', { told: '2026-04-20' }))
      .thenRefused('ends-too-early', 'at');
  });

  test('takes the place of one that is live, of this referral', () => {
    given(COMPLETED)
      .when(prescribe(continuing), day('2026-05-21'))
      .thenRefused('prescription-ended', 'continues');
    given(IN_CONTACT)
      .when(prescribe(continuing), day('2026-05-21'))
      .thenRefused('no-such-prescription', 'continues');
    given(HELD)
      .when(prescribe({ prescription: WALK, continues: WALK }), day('2026-05-21'))
      .thenRefused('no-such-prescription', 'continues');
    given(HELD)
      .when(prescribe(continuing), day('2026-04-20'))
      .then(prescribed(continuing))
      .when(prescribe({ ...continuing, prescription: prescriptionId('third') }), day('2026-04-21'))
      .thenRefused('prescription-ended', 'continues');
  });
});
