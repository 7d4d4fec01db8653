import { describe, test } from '@jest/globals';
import { CLOSED, COMPLETED, IN_CONTACT, PRESCRIBED, PRICED } from './testing/beginnings.js';
import {
  DROP_IN,
  LINK_WORKER,
  OTHER_PROVIDER,
  PLOT,
  PROVIDER,
  STRANGER,
  WALK,
  WALKING,
  WALKERS,
  abandoned,
  attended,
  cancelled,
  droppedOut,
  evidenceAdded,
  missed,
  prescribed,
  sessionId,
  voided,
  walkPrescribed,
} from './testing/cast.js';
import { commands } from './testing/commands.js';
import { day, given, lastOf, on } from './testing/given.js';

const { attend, miss, addEvidence } = commands;

describe('a session', () => {
  test('is attended or missed, one fact each', () => {
    given(PRESCRIBED)
      .when(attend('s1'), day('2026-04-17'))
      .then(attended('s1', 1))
      .when(miss('s2', 'not-acceptable'), day('2026-04-24'))
      .then(missed('s2', 2, 'not-acceptable'));
  });

  test('may be on the day of the prescription', () => {
    given(PRESCRIBED).when(attend('s1'), day('2026-04-10')).then(attended('s1', 1));
  });

  test('belongs to a prescription of this referral', () => {
    given(IN_CONTACT)
      .when(attend('s1'), day('2026-04-17'))
      .thenRefused('no-such-prescription', 'prescription');
    given(PRESCRIBED)
      .when(attend('s1', { prescription: WALK }), day('2026-04-17'))
      .thenRefused('no-such-prescription', 'prescription');
  });

  test('cannot be of one that was abandoned', () => {
    given(IN_CONTACT, on('2026-04-10', abandoned()))
      .when(attend('s1'), day('2026-04-17'))
      .thenRefused('prescription-abandoned', 'prescription');
  });

  test('is told by the anchor or by the provider that held it, and by no other', () => {
    const story = given(PRESCRIBED, on('2026-04-12', walkPrescribed()));
    for (const by of [LINK_WORKER, PROVIDER]) {
      story.when(attend('s1'), day('2026-04-17', { by })).then(attended('s1', 1));
      story.when(miss('s1'), day('2026-04-17', { by })).then(missed('s1', 1));
    }
    for (const by of [STRANGER, OTHER_PROVIDER]) {
      story
        .when(attend('s1'), day('2026-04-17', { by }))
        .thenRefused('not-your-referral', 'actor.organisation');
      story
        .when(miss('s1'), day('2026-04-17', { by }))
        .thenRefused('not-your-referral', 'actor.organisation');
    }
    story
      .when(attend('w1', { prescription: WALK }), day('2026-04-17', { by: OTHER_PROVIDER }))
      .then(attended('w1', 1, { prescription: WALK }));
  });

  test('recorded already is not told even to a provider that did not hold it', () => {
    given(COMPLETED, on('2026-05-21', walkPrescribed()))
      .when(attend('s1'), day('2026-04-17', { told: '2026-05-22', by: OTHER_PROVIDER }))
      .thenRefused('not-your-referral');
  });
});

describe('the day of a session', () => {
  test('is not before the prescription', () => {
    given(PRESCRIBED)
      .when(attend('s1'), day('2026-04-09', { told: '2026-04-20' }))
      .thenRefused('before-the-prescription', 'at');
  });

  test('is not after today', () => {
    given(PRESCRIBED)
      .when(miss('s1'), day('2026-04-21', { told: '2026-04-20' }))
      .thenRefused('in-the-future', 'at');
  });

  const ENDINGS = [
    ['completed', COMPLETED],
    ['cancelled', [...PRESCRIBED, ...on('2026-05-20', cancelled())]],
    ['dropped out of', [...PRESCRIBED, ...on('2026-05-20', droppedOut(PLOT))]],
    ['dropped out of with all else', [...PRESCRIBED, ...on('2026-05-20', droppedOut())]],
  ] as const;

  test.each(ENDINGS)('before it was %s, it is recorded after', (_, history) => {
    for (const on of ['2026-05-13', '2026-05-20']) {
      given(history)
        .when(attend('late'), day(on, { told: '2026-06-01' }))
        .then(attended('late', history === COMPLETED ? 2 : 1));
    }
  });

  test.each(ENDINGS)('after it was %s, there is none', (_, history) => {
    given(history).when(attend('late'), day('2026-05-21')).thenRefused('after-the-end', 'at');
    given(history).when(miss('late'), day('2026-05-21')).thenRefused('after-the-end', 'at');
  });

  test('of a closed referral may still be told, up to the end of the prescription', () => {
    given(CLOSED)
      .when(attend('late'), day('2026-05-13', { told: '2026-06-20', by: PROVIDER }))
      .then(attended('late', 2));
    given(CLOSED)
      .when(attend('late'), day('2026-05-21', { told: '2026-06-20' }))
      .thenRefused('after-the-end');
  });
});

describe('the same session again', () => {
  test('is nothing new, whoever tells it', () => {
    const story = given(COMPLETED);
    const again = (by = LINK_WORKER) => day('2026-04-17', { told: '2026-06-01', by });
    story.when(attend('s1'), again()).thenNothing();
    story.when(attend('s1', { number: 1 }), again(PROVIDER)).thenNothing();
    given(PRESCRIBED, on('2026-04-17', missed('s1', 1, 'acceptable')))
      .when(miss('s1', 'acceptable'), day('2026-04-17'))
      .thenNothing();
  });

  test.each([
    ['missed', miss('s1'), '2026-04-17'],
    ['on another day', attend('s1'), '2026-04-18'],
    ['with another number', attend('s1', { number: 2 }), '2026-04-17'],
    // It once passed for the same.
    ['instead of another', attend('s1', { insteadOf: 's0' }), '2026-04-17'],
  ])('%s contradicts what was recorded: that is a correction', (_, decide, happened) => {
    given(COMPLETED)
      .when(decide, day(happened, { told: '2026-06-01' }))
      .thenRefused('session-recorded', 'session');
  });

  test('missed for another class contradicts too', () => {
    given(PRESCRIBED, on('2026-04-17', missed('s1', 1, 'acceptable')))
      .when(miss('s1', 'not-acceptable'), day('2026-04-17'))
      .thenRefused('session-recorded', 'session');
  });

  test('of another prescription is another session: people number theirs anew in each', () => {
    given(COMPLETED, on('2026-04-10', walkPrescribed()))
      .when(attend('s1', { prescription: WALK }), day('2026-04-17', { told: '2026-06-01' }))
      .then(attended('s1', 1, { prescription: WALK }));
  });

  test('that was held in place of one called off is nothing new with or without saying so', () => {
    const story = given(
      PRESCRIBED,
      on('2026-04-17', missed('off', 1, 'provider-logistics')),
      on('2026-04-24', attended('s1', 1, { insteadOf: 'off' })),
    );
    story.when(attend('s1'), day('2026-04-24')).thenNothing();
    story.when(attend('s1', { insteadOf: 'off' }), day('2026-04-24')).thenNothing();
  });
});

describe('the number of a session', () => {
  test('is the lowest that is open', () => {
    given(PRICED, on('2026-04-17', attended('s2', 2)), on('2026-04-24', attended('s4', 4)))
      .when(attend('a'), day('2026-05-01'))
      .then(attended('a', 1))
      .when(miss('b'), day('2026-05-08'))
      .then(missed('b', 3))
      .when(attend('c'), day('2026-05-15'))
      .then(attended('c', 5));
  });

  test('may be said, also beyond the planned ones, but is not taken twice', () => {
    given(PRICED)
      .when(attend('a', { number: 3 }), day('2026-04-17'))
      .then(attended('a', 3))
      .when(attend('b', { number: 9 }), day('2026-04-24'))
      .then(attended('b', 9))
      .when(attend('c', { number: 3 }), day('2026-05-01'))
      .thenRefused('number-taken', 'number')
      .when(miss('c', 'acceptable', { number: 9 }), day('2026-05-01'))
      .thenRefused('number-taken', 'number');
  });

  test('is counted by each prescription for itself', () => {
    given(PRESCRIBED, on('2026-04-10', walkPrescribed()), on('2026-04-17', attended('s1', 1)))
      .when(attend('w1', { prescription: WALK }), day('2026-04-18'))
      .then(attended('w1', 1, { prescription: WALK }));
  });

  test('is used up by an absence of whatever class, unless the provider called it off', () => {
    for (const missedClass of ['acceptable', 'not-acceptable', 'not-stated'] as const) {
      given(PRESCRIBED, on('2026-04-17', missed('s1', 1, missedClass)))
        .when(attend('s2'), day('2026-04-24'))
        .then(attended('s2', 2));
    }
    given(PRESCRIBED, on('2026-04-17', missed('s1', 1, 'provider-logistics')))
      .when(attend('s2'), day('2026-04-24'))
      .then(attended('s2', 1));
  });

  test('stays open however often the provider calls it off', () => {
    given(PRESCRIBED)
      .when(miss('a', 'provider-logistics'), day('2026-04-17'))
      .then(missed('a', 1, 'provider-logistics'))
      .when(miss('b', 'provider-logistics'), day('2026-04-24'))
      .then(missed('b', 1, 'provider-logistics'))
      .when(attend('c'), day('2026-05-01'))
      .then(attended('c', 1));
  });
});

describe('a session instead of one that the provider called off', () => {
  const CALLED_OFF = [
    ...PRICED,
    ...on('2026-04-17', attended('s1', 1)),
    ...on('2026-04-24', missed('off', 2, 'provider-logistics')),
  ];

  test('has its number', () => {
    given(CALLED_OFF)
      .when(attend('s3', { number: 3 }), day('2026-05-01'))
      .then(attended('s3', 3))
      .when(attend('again', { insteadOf: 'off' }), day('2026-05-08'))
      .then(attended('again', 2, { insteadOf: 'off' }));
    given(CALLED_OFF)
      .when(attend('again', { insteadOf: 'off', number: 2 }), day('2026-05-08'))
      .then(attended('again', 2, { insteadOf: 'off' }));
  });

  test('may be missed too, and called off again', () => {
    given(CALLED_OFF)
      .when(miss('again', 'provider-logistics', { insteadOf: 'off' }), day('2026-05-01'))
      .then(missed('again', 2, 'provider-logistics', 'off'))
      .when(miss('third', 'not-acceptable', { insteadOf: 'again' }), day('2026-05-08'))
      .then(missed('third', 2, 'not-acceptable', 'again'));
  });

  test('is not held twice', () => {
    given(CALLED_OFF, on('2026-05-01', attended('again', 2, { insteadOf: 'off' })))
      .when(attend('third', { insteadOf: 'off' }), day('2026-05-08'))
      .thenRefused('replaced-already', 'insteadOf');
  });

  // What was really held was once refused, because another session had taken the number.
  test('takes the next open number when its own went to one that did not say so', () => {
    given(CALLED_OFF, on('2026-05-01', attended('again', 2)))
      .when(attend('third', { insteadOf: 'off' }), day('2026-05-08'))
      .then(attended('third', 3, { insteadOf: 'off' }));
  });

  test('has no other number', () => {
    given(CALLED_OFF)
      .when(attend('again', { insteadOf: 'off', number: 3 }), day('2026-05-01'))
      .thenRefused('other-number', 'number');
  });

  test('needs one that was called off, of the same prescription', () => {
    const story = given(
      CALLED_OFF,
      on('2026-04-25', missed('ill', 3, 'acceptable'), walkPrescribed()),
    );
    for (const insteadOf of ['s1', 'ill', 'unheard-of']) {
      story
        .when(attend('again', { insteadOf }), day('2026-05-01'))
        .thenRefused('nothing-to-replace', 'insteadOf');
    }
    story
      .when(attend('again', { insteadOf: 'off', prescription: WALK }), day('2026-05-01'))
      .thenRefused('nothing-to-replace', 'insteadOf');
  });
});

describe('two prescriptions of the same service', () => {
  test('keep their sessions apart', () => {
    const twice = prescribed({ prescription: WALK, service: WALKING, provider: WALKERS });
    given(COMPLETED, on('2026-05-21', twice))
      .when(attend('w1', { prescription: WALK }), day('2026-05-28'))
      .then(attended('w1', 1, { prescription: WALK }))
      .when(attend('s2'), day('2026-05-28'))
      .thenRefused('after-the-end');
  });
});

describe('where missed sessions may be made up', () => {
  const DROPPED_IN = PRESCRIBED.map((fact) =>
    fact.type === 'Referred'
      ? { ...fact, data: { ...fact.data, scheme: { name: DROP_IN.name, version: 1 } } }
      : fact,
  );
  const madeUp = (session: string, number: number) => {
    const event = missed(session, number, 'acceptable');
    return { ...event, data: { ...event.data, makeUp: true } } as typeof event;
  };

  const insteadOf = (session: string, event: ReturnType<typeof madeUp>) =>
    ({ ...event, data: { ...event.data, insteadOf: sessionId(session) } }) as typeof event;

  test('a miss leaves its number open, to the next or to one that names it', () => {
    const story = given(DROPPED_IN)
      .when(miss('s1', 'acceptable'), day('2026-04-17'))
      .then(madeUp('s1', 1));
    story
      .when(attend('s2'), day('2026-04-24'))
      .then(attended('s2', 1))
      .when(attend('s3', { insteadOf: 's1' }), day('2026-04-30'))
      .then(attended('s3', 2, { insteadOf: 's1' }));
    story
      .when(attend('s2', { insteadOf: 's1' }), day('2026-04-24'))
      .then(attended('s2', 1, { insteadOf: 's1' }))
      .when(attend('s3', { insteadOf: 's1' }), day('2026-04-30'))
      .thenRefused('replaced-already');
  });

  // A session could once be made up twice: by itself, and by way of its make-up.
  test('a make-up that is missed is made up once, whichever of them is named', () => {
    const story = given(DROPPED_IN)
      .when(miss('a', 'acceptable'), day('2026-04-17'))
      .then(madeUp('a', 1))
      .when(miss('b', 'acceptable', { insteadOf: 'a' }), day('2026-04-24'))
      .then(insteadOf('a', madeUp('b', 1)));
    for (const [one, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const made = story
        .when(attend('c', { insteadOf: one }), day('2026-04-30'))
        .then(attended('c', 1, { insteadOf: one }));
      for (const again of [one, other]) {
        made
          .when(attend('d', { insteadOf: again }), day('2026-05-08'))
          .thenRefused('replaced-already', 'insteadOf');
      }
    }
  });

  test('and sessions that were recorded anew in a circle are made up too', () => {
    const story = given(
      DROPPED_IN,
      on('2026-04-17', insteadOf('b', madeUp('a', 1))),
      on('2026-04-24', insteadOf('a', madeUp('b', 1))),
    );
    story
      .when(attend('c', { insteadOf: 'a' }), day('2026-04-30'))
      .then(attended('c', 1, { insteadOf: 'a' }))
      .when(attend('d', { insteadOf: 'b' }), day('2026-05-08'))
      .thenRefused('replaced-already', 'insteadOf');
  });

  test('a miss may even name a number that is taken', () => {
    given(DROPPED_IN, on('2026-04-17', attended('s1', 1)))
      .when(miss('s2', 'acceptable', { number: 1 }), day('2026-04-24'))
      .then(madeUp('s2', 1));
  });

  test('and elsewhere not', () => {
    given(PRESCRIBED, on('2026-04-17', missed('s1', 1, 'acceptable')))
      .when(attend('s2', { insteadOf: 's1' }), day('2026-04-24'))
      .thenRefused('nothing-to-replace', 'insteadOf');
  });
});

describe('further evidence', () => {
  const HELD = [...PRESCRIBED, ...on('2026-04-17', attended('s1', 1))];

  test('is added to what was recorded, whether it agrees or not', () => {
    given(HELD)
      .when(addEvidence('s1', 'attended'), day('2026-04-18'))
      .then(evidenceAdded('s1', 'attended'))
      .when(addEvidence('s1', 'missed'), day('2026-04-18'))
      .then(evidenceAdded('s1', 'missed'));
  });

  test('the same again is nothing new; of another kind it is', () => {
    given(HELD, on('2026-04-18', evidenceAdded('s1', 'attended')))
      .when(addEvidence('s1', 'attended'), day('2026-04-20'))
      .thenNothing()
      .when(addEvidence('s1', 'attended', 'self-report'), day('2026-04-20'))
      .then(evidenceAdded('s1', 'attended', 'self-report'));
  });

  test('is of a session that stands, from its day on', () => {
    given(HELD)
      .when(addEvidence('s2', 'attended'), day('2026-04-18'))
      .thenRefused('no-such-session', 'session');
    given(HELD)
      .when(addEvidence('s1', 'attended'), day('2026-04-16', { told: '2026-04-18' }))
      .thenRefused('before-the-session', 'at');
    const gone = on('2026-04-18', voided(lastOf(HELD, 'Attended').id));
    given(HELD, gone)
      .when(addEvidence('s1', 'attended'), day('2026-04-19'))
      .thenRefused('no-such-session', 'session');
    given(IN_CONTACT)
      .when(addEvidence('s1', 'attended'), day('2026-04-18'))
      .thenRefused('no-such-prescription', 'prescription');
  });

  test('comes from the anchor or the provider that held it, also after the end', () => {
    const it = addEvidence('s1', 'attended');
    const late = given(CLOSED);
    late.when(it, day('2026-06-01', { by: PROVIDER })).then(evidenceAdded('s1', 'attended'));
    for (const by of [STRANGER, OTHER_PROVIDER]) {
      late.when(it, day('2026-06-01', { by })).thenRefused('not-your-referral');
    }
  });
});
