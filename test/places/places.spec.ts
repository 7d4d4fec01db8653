import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deriveId, type CommandMeta, type ReferralId, type Slug } from '#kernel';
import { PLACE_WAIT_MS, PlacesQuery, type ServicePlaces } from '#referral';
import {
  RECORDED_AT,
  before,
  give,
  must,
  names,
  type Engine,
  type Line,
} from '../reservations/testing/engine.js';
import { gate, meeting } from '../reservations/testing/gate.js';
import { makeWorld, person, prescribe, PRICE, type World } from '../reservations/testing/world.js';
import { atAnyVersion } from '../support/at-any-version.js';

const ALLOT = 'allot' as Slug;
const [ADA, BEN, CAT, DAN] = [person(0), person(1), person(2), person(3)];

let world: World;
afterEach(async () => {
  await world.remove();
});

const declare = (places: number, by: Partial<Line> = {}): Line => ({
  ...{ id: `declare ${places}`, command: 'DeclareCapacity', at: '2026-04-03' },
  ...{ organisation: 'allot', role: 'provider' },
  data: { provider: 'allot', service: 'gardening', places },
  ...by,
});
/** Free of charge, unless it is the prescription of the other tests. */
function ask(who: string, more: object = {}, line: Partial<Line> = {}): Line {
  const what = { service: 'gardening', provider: 'allot', ...more };
  const data = { referral: who, prescription: who, ...what };
  return { id: `${who} asks`, command: 'Prescribe', at: '2026-05-04', data, ...line };
}
const offer = (who: string, more: object = {}, line: Partial<Line> = {}): Line => ({
  ...{ id: `${who} is offered one`, command: 'OfferPlace', at: '2026-05-12' },
  data: { referral: who, prescription: who, ...more },
  ...line,
});
const leave = (who: string, id = `${who} leaves`): Line => ({
  ...{ id, command: 'RecordDropOut', at: '2026-05-11' },
  data: { referral: who, prescription: who },
});
const FULL = { refused: { code: 'places-full', data: { declared: 2, taken: 2 } } };
const ANCHOR = { role: 'anchor' };
const PAST = { override: { reason: 'she lives next door' } };

async function places(): Promise<ServicePlaces> {
  await world.wayledger.catchUp();
  const [service] = await world.wayledger.query(new PlacesQuery(ALLOT));
  if (service === undefined) throw new Error('A capacity was declared');
  return service;
}
const counts = async () => {
  const { taken, free, over, waiting } = await places();
  return { taken, free, over, waiting: waiting.length };
};
const waiting = async () => (await places()).waiting.map(({ referral }) => nameOf(referral));
const nameOf = (referral: ReferralId) =>
  [ADA, BEN, CAT, DAN].find((who) => names().idOf('referral', who) === referral);

describe('two places', () => {
  beforeEach(async () => {
    world = await makeWorld({ people: 4, pot: PRICE * 10n });
    await must(world.wayledger, declare(2));
    for (const who of [ADA, BEN]) await must(world.wayledger, ask(who));
  });

  test('are given to two people; the third is told how it stands', async () => {
    expect(await world.give(ask(CAT))).toEqual(FULL);
    expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
    // Priced or free makes no difference, and no money is set aside for it.
    expect(await world.give(prescribe(CAT))).toEqual(FULL);
    expect(await world.free()).toBe(PRICE * 10n);
  });

  test('and a list: who waited longest comes first, by day and then by who was first told', async () => {
    const listed = (who: string, at: string) =>
      world.give(ask(who, { waitlist: true }, { at, id: `${who} waits` }));
    expect(await listed(CAT, '2026-05-06')).toEqual({ events: ['Prescribed', 'PlaceWaitlisted'] });
    await listed(DAN, '2026-05-05');
    expect(await waiting()).toEqual([DAN, CAT]);
    expect(await world.give(offer(DAN))).toEqual(FULL);
    await must(world.wayledger, leave(ADA));
    expect(await counts()).toEqual({ taken: 1, free: 1, over: 0, waiting: 2 });
    expect(await world.give(offer(DAN))).toEqual({ events: ['PlaceOffered'] });
    expect(await waiting()).toEqual([CAT]);
    expect(await world.give(offer(CAT))).toEqual(FULL);
    expect(await world.broken()).toEqual([]);
  });

  test('one goes over to the prescription that continues another, though all are taken', async () => {
    const next = ask(ADA, { prescription: 'ada goes on', continues: ADA }, { id: 'goes on' });
    expect(await world.give(next)).toEqual({ events: ['Prescribed'] });
    expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
    expect(await world.give(ask(CAT))).toEqual(FULL);
  });

  test('where one is free the list is for nobody', async () => {
    await must(world.wayledger, leave(ADA));
    expect(await world.give(ask(CAT, { waitlist: true }))).toEqual({ events: ['Prescribed'] });
  });

  test('are gone past by the anchor, with a reason', async () => {
    expect(await world.give(ask(CAT, PAST))).toMatchObject({
      refused: { code: 'not-yours-to-override' },
    });
    expect(await world.give(ask(CAT, PAST, ANCHOR))).toEqual({ events: ['Prescribed'] });
    expect(await places()).toMatchObject({ taken: 3, overridden: 1, over: 1, free: 0 });
    await must(world.wayledger, ask(DAN, { waitlist: true }));
    expect(await world.give(offer(DAN, PAST, ANCHOR))).toEqual({ events: ['PlaceOffered'] });
    expect(await places()).toMatchObject({ taken: 4, overridden: 2, over: 2 });
    expect(await world.give(ask(CAT, { ...PAST, waitlist: true }, { id: 'both' }))).toMatchObject({
      refused: { code: 'already-prescribed' },
    });
  });

  test('the reason is sealed, and no place knows it', async () => {
    await must(world.wayledger, ask(CAT, PAST, ANCHOR));
    for await (const page of world.wayledger.log.readLog({ after: 0n, max: 1_000 })) {
      expect(
        JSON.stringify(page, (_, v: unknown) => (typeof v === 'bigint' ? '' : v)),
      ).not.toContain('next door');
    }
  });

  test('are the provider’s or an anchor’s to declare', async () => {
    const stranger = declare(9, { id: 'other', organisation: 'tnlcf', role: 'provider' });
    expect(await world.give(stranger)).toMatchObject({ refused: { code: 'not-your-capacity' } });
    expect(await world.give(declare(3, { organisation: 'north', ...ANCHOR }))).toEqual({
      events: ['CapacityDeclared'],
    });
    expect(await world.give(ask(CAT))).toEqual({ events: ['Prescribed'] });
  });

  test('a place is freed when what it was taken for is refused in the end', async () => {
    await must(world.wayledger, leave(ADA));
    const dear = { agreement: 'garden', fund: 'lottery', year: 2026, pot: 'prescribing' };
    expect(await world.give(ask(CAT, { ...dear, plannedSessions: 99 }))).toMatchObject({
      refused: { code: 'pot-exhausted' },
    });
    expect(await counts()).toEqual({ taken: 1, free: 1, over: 0, waiting: 0 });
    expect(await world.give(ask(DAN))).toEqual({ events: ['Prescribed'] });
  });

  // An import that was given again once took the places of all who had left since.
  test('given again after the person left, a command takes none anew', async () => {
    await must(world.wayledger, leave(ADA));
    await must(world.wayledger, ask(ADA));
    expect(await counts()).toEqual({ taken: 1, free: 1, over: 0, waiting: 0 });
    await voidEnd(await world.engine(), ADA);
    await must(world.wayledger, leave(ADA));
    expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
  });

  test('an end frees one; that it never was takes it again, also beyond what is free', async () => {
    const engine = await world.engine();
    await must(engine, leave(ADA));
    await must(engine, ask(CAT));
    await voidEnd(engine, ADA);
    expect(await counts()).toEqual({ taken: 3, free: 0, over: 1, waiting: 0 });
    expect(await world.wayledger.settle()).toEqual({ told: 0, abandoned: 0, waiting: 0 });
    expect(await counts()).toEqual({ taken: 3, free: 0, over: 1, waiting: 0 });
  });
});

/** The drop-out was never so. */
async function voidEnd({ referrals }: Engine, who: string): Promise<void> {
  const referral = names().idOf('referral', who) as ReferralId;
  const { facts } = await referrals.load(referral);
  const end = facts.find(({ type }) => type === 'DroppedOut');
  if (end === undefined) throw new Error('There was an end');
  const meta: CommandMeta = {
    ...{ commandId: deriveId('void', who), correlationId: deriveId('void', who) },
    actor: { id: 'ann', role: 'link-worker', organisation: 'north' as Slug },
    occurredOn: end.metadata.occurredOn,
    recordedAt: RECORDED_AT,
    canonical: '{}',
  };
  await referrals.decide({ meta, referral }, () => [
    {
      type: 'EntryCorrected',
      data: {
        ...{ corrects: end.id, kind: 'void' },
        ...{ reasonCode: 'entered-in-error', requestedBy: 'north' as Slug },
      },
    },
  ]);
}

describe('killed between two streams', () => {
  const crash = () => Promise.reject(new Error('killed'));
  const killed = async (type: string, line: Line): Promise<void> => {
    const engine = await world.engine(before(type, crash));
    await expect(give(engine, line)).rejects.toThrow('killed');
  };
  const settle = async () => {
    const engine = await world.engine();
    const told = await engine.placeSettlement.run();
    await engine.runner.catchUp();
    return told;
  };

  beforeEach(async () => {
    world = await makeWorld({ people: 4, pot: PRICE * 10n });
    await must(world.wayledger, declare(2));
    await must(world.wayledger, ask(ADA));
  });

  test('a place that nothing followed is freed after a while', async () => {
    await killed('Prescribed', ask(BEN));
    expect(await world.give(ask(CAT))).toEqual(FULL);
    expect(await settle()).toBe(0);
    world.clock.pass(PLACE_WAIT_MS - 1);
    expect(await settle()).toBe(0);
    world.clock.pass(1);
    expect(await settle()).toBe(1);
    expect(await settle()).toBe(0);
    expect(await world.give(ask(CAT))).toEqual({ events: ['Prescribed'] });
    expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
    expect(await world.give(ask(BEN))).toEqual(FULL);
  });

  test('the same command again finds its place', async () => {
    await killed('Prescribed', ask(BEN));
    expect(await world.give(ask(BEN))).toEqual({ events: ['Prescribed'] });
    expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
    expect(await settle()).toBe(0);
  });

  test('and takes one anew when it was freed meanwhile', async () => {
    await killed('Prescribed', ask(BEN));
    await settle();
    world.clock.pass(PLACE_WAIT_MS);
    await settle();
    expect(await world.give(ask(BEN))).toEqual({ events: ['Prescribed'] });
    expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
  });

  // A free service has no reservation that could be abandoned: the fact stands, and is shown.
  test('one that wakes after its place was given away goes over, and it shows', async () => {
    const [there, go] = [gate(), gate()];
    const slow = await world.engine(
      before('Prescribed', async () => {
        there.open();
        await go.opened;
      }),
    );
    const late = give(slow, ask(BEN));
    await there.opened;
    await settle();
    world.clock.pass(PLACE_WAIT_MS);
    expect(await settle()).toBe(1);
    await must(world.wayledger, ask(CAT));
    go.open();
    expect(await late).toEqual({ events: ['Prescribed'] });
    expect(await counts()).toEqual({ taken: 3, free: 0, over: 1, waiting: 0 });
  });

  test('an end that freed no place is made good, once, by one manager or two', async () => {
    await killed('PlaceFreed', leave(ADA));
    expect(await counts()).toEqual({ taken: 1, free: 1, over: 0, waiting: 0 });
    const both = meeting(2);
    const together = before('PlaceFreed', () => both.come());
    const managers = [await world.engine(together), await world.engine(together)];
    await Promise.all(managers.map(({ placeSettlement }) => placeSettlement.run()));
    expect(both.came).toBe(2);
    expect(await counts()).toEqual({ taken: 0, free: 2, over: 0, waiting: 0 });
    expect(await freed()).toBe(1);
    expect(await settle()).toBe(0);
  });

  test('the same command again frees it', async () => {
    await killed('PlaceFreed', leave(ADA));
    expect(await world.give(leave(ADA))).toEqual({ events: ['DroppedOut'] });
    expect(await counts()).toEqual({ taken: 0, free: 2, over: 0, waiting: 0 });
    expect(await settle()).toBe(0);
  });

  const freed = async () => {
    let count = 0;
    for await (const page of world.wayledger.log.readLog({ after: 0n, max: 1_000 })) {
      count += page.filter(({ type }) => type === 'PlaceFreed').length;
    }
    return count;
  };
});

test('a capacity that is declared later counts who is there already', async () => {
  world = await makeWorld({ people: 4, pot: PRICE * 10n });
  for (const who of [ADA, BEN]) await must(world.wayledger, ask(who));
  await must(world.wayledger, declare(2));
  await world.wayledger.settle();
  expect(await counts()).toEqual({ taken: 2, free: 0, over: 0, waiting: 0 });
  expect(await world.give(ask(CAT))).toEqual(FULL);
});

describe('the last places, and several processes at once', () => {
  const PEOPLE = 12;
  const everybody = Array.from({ length: PEOPLE }, (_, index) => person(index));

  test('exactly as many succeed as there are places', async () => {
    world = await makeWorld({ people: PEOPLE, pot: PRICE });
    await must(world.wayledger, declare(5));
    const all = meeting(3);
    let first = 0;
    const together = before('PlaceTaken', async () => {
      first += 1;
      if (first <= 3) await all.come();
    });
    const engines = [
      await world.engine(together),
      await world.engine(together),
      await world.engine(together),
    ];
    const outcomes = await Promise.all(
      everybody.map((who, index) => give(engines[index % 3] ?? world.wayledger, ask(who))),
    );
    // Three had decided to take the first place before any of them had it.
    expect(all.came).toBe(3);
    expect(outcomes.filter((outcome) => 'events' in outcome)).toHaveLength(5);
    const full = { refused: { code: 'places-full', data: { declared: 5, taken: 5 } } };
    expect(outcomes.filter((outcome) => 'refused' in outcome)).toEqual(Array(7).fill(full));
    expect(await counts()).toEqual({ taken: 5, free: 0, over: 0, waiting: 0 });
    expect(await world.broken()).toEqual([]);
  });

  test('the control: with appends at any version more succeed, and it shows', async () => {
    world = await makeWorld({ people: PEOPLE, pot: PRICE });
    await must(world.wayledger, declare(1));
    const engine = await world.engine(atAnyVersion);
    for (const who of everybody.slice(0, 3)) await must(engine, ask(who));
    expect(await counts()).toEqual({ taken: 3, free: 0, over: 2, waiting: 0 });
  });
});
