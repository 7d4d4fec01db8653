import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRefusal, type Slug } from '#kernel';
import { promptOf, type Prompt } from './caps.js';
import type { ReferralEvent, ReferralFact } from './events.js';
import type { Scheme, Tier } from './scheme.js';
import {
  LINK_WORKER,
  PROVIDER,
  SPRING,
  accepted,
  assigned,
  attempted,
  contact,
  firstContact,
  followedUp,
} from './testing/cast.js';
import { date, day, factsOf, given, on, type Decide } from './testing/given.js';
import { ANCHOR, commandsUnder, visited } from './testing/under.js';

const tier = (cap: Tier['cap'], more: Partial<Tier> = {}): Scheme => ({
  ...SPRING,
  tiers: [
    { tier: 'close' as Slug, cap, ...more },
    { tier: 'light' as Slug, cap: { kind: 'none' } },
  ],
});
const inTier = (to = 'close'): ReferralEvent => ({
  type: 'TierChanged',
  data: { to: to as Slug },
  protectedData: {},
});
/** A referral in a tier with so many contacts, one a day. */
const withContacts = (
  count: number,
  ...more: readonly ReferralEvent[]
): readonly ReferralFact[] => [
  ...on('2026-04-01', commandsUnder(SPRING).received(), accepted(), assigned(), inTier(), ...more),
  ...Array.from({ length: count }, (_, index) =>
    factsOf(
      [index === 0 ? firstContact() : contact()],
      day(`2026-05-${String(index + 1).padStart(2, '0')}`),
      `contact ${index}`,
    ),
  ).flat(),
];
const LATER = day('2026-06-15');
const taken = (decide: Decide, facts: readonly ReferralFact[], moment = LATER) =>
  !isRefusal(decide(given(facts).state, moment));

describe('a hard cap', () => {
  const hard = commandsUnder(tier({ kind: 'hard', contacts: 3 }, { overrideBy: ['anchor'] }));

  test('lets every conversation up to it through', () => {
    expect([0, 1, 2].map((n) => taken(hard.contact(), withContacts(n)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('stops the next one, and says the cap, the count and who may go past it', () => {
    given(withContacts(3)).when(hard.contact(), LATER).thenRefused('cap-reached', 'override');
    const refusal = hard.contact()(given(withContacts(3)).state, LATER);
    expect(refusal).toMatchObject({ data: { cap: 3, contacts: 3 } });
    expect(refusal).toHaveProperty('message', expect.stringMatching(/3 contacts.* by: anchor\./u));
  });

  test('is passed with a reason by who may, and it is known whose word it was', () => {
    given(withContacts(3))
      .when(hard.contact({ because: 'Bereaved last week.' }), day('2026-06-15', { by: ANCHOR }))
      .then(visited({ override: { by: 'anchor' as Slug } }, 'Bereaved last week.'));
  });

  test('is not passed by anybody else', () => {
    given(withContacts(3))
      .when(hard.contact({ because: 'Why.' }), day('2026-06-15', { by: LINK_WORKER }))
      .thenRefused('may-not-override', 'actor.role');
    const nobody = commandsUnder(tier({ kind: 'hard', contacts: 3 }));
    given(withContacts(3))
      .when(nobody.contact({ because: 'Why.' }), day('2026-06-15', { by: ANCHOR }))
      .thenRefused('may-not-override', 'actor.role');
  });

  test('needs its reason each time', () => {
    given(withContacts(5))
      .when(hard.contact(), day('2026-06-15', { by: ANCHOR }))
      .thenRefused('cap-reached');
  });

  test('that is not reached has nothing to override', () => {
    given(withContacts(2))
      .when(hard.contact({ because: 'Why.' }), day('2026-06-15', { by: ANCHOR }))
      .then(visited());
  });

  test('counts neither attempts nor follow-ups, and stops neither', () => {
    const more = [...withContacts(2), ...on('2026-06-01', attempted(), followedUp(), followedUp())];
    expect(taken(hard.contact(), more)).toBe(true);
    expect(taken(hard.followUp('monthly'), withContacts(3))).toBe(true);
  });

  test('does not count a contact that was voided', () => {
    const facts = withContacts(3);
    const corrects = facts.at(-1)!.id;
    const voided: ReferralEvent = {
      type: 'EntryCorrected',
      data: { corrects, kind: 'void', reasonCode: 'duplicate' } as never,
    };
    expect(taken(hard.contact(), [...facts, ...on('2026-06-01', voided)])).toBe(true);
  });

  test('of another tier is none of this one', () => {
    expect(taken(hard.contact(), withContacts(3, inTier('light')))).toBe(true);
    expect(taken(hard.contact(), withContacts(3, inTier('light'), inTier('close')))).toBe(false);
  });

  test('without a tier there is none', () => {
    const facts = withContacts(9).filter(({ type }) => type !== 'TierChanged');
    expect(taken(hard.contact(), facts)).toBe(true);
  });
});

test('a soft cap, and none, never stop anybody', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 20 }), (cap, count) => {
      for (const kind of ['soft', 'none'] as const) {
        const { contact: visit } = commandsUnder(
          tier(kind === 'soft' ? { kind, contacts: cap } : { kind }),
        );
        expect(taken(visit(), withContacts(count))).toBe(true);
      }
    }),
  );
});

test('a hard cap stops the first conversation past it, wherever it lies', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 18 }), fc.integer({ min: 0, max: 20 }), (cap, count) => {
      const { contact: visit } = commandsUnder(tier({ kind: 'hard', contacts: cap }));
      expect(taken(visit(), withContacts(count))).toBe(count < cap);
    }),
  );
});

describe('a cap on some modes', () => {
  // The contacts of the story are by phone.
  const visits = commandsUnder(tier({ kind: 'hard', contacts: 2, modes: ['visit'] }));
  const both = commandsUnder(tier({ kind: 'hard', contacts: 2, modes: ['visit', 'phone'] }));

  test('counts those', () => {
    expect(taken(visits.contact({ mode: 'visit' }), withContacts(5))).toBe(true);
    expect(taken(both.contact({ mode: 'visit' }), withContacts(2))).toBe(false);
  });

  test('and stops those', () => {
    const visitors = [
      ...withContacts(1),
      ...on('2026-06-01', visited(), visited({ place: 'home' as Slug })),
    ];
    expect(taken(visits.contact({ mode: 'visit' }), visitors)).toBe(false);
    expect(taken(visits.contact({ mode: 'phone' }), visitors)).toBe(true);
  });
});

describe('the prompt', () => {
  const promptAfter = (cap: Tier['cap'], count: number): Prompt | null =>
    promptOf(given(withContacts(count)).state!, tier(cap));

  test('comes with the contact it names, and stays', () => {
    const cap = { kind: 'hard', contacts: 5, promptAt: 3 } as const;
    expect(promptAfter(cap, 2)).toBeNull();
    expect(promptAfter(cap, 3)).toEqual({ contacts: 3, cap: 5 });
    expect(promptAfter(cap, 5)).toEqual({ contacts: 5, cap: 5 });
  });

  test('comes at the cap where no other is named', () => {
    expect(promptAfter({ kind: 'soft', contacts: 4 }, 3)).toBeNull();
    expect(promptAfter({ kind: 'soft', contacts: 4 }, 4)).toEqual({ contacts: 4, cap: 4 });
    expect(promptAfter({ kind: 'soft', promptAt: 4 }, 4)).toEqual({ contacts: 4 });
    expect(promptAfter({ kind: 'none' }, 30)).toBeNull();
  });
});

describe('a worker kind that a tier bars', () => {
  const barred = commandsUnder(tier({ kind: 'none' }, { barredWorkers: ['volunteer'] }));

  test('takes no contact there', () => {
    given(withContacts(1))
      .when(barred.contact({ workerKind: 'volunteer' }), LATER)
      .thenRefused('worker-barred', 'workerKind');
    expect(taken(barred.contact({ workerKind: 'other' }), withContacts(1))).toBe(true);
  });

  test('takes it in any other tier', () => {
    const light = withContacts(1, inTier('light'));
    expect(taken(barred.contact({ workerKind: 'volunteer' }), light)).toBe(true);
  });
});

describe('minutes', () => {
  const long = commandsUnder(tier({ kind: 'none' }, { firstVisitMinutes: 90 }));

  test('of a first contact are as the tier plans it where nobody says otherwise', () => {
    const minutesOf = (minutes: number | null) =>
      long.contact({ minutes })(given(withContacts(0)).state, LATER);
    expect(minutesOf(null)).toMatchObject([{ type: 'FirstContactMade', data: { minutes: 90 } }]);
    expect(minutesOf(0)).toMatchObject([{ data: { minutes: 0 } }]);
    expect(minutesOf(35)).toMatchObject([{ data: { minutes: 35 } }]);
  });

  test('of any other are said', () => {
    given(withContacts(1))
      .when(long.contact({ minutes: null }), LATER)
      .thenRefused('minutes-needed', 'minutes');
    given(withContacts(0, inTier('light')))
      .when(long.contact({ minutes: null }), LATER)
      .thenRefused('minutes-needed', 'minutes');
  });
});

describe('when the caps change', () => {
  const first = tier({ kind: 'hard', contacts: 3 });
  const second = {
    ...tier({ kind: 'hard', contacts: 5 }),
    version: 2,
    from: date('2026-06-01'),
  };

  test('a referral keeps those it was received under', () => {
    const { contact: visit } = commandsUnder(first, second);
    expect(taken(visit(), withContacts(3))).toBe(false);
  });

  test('unless its scheme follows the day', () => {
    const { contact: visit } = commandsUnder({ ...first, capsFollow: 'day' }, second);
    expect(taken(visit(), withContacts(3), day('2026-05-31', { told: '2026-06-15' }))).toBe(false);
    expect(taken(visit(), withContacts(3), day('2026-06-01'))).toBe(true);
    expect(taken(visit(), withContacts(5), day('2026-06-01'))).toBe(false);
  });
});

describe('a tier', () => {
  const { tier: to } = commandsUnder(tier({ kind: 'none' }));
  const START = on('2026-04-01', commandsUnder(SPRING).received());
  const changed = (from: string | undefined, next: string): ReferralEvent => ({
    type: 'TierChanged',
    data: { ...(from && { from: from as Slug }), to: next as Slug },
    protectedData: {},
  });

  test('is changed in both directions, any number of times', () => {
    given(START)
      .when(to('close'), day('2026-04-02'))
      .then(changed(undefined, 'close'))
      .when(to('light'), day('2026-04-03'))
      .then(changed('close', 'light'))
      .when(to('light'), day('2026-04-03'))
      .thenNothing()
      .when(to('close'), day('2026-04-04'))
      .then(changed('light', 'close'));
  });

  test('is one of the scheme', () => {
    given(START).when(to('nearby'), day('2026-04-02')).thenRefused('no-such-tier', 'tier');
    given(START)
      .when(commandsUnder(SPRING).tier('close'), day('2026-04-02'))
      .thenRefused('no-such-tier', 'tier');
    given(START)
      .when(to('close'), day('2026-04-02', { by: PROVIDER }))
      .thenRefused('not-your-referral');
  });
});
