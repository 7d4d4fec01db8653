import { beforeAll, describe, expect, test } from '@jest/globals';
import { addDays, isRefusal } from '#kernel';
import { shippedScheme } from '../../testing/shipped-schemes.js';
import { promptOf } from '../caps.js';
import type { Scheme } from '../scheme.js';
import { PROVIDER } from '../testing/cast.js';
import { date, day, fold, given } from '../testing/given.js';
import { ANCHOR, commandsUnder, told } from '../testing/under.js';

let brightlife: Scheme;
beforeAll(async () => {
  brightlife = await shippedScheme('brightlife');
});
/** A referral in a tier with so many contacts, one a week. */
function supported(scheme: Scheme, tier: string, contacts: number) {
  const say = commandsUnder(scheme);
  const visits = Array.from(
    { length: contacts },
    (_, week) => [say.contact(), day(addDays(date('2026-01-09'), 7 * week))] as const,
  );
  return told(
    [say.refer(), day('2026-01-01')],
    [say.accept(), day('2026-01-02')],
    [say.tier(tier), day('2026-01-02')],
    ...visits,
  );
}
const LATER = day('2026-12-01');

describe('Brightlife', () => {
  test('has three tiers, and a person moves between them', () => {
    const say = commandsUnder(brightlife);
    const facts = told(
      [say.refer(), day('2026-01-01')],
      [say.tier('tier-1'), day('2026-01-02')],
      [say.tier('tier-3'), day('2026-01-03')],
      [say.tier('tier-2'), day('2026-01-04')],
      [say.tier('tier-1'), day('2026-01-05')],
    );
    expect(fold(facts)?.tier).toBe('tier-1');
    given(facts).when(say.tier('tier-4'), LATER).thenRefused('no-such-tier', 'tier');
  });

  test('prompts from the twelfth visit on, and blocks nothing by it', () => {
    const { contact } = commandsUnder(brightlife);
    for (const [visits, prompted] of [
      [11, false],
      [12, true],
      [15, true],
    ] as const) {
      const facts = supported(brightlife, 'tier-3', visits);
      expect(promptOf(fold(facts)!, brightlife) !== null).toBe(prompted);
      expect(contact()(fold(facts), LATER)).toHaveLength(1);
    }
  });

  test('ends tier 3 after sixteen, and goes on with a reason', () => {
    const { contact } = commandsUnder(brightlife);
    const facts = supported(brightlife, 'tier-3', 16);
    given(facts).when(contact(), LATER).thenRefused('cap-reached', 'override');
    for (const by of [ANCHOR, LATER.actor]) {
      const decision = contact({ because: 'Housing fell through.' })(
        fold(facts),
        day('2026-12-01', { by }),
      );
      expect(decision).toMatchObject([
        {
          data: { override: { by: by.role } },
          protectedData: { overrideReason: 'Housing fell through.' },
        },
      ]);
    }
    given(facts)
      .when(contact({ because: 'Why.' }), day('2026-12-01', { by: PROVIDER }))
      .thenRefused('not-your-referral');
  });

  test('caps no other tier, and a lower one frees', () => {
    const { contact, tier } = commandsUnder(brightlife);
    for (const other of ['tier-1', 'tier-2']) {
      expect(contact()(fold(supported(brightlife, other, 20)), LATER)).toHaveLength(1);
    }
    const facts = supported(brightlife, 'tier-3', 16);
    const down = tier('tier-2')(fold(facts), LATER);
    const after = [...facts, ...told([() => down, LATER])];
    expect(contact()(fold(after), LATER)).toHaveLength(1);
  });

  test('plans two hours for the first visit, which may be told otherwise', () => {
    const { contact } = commandsUnder(brightlife);
    const facts = supported(brightlife, 'tier-3', 0);
    expect(contact({ minutes: null })(fold(facts), LATER)).toMatchObject([
      { type: 'FirstContactMade', data: { minutes: 120 } },
    ]);
    expect(contact({ minutes: 45 })(fold(facts), LATER)).toMatchObject([{ data: { minutes: 45 } }]);
  });

  test.each([
    [1, undefined],
    [2, 1],
    [6, 4],
    [20, 19],
  ])('with a cap of %i and a prompt at %s it ends there', (contacts, promptAt) => {
    const [one, two, three] = brightlife.tiers!;
    const cap = { kind: 'hard' as const, contacts, ...(promptAt && { promptAt }) };
    const other: Scheme = { ...brightlife, tiers: [one!, two!, { ...three!, cap }] };
    const { contact } = commandsUnder(other);
    const refusedAfter = (visits: number) =>
      isRefusal(contact()(fold(supported(other, 'tier-3', visits)), LATER));
    expect([contacts - 1, contacts].map(refusedAfter)).toEqual([false, true]);
    const promptedAfter = (visits: number) =>
      promptOf(fold(supported(other, 'tier-3', visits))!, other) !== null;
    const at = promptAt ?? contacts;
    expect([at - 1, at].map(promptedAfter)).toEqual([false, true]);
  });
});
