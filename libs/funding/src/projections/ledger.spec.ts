import { describe, expect, test } from '@jest/globals';
import { streamOf, type Month, type StreamName } from '#kernel';
import { Json, type Row } from '#projection';
import { reduced } from '#projection/testing';
import type { ReferralFact } from '#referral';
import type { FundingEvent, FundingFact } from '../domain/events.js';
import { effectsAfter, guardEvent, guardEventId } from '../domain/guard.js';
import { postReferral } from '../domain/post-referral.js';
import { noMoney, type ReferralMoney } from '../domain/prescription-money.js';
import { booksStream, budgetStream, reservationId } from '../domain/streams.js';
import {
  NORTH,
  attended,
  cancelled,
  completed,
  droppedOut,
  eventId,
  fundingFact,
  perSession,
  prescribed,
  prescriptionId,
  recorded,
  referralFact,
  referralId,
  slug,
  whenPrescribed,
  type When,
} from '../testing/facts.js';
import { ledger } from './ledger.js';

const H1 = streamOf('referral', referralId('h1'));
const BUDGET = budgetStream(NORTH, slug('lottery'), 2026);

type Heard = readonly [StreamName, ReferralFact | FundingFact];

/** The rows that the ledger makes of these facts, by table. */
function books(...facts: readonly Heard[]): (table: string) => readonly Row[] {
  return reduced(
    ledger,
    facts.map(([stream, fact], index) => recorded(fact, stream, index)),
  );
}

const start = prescribed([perSession(1250n)], { planned: 4 }, { id: 'start' });
const reservation = { fund: slug('lottery'), year: 2026, pot: slug('prescribing'), amount: 5000n };
const walks = prescriptionId('walks');

/** As the command of `prescribing` reserves it. */
function reserved(prescribing: ReferralFact, amount = 5000n, prescription = walks): Heard {
  const data = { ...reservation, amount, prescription, referral: referralId('h1') };
  const fact = fundingFact({ type: 'FundsReserved', data });
  return [BUDGET, { ...fact, id: reservationId(prescribing.metadata.commandId, BUDGET) }];
}

function told(event: FundingEvent, when: When = {}): Heard {
  return [BUDGET, fundingFact(event, when)];
}

describe('an entry', () => {
  test('has three dates: it happened, it was recorded, the books carry it', () => {
    const late = attended(1, 'walks', { on: '2026-05-04', recorded: '2026-06-09' });
    const lines = books([H1, start], [H1, late])('entry').filter(({ event }) => event === late.id);
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      // The month is open: the books carry it on the day it happened.
      expect(line).toMatchObject({
        occurred: '2026-05-04',
        recorded: '2026-06-09',
        posted: '2026-05-04',
      });
    }
  });

  test('is recorded on the day that London calls it', () => {
    const fact = attended(1);
    const recordedAt = '2026-06-30T23:30:00.000Z' as typeof fact.metadata.recordedAt;
    const late = { ...fact, metadata: { ...fact.metadata, recordedAt } };
    const [line] = books([H1, start], [H1, late])('entry').slice(-1);
    expect(line).toMatchObject({ recorded: '2026-07-01' });
  });

  test('is known by event, rule and line, and names referral, prescription and agreement', () => {
    const first = prescribed([whenPrescribed(900n), perSession(100n)], { planned: 2 }, { id: 'p' });
    const keys = books([H1, first])('entry').map(({ event, rule, line, entry }) => [
      ...[event, rule, line, entry],
    ]);
    expect(keys).toEqual([
      [first.id, 'prescribed', 1n, 1n],
      [first.id, 'prescribed', 2n, 1n],
      [first.id, 'prescribed', 3n, 1n],
      [first.id, 'trigger-prescribed', 1n, 2n],
      [first.id, 'trigger-prescribed', 2n, 2n],
      [first.id, 'trigger-prescribed', 3n, 2n],
      [first.id, 'trigger-prescribed', 4n, 2n],
    ]);
    for (const line of books([H1, first])('entry')) {
      expect(line).toMatchObject({
        ...{ anchor: 'north', referral: H1, prescription: walks },
        ...{ agreement: 'garden-terms', agreement_version: 2n },
      });
    }
  });

  test('of one event and rule for two prescriptions counts its lines on', () => {
    const swim = prescribed([perSession(600n)], { name: 'swim', planned: 2 });
    const out = droppedOut();
    const lines = books([H1, start], [H1, swim], [H1, out])('entry');
    expect(
      lines
        .filter(({ event }) => event === out.id)
        .map(({ rule, line, entry }) => [rule, line, entry]),
    ).toEqual([
      ['dropped-out', 1n, 3n],
      ['dropped-out', 2n, 3n],
      ['dropped-out', 3n, 4n],
      ['dropped-out', 4n, 4n],
    ]);
  });

  test('of the same event twice is not for these books', () => {
    const received = fundingFact({
      type: 'FundReceived',
      data: {
        ...{ fund: slug('lottery'), funder: slug('tnlcf'), amount: 100n },
        ...{ recognition: 'restricted', purposes: ['prescribing'] },
      },
    });
    expect(() => books([BUDGET, received], [BUDGET, received])).toThrow(
      'no two rows of entry have one event, rule, line',
    );
  });
});

describe('a month that is cut off', () => {
  const cutOff = (month: string): Heard => {
    const event = { type: 'PeriodCutOff', data: { month: month as Month } } as const;
    return [booksStream(NORTH), fundingFact(event, { on: '2026-06-02' })];
  };
  const late = attended(1, 'walks', { on: '2026-05-06', recorded: '2026-06-09' });
  const postedOf = (...facts: readonly Heard[]) => {
    const lines = books(...facts)('entry').filter(({ event }) => event === late.id);
    return [...new Set(lines.map(({ occurred, posted }) => [occurred, posted].join(' → ')))];
  };

  test('is posted forward from its place in the log on, not before', () => {
    expect(postedOf([H1, start], cutOff('2026-05'), [H1, late])).toEqual([
      '2026-05-06 → 2026-06-09',
    ]);
    expect(postedOf([H1, start], [H1, late], cutOff('2026-05'))).toEqual([
      '2026-05-06 → 2026-05-06',
    ]);
    expect(postedOf([H1, start], cutOff('2026-04'), [H1, late])).toEqual([
      '2026-05-06 → 2026-05-06',
    ]);
  });

  test('is the month of one anchor: others go on', () => {
    const [stream, fact] = cutOff('2026-05');
    const south = { ...fact, metadata: { ...fact.metadata, anchor: slug('south') } };
    expect(postedOf([H1, start], [stream, south as FundingFact], [H1, late])).toEqual([
      '2026-05-06 → 2026-05-06',
    ]);
  });
});

test('an account has a number, a beginning, and its balance after each entry', () => {
  const rows = books([H1, start], [H1, attended(1)], [H1, attended(2)]);
  const committed = rows('balance').find(({ account }) => String(account).includes(':committed:'));
  expect(committed).toMatchObject({ number: 2n, since: 1n, balance: -2500n });
  const moved = rows('movement').filter(({ account }) => account === committed?.['number']);
  expect(moved).toMatchObject([
    { position: 1n, entry: 1n, amount: -5000n, balance: -5000n },
    { position: 2n, entry: 2n, amount: 1250n, balance: -3750n },
    { position: 3n, entry: 3n, amount: 1250n, balance: -2500n },
  ]);
});

test('a referral keeps its own money: the same prescription id elsewhere is another one', () => {
  const other = streamOf('referral', referralId('h2'));
  const rows = books([H1, start], [other, { ...start, id: eventId('other') }], [H1, completed()]);
  const money = new Map(
    rows('money').map((row) => [row['referral'], (row['money'] as Json).value]),
  );
  const recordsOf = (length: number) => ({ prescriptions: [{ records: { length } }] });
  expect(money.get(H1)).toMatchObject(recordsOf(2));
  expect(money.get(other)).toMatchObject(recordsOf(1));
});

test('the end of several prescriptions posts in their order, also of money read back', () => {
  // The last of the alphabet first: a column keeps fields in order, and lists as they are.
  const names = ['walks', 'swim', 'art'].sort((a, b) =>
    prescriptionId(a) < prescriptionId(b) ? 1 : -1,
  );
  const made = names.map((name) => prescribed([perSession(1250n)], { name, planned: 4 }));
  const money = made.reduce((held, fact) => postReferral(fact, held).money, noMoney);
  const readBack = Json.ofText(Json.of(money).text).value as ReferralMoney;
  const { entries } = postReferral(droppedOut(), money);
  expect(entries.map(({ prescription }) => prescription)).toEqual(names.map(prescriptionId));
  expect(postReferral(droppedOut(), readBack).entries).toEqual(entries);
});

const movesAfter = (history: readonly ReferralFact[], added: readonly ReferralFact[]) =>
  effectsAfter(history, added).flatMap(({ effects }) => effects.moves);

describe('the guard table', () => {
  const guard = (...facts: readonly Heard[]) => books(...facts)('guard');

  test('waits for the prescription of a reservation', () => {
    const heard = reserved(start);
    const [, reserving] = heard;
    expect(guard(heard)).toEqual([
      {
        item: `reservation ${reserving.id}`,
        ...{ kind: 'reservation', anchor: 'north', fund: 'lottery', year: 2026n },
        ...{ pot: 'prescribing', prescription: walks, referral: referralId('h1') },
        ...{ because: reserving.id, occurred: '2026-05-04', amount: 5000n },
        recorded_at: '2026-05-04T12:00:00.000Z',
        correction: null,
        correlation: reserving.metadata.correlationId,
      },
    ]);
    expect(guard(heard, [H1, start])).toEqual([]);
  });

  test('keeps a second reservation of the same prescription apart', () => {
    const second = prescribed([perSession(1250n)], { planned: 4 }, { id: 'another command' });
    const [, spare] = reserved(second);
    const rest = guard(reserved(start), reserved(second), [H1, start]);
    expect(rest).toMatchObject([{ because: spare.id, amount: 5000n }]);
    const event: FundingEvent = {
      type: 'FundsReleased',
      data: { ...reservation, prescription: walks, because: spare.id },
    };
    expect(guard(reserved(start), reserved(second), [H1, start], told(event))).toEqual([]);
  });

  test('hears from the referral that nothing will follow, and then waits for the release', () => {
    const [, reserving] = reserved(start);
    const data = { prescription: walks, reservation, because: reserving.id };
    const abandoned = referralFact({ type: 'PrescriptionAbandoned', data });
    const facts: Heard[] = [reserved(start), [H1, abandoned]];
    expect(guard(...facts)).toMatchObject([
      { item: `move ${abandoned.id} ${walks}`, kind: 'move', amount: 5000n, because: abandoned.id },
    ]);
    const event: FundingEvent = {
      type: 'FundsReleased',
      data: { ...reservation, prescription: walks, because: abandoned.id },
    };
    expect(guard(...facts, told(event))).toEqual([]);
  });

  test.each([
    ['released', [start], cancelled()],
    ['drawn', [start, completed()], attended(1)],
  ] as const)('waits until the budget hears what was %s', (_, history, last) => {
    const facts: Heard[] = [reserved(start), ...history.map((fact): Heard => [H1, fact])];
    for (const move of movesAfter([], history)) facts.push(told(guardEvent(move)));
    const [move] = movesAfter(history, [last]);
    facts.push([H1, last]);
    expect(guard(...facts)).toMatchObject([
      { kind: 'move', because: last.id, amount: move?.amount },
    ]);
    expect(guard(...facts, told(guardEvent(move!), { id: guardEventId(last.id, walks) }))).toEqual(
      [],
    );
  });

  test('keeps what does not match, for the proof to find', () => {
    const wrong: FundingEvent = {
      type: 'FundsReleased',
      data: { ...reservation, amount: 4999n, prescription: walks, because: eventId('nothing') },
    };
    expect(guard(told(wrong))).toMatchObject([{ kind: 'move', amount: -4999n }]);
    expect(guard([H1, start])).toMatchObject([{ kind: 'reservation', amount: -5000n }]);
    expect(guard(reserved(start, 5001n), [H1, start])).toMatchObject([{ amount: 1n }]);
  });

  test('has no item for a free service', () => {
    expect(guard([H1, prescribed([], { free: true })])).toEqual([]);
  });
});
