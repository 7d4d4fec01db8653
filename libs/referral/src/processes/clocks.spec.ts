import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { addDays, type EventId, type Slug } from '#kernel';
import type { EventLog, StreamLog } from '#event-log';
import type { ReferralEvent } from '../domain/events.js';
import {
  NORTH,
  PLOT,
  accepted,
  assigned,
  attended,
  completed,
  contact,
  pricedOf,
  prescribed,
  received,
} from '../domain/testing/cast.js';
import { date } from '../domain/testing/given.js';
import { BY_OUTCOMES, PATIENT, placeOffered, waitlisted } from '../domain/testing/waiting.js';
import { newClockTown, type Clockwork, type ClockTown } from './testing/clockwork.js';

let town: ClockTown;
let clock: Clockwork;

beforeEach(async () => {
  town = newClockTown();
  clock = await town.open();
});
afterEach(async () => {
  await town.remove();
});

async function refer(name: string): Promise<void> {
  const scheme = { name: PATIENT.name, version: 1 };
  await clock.tell(name, '2026-04-01', received({ scheme }), accepted(), assigned());
}
/** A place is kept until the end of 18 May; quiet from then on it is closed after 17 July. */
async function offered(name = 'ada'): Promise<void> {
  await refer(name);
  await clock.tell(name, '2026-04-10', prescribed(), waitlisted());
  await clock.tell(name, '2026-05-04', placeOffered('2026-05-18'));
}
/** Completed; the windows of its outcomes end on 9 July and on 10 May. */
async function hopeful(name = 'ada'): Promise<EventId[]> {
  await refer(name);
  const priced = pricedOf(BY_OUTCOMES, 0);
  await clock.tell(name, '2026-04-10', prescribed({ priced }));
  return clock.tell(name, '2026-05-01', met('confidence'), completed());
}
/** An outcome that may be met until 8 August, whatever becomes of the place. */
async function hopefulInVain(name: string): Promise<void> {
  const [term] = BY_OUTCOMES.components;
  if (term?.trigger !== 'outcome-met' || term.outcome === undefined) throw new Error('It is one');
  const outcome = { ...term.outcome, windowDays: 120 };
  const priced = pricedOf({ components: [{ ...term, outcome, survives: ['lapsed'] }] }, 0);
  await refer(name);
  await clock.tell(name, '2026-04-10', prescribed({ priced }), waitlisted());
  await clock.tell(name, '2026-05-04', placeOffered('2026-05-18'));
}
const met = (component: string): ReferralEvent => ({
  type: 'OutcomeDetermined',
  data: {
    prescription: PLOT,
    ...{ component: component as Slug, instrument: 'swemwbs' as Slug, met: true },
    ...{ baseline: EVENT, followUp: EVENT, agreement: 'allotments-2026' as Slug, version: 1 },
  },
});
const EVENT = '5e0c7f3a-1b2d-4c6e-8f90-a1b2c3d4e5f6' as EventId;
const voided = (corrects: EventId | undefined): ReferralEvent => ({
  type: 'EntryCorrected',
  data: {
    ...{ corrects: corrects ?? EVENT, kind: 'void' },
    ...{ reasonCode: 'not-evidenced', requestedBy: NORTH },
  },
});

describe('what falls due', () => {
  test('waits until its last day is over, and is recorded as of that day', async () => {
    await offered();
    expect(await clock.coming()).toEqual(['place 2026-05-18']);
    expect(await clock.run('2026-05-18')).toEqual([]);
    expect(await clock.run('2026-05-19')).toEqual(['place 2026-05-18 recorded']);
    expect(await clock.recorded('ada')).toEqual(['PlaceLapsed 2026-05-18']);
    expect(await clock.coming()).toEqual(['quiet 2026-07-17']);
  });

  test('is an outcome’s window too, also of a completed prescription', async () => {
    await hopeful();
    expect(await clock.run('2026-07-09')).toEqual(['quiet 2026-06-30 recorded']);
    expect(await clock.run('2026-07-10')).toEqual(['outcome 2026-07-09 recorded']);
    expect(await clock.recorded('ada')).toEqual([
      'ReferralClosed 2026-06-30',
      'OutcomeLapsed 2026-07-09',
    ]);
    expect(await clock.coming()).toEqual([]);
  });

  test('is recorded once, however often this is run', async () => {
    await offered();
    await clock.run('2026-05-19');
    expect(await clock.run('2026-05-19')).toEqual([]);
    expect(await (await town.open()).run('2026-05-30')).toEqual([]);
    expect(await clock.recorded('ada')).toEqual(['PlaceLapsed 2026-05-18']);
  });

  test('is the same in read models that are built anew', async () => {
    await offered();
    await hopeful('ben');
    expect(await clock.coming()).toHaveLength(3);
    expect(await clock.rebuilt()).toBe(true);
  });
});

describe('what is due no more', () => {
  test('a place that was taken up; and again when that session never was', async () => {
    await offered();
    const [came] = await clock.tell('ada', '2026-05-11', attended('s1', 1));
    expect(await clock.run('2026-06-30')).toEqual([]);
    await clock.tell('ada', '2026-07-01', voided(came));
    expect(await clock.run('2026-07-02')).toEqual(['place 2026-05-18 recorded']);
  });

  test('an outcome that was met; and again when that is corrected', async () => {
    const [determined] = await hopeful();
    expect(await clock.run('2026-05-20')).toEqual([]);
    await clock.tell('ada', '2026-05-20', voided(determined));
    expect(await clock.run('2026-05-21')).toEqual(['outcome 2026-05-10 recorded']);
  });

  test('a quiet referral of which something is heard', async () => {
    await refer('ada');
    await clock.tell('ada', '2026-05-30', contact());
    expect(await clock.run('2026-06-02')).toEqual([]);
    expect(await clock.run('2026-07-30')).toEqual(['quiet 2026-07-29 recorded']);
  });

  test('is decided by the referral, whatever an outdated timer says', async () => {
    await offered();
    await clock.coming();
    await clock.tell('ada', '2026-05-11', attended('s1', 1));
    expect(await clock.runOutdated('2026-05-19')).toEqual(['place 2026-05-18 not-due']);
    expect(await clock.recorded('ada')).toEqual([]);
  });
});

describe('several processes', () => {
  test('at once record it once', async () => {
    await offered();
    const together = before('PlaceLapsed', meeting(2));
    const both = [await town.open(together), await town.open(together)];
    const came = await Promise.all(both.map((one) => one.run('2026-05-19')));
    // Both hear that it is written, and it is written once.
    expect(came.flat()).toEqual(Array(2).fill('place 2026-05-18 recorded'));
    expect(await clock.recorded('ada')).toEqual(['PlaceLapsed 2026-05-18']);
  });

  test('one that dies in between leaves the rest to the next', async () => {
    for (const name of ['ada', 'ben', 'cat']) await offered(name);
    let written = 0;
    const dying = before('PlaceLapsed', () => {
      written += 1;
      return written === 2 ? Promise.reject(new Error('killed')) : Promise.resolve();
    });
    await expect((await town.open(dying)).run('2026-05-19')).rejects.toThrow('killed');
    expect(await clock.run('2026-05-19')).toHaveLength(2);
    for (const name of ['ada', 'ben', 'cat']) {
      expect(await clock.recorded(name)).toEqual(['PlaceLapsed 2026-05-18']);
    }
  });
});

describe('a year switched off', () => {
  /** The same people, run day by day or once at the end. */
  async function year(days: readonly string[]): Promise<string[][]> {
    for (const name of ['ada', 'ben']) await offered(`${name}-${String(days.length)}`);
    await hopeful(`cat-${String(days.length)}`);
    await hopefulInVain(`dan-${String(days.length)}`);
    for (const day of days) await clock.run(day);
    const names = ['ada', 'ben', 'cat', 'dan'].map((name) => `${name}-${String(days.length)}`);
    return Promise.all(names.map((name) => clock.recorded(name)));
  }

  test('comes to the same as day by day', async () => {
    const daily = Array.from({ length: 120 }, (_, index) =>
      String(addDays(date('2026-05-05'), index)),
    );
    const byDay = await year(daily);
    expect(byDay).toEqual([
      ['PlaceLapsed 2026-05-18', 'ReferralClosed 2026-07-17'],
      ['PlaceLapsed 2026-05-18', 'ReferralClosed 2026-07-17'],
      ['ReferralClosed 2026-06-30', 'OutcomeLapsed 2026-07-09'],
      ['PlaceLapsed 2026-05-18', 'ReferralClosed 2026-07-17', 'OutcomeLapsed 2026-08-08'],
    ]);
    expect(await year(['2027-05-20'])).toEqual(byDay);
  });
});

/** Calls `first` before each append of such a fact. */
function before(type: string, first: () => Promise<unknown>): (log: EventLog) => StreamLog {
  return (log) => ({
    async append(stream, expected, events) {
      if (events.some((event) => event.type === type)) await first();
      return log.append(stream, expected, events);
    },
    readStream: (...given) => log.readStream(...given),
    head: () => log.head(),
  });
}

/** Who comes waits until so many are there. */
function meeting(of: number): () => Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<null>();
  let came = 0;
  return () => {
    came += 1;
    if (came === of) resolve(null);
    return promise;
  };
}
