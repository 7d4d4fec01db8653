import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  deriveId,
  isRefusal,
  type CivilDate,
  type Decision,
  type EventId,
  type Metadata,
  type Moment,
  type Slug,
} from '#kernel';
import type { PlaceEvent, PlaceFact } from './place-events.js';
import {
  declareCapacity,
  evolvePlaces,
  followMove,
  holderOf,
  noPlaces,
  takePlace,
} from './places.js';
import type { Places } from './places.js';

const OF = { provider: 'hill-allotments' as Slug, service: 'gardening' as Slug };
const placeOf = (who: string) => ({
  ...OF,
  prescription: deriveId<'prescription'>('prescription', who),
  referral: deriveId<'referral'>('referral', who),
});
const causeOf = (what: string): EventId => deriveId<'event'>('cause', what);
const BY = { override: { by: 'anchor' as Slug } };
const day = (on: string, today = on): Moment => ({
  on: on as CivilDate,
  today: today as CivilDate,
  actor: { id: 'manager-2', role: 'anchor', organisation: 'north' as Slug },
});

const take =
  (who: string, how: Parameters<typeof takePlace>[2] = {}) =>
  (state: Places) =>
    takePlace(state, placeOf(who), how);
const follow = (who: string, takes: boolean, what: string) => (state: Places) =>
  followMove(state, { ...placeOf(who), takes, because: causeOf(what) });
const declare = (places: number) => (state: Places) =>
  declareCapacity(state, { ...OF, places }, day('2026-04-01'));

/** What the stream would hold: every decision is made on what the ones before it left. */
function after(
  state: Places,
  ...steps: readonly ((state: Places) => Decision<PlaceEvent>)[]
): Places {
  return steps.reduce((before, step) => {
    const decision = step(before);
    if (isRefusal(decision)) throw new Error(decision.message);
    return decision.reduce((now, event) => evolvePlaces(now, factOf(event, now.facts)), before);
  }, state);
}

function factOf(event: PlaceEvent, index: number): PlaceFact {
  const id = deriveId<'event'>('place-fact', String(index));
  const metadata = { commandId: deriveId('command', String(index)) } as unknown as Metadata;
  return { id, type: event.type, data: event.data, sealed: {}, metadata } as PlaceFact;
}

describe('a service of which nobody declared a capacity', () => {
  test('has no limit, and counts nothing', () => {
    expect(take('ann')(noPlaces)).toEqual([]);
    expect(follow('ann', true, 'prescribed')(noPlaces)).toEqual([]);
    expect(follow('ann', false, 'dropped out')(noPlaces)).toEqual([]);
  });
});

describe('a service with two places', () => {
  const TWO = after(noPlaces, declare(2));
  const FULL = after(TWO, take('ann'), take('ben'));

  test('gives them to two people, and tells the third how it stands and what to do', () => {
    expect(take('cat')(after(TWO, take('ann')))).toEqual([
      { type: 'PlaceTaken', data: placeOf('cat') },
    ]);
    expect(take('cat')(FULL)).toMatchObject({
      code: 'places-full',
      message:
        '2 of 2 places of gardening at hill-allotments are taken: put the person on the waiting ' +
        'list (waitlist: true) or give a reason to go past it (override).',
      data: { declared: 2, taken: 2 },
    });
  });

  test('gives nobody a second one', () => {
    expect(take('ann')(FULL)).toEqual([]);
  });

  test('is gone past on purpose, and says so', () => {
    expect(take('cat', BY)(FULL)).toEqual([
      { type: 'PlaceTaken', data: { ...placeOf('cat'), ...BY } },
    ]);
    expect(after(FULL, take('cat', BY)).taken.get(holderOf(placeOf('cat')))?.past).toBe(true);
  });

  test('says nothing of an override that nobody needed', () => {
    expect(take('ann', BY)(TWO)).toEqual([{ type: 'PlaceTaken', data: placeOf('ann') }]);
  });

  test('lets one prescription take over from another of the same person', () => {
    const { prescription: before, referral } = placeOf('ann');
    const next = { ...placeOf('ann again'), referral };
    expect(takePlace(FULL, next, { continues: before })).toHaveLength(1);
    const { prescription: another } = placeOf('ben');
    expect(takePlace(FULL, next, { continues: another })).toMatchObject({ code: 'places-full' });
  });

  test('has one again when somebody ends', () => {
    const freed = after(FULL, follow('ann', false, 'dropped out'));
    expect(take('cat')(freed)).toHaveLength(1);
    expect(take('dan')(after(freed, take('cat')))).toMatchObject({ code: 'places-full' });
  });

  test('a place is freed once', () => {
    const freed = after(FULL, follow('ann', false, 'dropped out'));
    expect(follow('ann', false, 'dropped out')(freed)).toEqual([]);
  });

  test('a fact takes one although all are taken: the drop-out was never so', () => {
    const taken = after(FULL, follow('ann', false, 'dropped out'), take('cat'));
    expect(follow('ann', true, 'voided')(taken)).toEqual([
      { type: 'PlaceTaken', data: { ...placeOf('ann'), because: causeOf('voided') } },
    ]);
    expect(after(taken, follow('ann', true, 'voided')).taken.size).toBe(3);
  });
});

describe('declaring', () => {
  test('the same again is nothing new, another figure holds from then on', () => {
    const two = after(noPlaces, declare(2));
    expect(declare(2)(two)).toEqual([]);
    expect(after(two, declare(0)).declared).toBe(0);
    expect(take('ann')(after(two, declare(0)))).toMatchObject({ code: 'places-full' });
  });

  test('fewer than are taken ends nobody', () => {
    const full = after(noPlaces, declare(2), take('ann'), take('ben'), declare(1));
    expect(full.taken.size).toBe(2);
    expect(take('cat')(after(full, follow('ann', false, 'end')))).toMatchObject({
      code: 'places-full',
    });
  });

  test('not of a day that is still to come', () => {
    const data = { ...OF, places: 2 };
    expect(declareCapacity(noPlaces, data, day('2026-04-02', '2026-04-01'))).toMatchObject({
      code: 'in-the-future',
    });
  });
});

describe('over any history', () => {
  const people = fc.constantFrom('ann', 'ben', 'cat', 'dan', 'eve');
  const step = fc.record({ verb: fc.constantFrom('take', 'free'), who: people });
  test('never more are taken than declared, while nobody goes past it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step), (declared, steps) => {
        let state = after(noPlaces, declare(declared));
        for (const [index, { verb, who }] of steps.entries()) {
          const decision =
            verb === 'take' ? take(who)(state) : follow(who, false, String(index))(state);
          if (!isRefusal(decision)) state = after(state, () => decision);
          expect(state.taken.size).toBeLessThanOrEqual(declared);
        }
      }),
    );
  });

  test('a fact of a newer version changes nothing', () => {
    const newer = { type: 'NotYetKnown', data: {}, metadata: {} } as unknown as PlaceFact;
    const two = after(noPlaces, declare(2));
    expect(evolvePlaces(two, newer)).toEqual(two);
  });
});
