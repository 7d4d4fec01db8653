import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sum, type CivilDate, type Month } from '#kernel';
import {
  BalancesQuery,
  ChangesQuery,
  EntriesQuery,
  StatementQuery,
  TrialBalanceQuery,
  booksStream,
  fundingEvents,
} from '#funding';
import { Codec, type EventLog } from '#event-log';
import { before, give, type Line } from '../reservations/testing/engine.js';
import { NORTH, attend, makeWorld, person, type World } from '../reservations/testing/world.js';

const april = '2026-04' as Month;
const may = '2026-05' as Month;
const BOOKS = booksStream(NORTH);

const close = (month: string, id = `close ${month}`): Line => {
  return { id, command: 'ClosePeriod', at: '2026-06-01', data: { anchor: 'north', month } };
};

let world: World;
beforeEach(async () => {
  world = await makeWorld({ people: 3, pot: 20_000n, prescribed: true });
});
afterEach(() => world.remove());

async function typesIn(log: Pick<EventLog, 'readStream'>): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of log.readStream(BOOKS)) types.push(type);
  return types;
}

/** What was signed of a month, as the log has it. */
async function signed(month: Month) {
  const codec = new Codec(fundingEvents, { seal: () => Promise.resolve({}) });
  for await (const stored of world.wayledger.log.readStream(BOOKS)) {
    const { type, data } = codec.decode(stored);
    if (type === 'PeriodClosed' && data.month === month) return data;
  }
  throw new Error(`${month} is not signed`);
}

async function postedBy(until: string) {
  await world.wayledger.catchUp();
  return world.wayledger.query(new BalancesQuery(NORTH, until as CivilDate));
}

describe('closing a month', () => {
  test('cuts it off and signs it, once', async () => {
    const both = { events: ['PeriodCutOff', 'PeriodClosed'] };
    expect(await world.give(close(april))).toEqual(both);
    expect(await world.give(close(april))).toEqual(both);
    expect(await world.give(close(april, 'again'))).toMatchObject({
      refused: { code: 'month-closed', data: { closedOn: '2026-06-01' } },
    });
    expect(await world.give(close(may))).toEqual(both);
    expect(await typesIn(world.wayledger.log)).toHaveLength(4);
    expect(await world.broken()).toEqual([]);
  });

  test('signs what anybody can add up and hash for themselves', async () => {
    await world.give(attend(person(0)));
    await world.give(close(april));
    await world.give(close(may));
    const { trialBalance, accounts, hash, closedBy } = await signed(may);
    const all = await postedBy('2026-05-31');
    const text = all.map(({ account, balance }) => `${account}\t${balance}\n`).join('');
    expect(hash).toBe(createHash('sha256').update(`north\t2026-05\n${text}`).digest('hex'));
    expect(accounts).toBe(all.length);
    expect(closedBy).toBe('ann');
    expect(sum(trialBalance.map(({ balance }) => balance))).toBe(0n);
    const committed = all.filter(({ account }) => account.includes(':committed:'));
    expect(committed).toHaveLength(3);
    expect(trialBalance.filter(({ account }) => account.includes(':committed:'))).toEqual([
      {
        account: 'budget:north:lottery:2026:committed:allot',
        balance: sum(committed.map(({ balance }) => balance)),
      },
    ]);
  });

  test('what is learned later leaves what was signed as it was, and is told by changes', async () => {
    await world.give(close(april));
    await world.give(close(may));
    const before = await postedBy('2026-05-31');
    const { hash } = await signed(may);
    await world.give(attend(person(1)));
    expect(await postedBy('2026-05-31')).toEqual(
      expect.arrayContaining(before.map((each) => expect.objectContaining(each))),
    );
    const again = await world.wayledger.query(new TrialBalanceQuery(NORTH, may));
    expect(again.hash).toBe(hash);
    const { closedOn, entries, accounts } = await world.wayledger.query(
      new ChangesQuery(NORTH, may),
    );
    expect(closedOn).toBe('2026-06-01');
    expect(entries).toMatchObject([
      { rule: 'attended', occurred: '2026-05-11', posted: '2026-06-01', recorded: '2026-06-01' },
    ]);
    const happened = await world.wayledger.query(
      new BalancesQuery(NORTH, undefined, '2026-05-31' as CivilDate),
    );
    const signedNow = await postedBy('2026-05-31');
    const expected = happened.flatMap(({ account, balance }) => {
      const was = signedNow.find((each) => each.account === account)?.balance ?? 0n;
      const difference = balance - was;
      return difference === 0n ? [] : [{ account, signed: was, known: balance, difference }];
    });
    expect(expected).toHaveLength(4);
    expect(accounts).toEqual(expected);
    expect(await world.broken()).toEqual([]);
  });

  test('nothing has changed of a month of which nothing was learned', async () => {
    await world.give(close(april));
    await world.give(attend(person(1)));
    await world.wayledger.catchUp();
    const changes = await world.wayledger.query(new ChangesQuery(NORTH, april));
    expect(changes).toMatchObject({ entries: [], accounts: [] });
    await expect(world.wayledger.query(new ChangesQuery(NORTH, may))).rejects.toThrow(
      /has not closed 2026-05/u,
    );
  });

  test('the statement of a closed month stays, and the late line is in the month after', async () => {
    await world.give(attend(person(0)));
    await world.give(close(april));
    await world.give(close(may));
    await world.give(attend(person(1)));
    await world.wayledger.catchUp();
    const of = (month: string) =>
      world.wayledger.query(new StatementQuery(NORTH, 'allot' as typeof NORTH, month as Month));
    expect(await of('2026-05')).toMatchObject({ opening: 0n, earned: 1250n, closing: 1250n });
    expect(await of('2026-06')).toMatchObject({
      ...{ opening: 1250n, earned: 1250n, closing: 2500n, payable: 2500n, own: false },
      lines: [{ occurred: '2026-05-11', posted: '2026-06-01', amount: 1250n }],
    });
  });
});

describe('a close that is cut off between its two steps', () => {
  const dies = before('PeriodClosed', () => Promise.reject(new Error('cut off')));

  test('is finished by the next close of that month, whoever gives it', async () => {
    const dying = await world.engine(dies);
    await expect(give(dying, close(april))).rejects.toThrow('cut off');
    expect(await typesIn(world.wayledger.log)).toEqual(['PeriodCutOff']);
    expect(await world.give(close(may))).toMatchObject({ refused: { code: 'month-out-of-turn' } });
    expect(await world.give(close(april, 'another'))).toEqual({ events: ['PeriodClosed'] });
    expect(await world.give(close(april))).toEqual({ events: ['PeriodCutOff'] });
    expect(await typesIn(world.wayledger.log)).toEqual(['PeriodCutOff', 'PeriodClosed']);
    expect(await world.broken()).toEqual([]);
  });

  test('does not sign what was learned between them', async () => {
    await world.give(close(april));
    const dying = await world.engine(dies);
    await expect(give(dying, close(may))).rejects.toThrow('cut off');
    await world.give(attend(person(1)));
    await world.give(close(may));
    const [entry] = (await world.wayledger.query(new EntriesQuery(NORTH))).slice(-1);
    expect(entry).toMatchObject({ rule: 'attended', occurred: '2026-05-11', posted: '2026-06-01' });
    const { trialBalance } = await signed(may);
    expect(trialBalance.map(({ account }) => account)).not.toContain(
      'liabilities:north:lottery:accrued:allot',
    );
  });

  test('two that close at the same moment sign once', async () => {
    const engines = [await world.engine(), await world.engine()];
    const outcomes = await Promise.all(
      engines.map((engine, index) => give(engine, close(april, `close ${index}`))),
    );
    expect(await typesIn(world.wayledger.log)).toEqual(['PeriodCutOff', 'PeriodClosed']);
    expect(outcomes.filter((outcome) => 'events' in outcome).length).toBeGreaterThan(0);
    expect(await world.broken()).toEqual([]);
  });
});
