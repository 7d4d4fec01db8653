import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LogUnavailable, type EventLog, type StreamLog } from '#event-log';
import { CommandRefused, addDays, present, type ReferralId } from '#kernel';
import * as deciders from '../domain/decide.js';
import { LINK_WORKER, PERSON } from '../domain/testing/cast.js';
import { commands } from '../domain/testing/commands.js';
import { date, type Decide } from '../domain/testing/given.js';
import { decider, stepsArbitrary, type Step } from '../domain/testing/histories.js';
import type { ReferralAnswer } from './referrals.js';
import {
  everything,
  metaOf,
  newStreet,
  personId,
  referralId,
  type House,
  type Street,
} from './testing/house.js';

const { refer, accept, assign, contact, attemptContact, offer } = commands;

let street: Street;
let house: House;

beforeAll(async () => {
  street = newStreet();
  house = await street.open();
});

afterAll(async () => {
  await street.remove();
});

type Told = Parameters<typeof metaOf>;

function give(at: House, referral: ReferralId, decide: Decide, ...told: Told) {
  return at.referrals.decide({ meta: metaOf(...told), referral }, (state, moment) =>
    decide(state, moment),
  );
}

async function newReferral(name: string): Promise<ReferralId> {
  const referral = referralId(name);
  const meta = metaOf(`${name}: refer`, '2026-04-01');
  await house.referrals.decide({ meta, referral }, refer(), personId(name));
  return referral;
}

async function typesOf(at: House, referral: ReferralId): Promise<string[]> {
  return (await at.referrals.load(referral)).facts.map(({ type }) => type);
}

/** What an answer says of the world; `unchanged` says what this very call did. */
function said({ stream, version, position, events, facts }: ReferralAnswer) {
  return { stream, version, position, events, facts: facts.map(({ id, data }) => ({ id, data })) };
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'accepted',
    (error: unknown) => {
      if (!(error instanceof CommandRefused)) throw error;
      return error.refusals[0].code;
    },
  );
}

describe('3. a command repeated with the same id', () => {
  const decideOf = decider(deciders);
  let histories = 0;

  /** Gives the steps one by one, each twice, and all that were answered once more at the end. */
  async function giveTwice(steps: readonly Step[]): Promise<void> {
    histories += 1;
    const referral = referralId(`history ${histories}`);
    const answered: { again(): Promise<ReferralAnswer>; first: ReferralAnswer }[] = [];
    let today = date('2026-04-01');
    for (const [index, { daysLater, daysAgo, by, said: what }] of steps.entries()) {
      if (by !== 'link-worker') continue;
      today = addDays(today, daysLater);
      const on = addDays(today, -daysAgo);
      const meta = metaOf(`history ${histories}, ${index}`, on, { told: today });
      expect(meta.actor).toBe(LINK_WORKER);
      const { facts } = await house.referrals.load(referral);
      const decide = decideOf(what, on, facts);
      const again = () => house.referrals.decide({ meta, referral }, decide, PERSON);
      const refused = await codeOf(again());
      const head = await house.log.head();
      if (refused !== 'accepted') {
        expect(await codeOf(again())).toBe(refused);
      } else {
        const first = await again();
        expect(first.unchanged).toBe(true);
        if (first.facts.length > 0) answered.push({ again, first });
      }
      expect(await house.log.head()).toBe(head);
    }
    const head = await house.log.head();
    for (const { again, first } of answered.reverse()) {
      const last = await again();
      expect(last.unchanged).toBe(true);
      expect(said(last)).toEqual(said(first));
    }
    expect(await house.log.head()).toBe(head);
  }

  test('changes nothing, however late, and refuses what it refused', async () => {
    await fc.assert(fc.asyncProperty(stepsArbitrary, giveTwice), {
      numRuns: 12,
      endOnFailure: true,
    });
  });

  test('answers as the first time, word for word', async () => {
    const referral = await newReferral('twice');
    const first = await give(house, referral, accept(), 'twice: accept', '2026-04-02');
    expect(first).toMatchObject({
      unchanged: false,
      version: 1,
      events: [{ type: 'ReferralAccepted' }],
    });
    await give(house, referral, assign(), 'twice: assign', '2026-04-02');
    const before = await everything(house);
    const again = await give(house, referral, accept(), 'twice: accept', '2026-04-02');
    expect(again.unchanged).toBe(true);
    expect(said(again)).toEqual(said(first));
    expect(await everything(house)).toEqual(before);
  });

  test('tells the budgets once more what followed, in case they were not told', async () => {
    const referral = await newReferral('settled');
    const first = await give(house, referral, accept(), 'settled: accept', '2026-04-02');
    await give(house, referral, accept(), 'settled: accept', '2026-04-02');
    const ids = house.settled.slice(-2).map((facts) => facts.map(({ id }) => id));
    expect(ids).toEqual([[first.facts[0]?.id], [first.facts[0]?.id]]);
  });

  test('but with other content is refused, and nothing is written', async () => {
    const referral = await newReferral('reused');
    await give(house, referral, accept(), 'reused: accept', '2026-04-02');
    const head = await house.log.head();
    const other = { content: 'another' };
    const answer = give(house, referral, accept('anchor'), 'reused: accept', '2026-04-02', other);
    expect(await codeOf(answer)).toBe('command-id-reused');
    expect(await house.log.head()).toBe(head);
  });

  test('may succeed after it was refused', async () => {
    const referral = referralId('later');
    const early = () => give(house, referral, accept(), 'later: accept', '2026-04-02');
    expect(await codeOf(early())).toBe('no-such-referral');
    await newReferral('later');
    expect(await early()).toMatchObject({ unchanged: false, version: 1 });
  });

  test('is another command on another referral', async () => {
    const [one, two] = [await newReferral('one of two'), await newReferral('two of two')];
    const first = await give(house, one, accept(), 'the same id', '2026-04-02');
    const second = await give(house, two, accept(), 'the same id', '2026-04-02');
    expect(second).toMatchObject({ unchanged: false });
    expect(second.events[0]?.id).not.toBe(first.events[0]?.id);
  });
});

/** A log where something happens at the first append to it. */
function atFirstAppend(
  happens: (append: () => ReturnType<EventLog['append']>) => Promise<unknown>,
) {
  let first = true;
  return (log: EventLog): StreamLog => ({
    head: () => log.head(),
    readStream: (stream, options) => log.readStream(stream, options),
    async append(stream, expected, events) {
      const append = () => log.append(stream, expected, events);
      if (first) {
        first = false;
        await happens(append);
      }
      return append();
    },
  });
}

describe('when somebody else was faster', () => {
  test('it is decided anew on what they wrote: the second first contact is not the first', async () => {
    const referral = await newReferral('faster');
    const slow = await street.open(
      atFirstAppend(() => give(house, referral, contact(), 'faster: theirs', '2026-04-05')),
    );
    const answer = await give(slow, referral, contact(), 'faster: ours', '2026-04-05');
    expect(answer).toMatchObject({
      version: 2,
      unchanged: false,
      events: [{ type: 'ContactMade' }],
    });
    expect(await typesOf(house, referral)).toEqual(['Referred', 'FirstContactMade', 'ContactMade']);
  });

  test('it is refused when there is no room for it any more', async () => {
    const referral = await newReferral('closed under us');
    const slow = await street.open(
      atFirstAppend(() => give(house, referral, commands.close(), 'theirs: close', '2026-04-05')),
    );
    expect(await codeOf(give(slow, referral, offer(), 'ours: offer', '2026-04-06'))).toBe(
      'referral-closed',
    );
    expect(await typesOf(house, referral)).toEqual(['Referred', 'ReferralClosed']);
  });

  test('one that insists on its version is not decided again', async () => {
    const referral = await newReferral('insisting');
    const slow = await street.open(
      atFirstAppend(() => give(house, referral, accept(), 'insisting: theirs', '2026-04-05')),
    );
    const ours = () =>
      give(slow, referral, contact(), 'insisting: ours', '2026-04-05', { ifVersion: 0 });
    expect(await codeOf(ours())).toBe('version-changed');
    expect(await codeOf(ours())).toBe('version-changed');
    expect(await typesOf(house, referral)).toEqual(['Referred', 'ReferralAccepted']);
  });

  test('its own first attempt, whose answer got lost, is met and written once', async () => {
    const referral = await newReferral('lost');
    const shaky = await street.open(
      atFirstAppend(async (append) => {
        await append();
        throw new LogUnavailable('The answer got lost', true);
      }),
    );
    const answer = await give(shaky, referral, contact(), 'lost: ours', '2026-04-05');
    expect(answer).toMatchObject({ version: 1, events: [{ type: 'FirstContactMade' }] });
    expect(await typesOf(house, referral)).toEqual(['Referred', 'FirstContactMade']);
  });

  test('an answer that surely was not written is not tried again behind our back', async () => {
    const referral = await newReferral('down');
    const down = await street.open(
      atFirstAppend(() => Promise.reject(new LogUnavailable('The store is locked', false))),
    );
    const ours = () => give(down, referral, contact(), 'down: ours', '2026-04-05');
    await expect(ours()).rejects.toThrow(LogUnavailable);
    expect(await typesOf(house, referral)).toEqual(['Referred']);
    expect(await ours()).toMatchObject({ version: 1, unchanged: false });
  });
});

describe('at the same moment', () => {
  const MANY = 20;
  const each = Array.from({ length: MANY }, (_, index) => index);

  function versionsOf(answers: readonly ReferralAnswer[]): number[] {
    return answers.map(({ version }) => version).sort((a, b) => a - b);
  }

  test('twenty commands of one process on one referral all succeed, in the order given', async () => {
    const referral = await newReferral('queue');
    const answers = await Promise.all(
      each.map((index) =>
        give(house, referral, attemptContact(index), `queue ${index}`, '2026-04-05'),
      ),
    );
    expect(answers.map(({ version }) => version)).toEqual(each.map((index) => index + 1));
    const { facts } = await house.referrals.load(referral);
    const minutes = facts.map(({ data }) => (data as { minutes?: number }).minutes);
    expect(minutes).toEqual([undefined, ...each]);
  });

  test('twenty of two processes all succeed, in some order, with one first contact', async () => {
    const referral = await newReferral('race');
    const two = [await street.open(), await street.open()] as const;
    const answers = await Promise.all(
      each.map((index) =>
        give(
          present(two[index % 2], 'there are two'),
          referral,
          contact(),
          `race ${index}`,
          '2026-04-05',
        ),
      ),
    );
    expect(versionsOf(answers)).toEqual(each.map((index) => index + 1));
    const types = await typesOf(house, referral);
    expect(types).toEqual([
      'Referred',
      'FirstContactMade',
      ...each.slice(1).map(() => 'ContactMade'),
    ]);
    expect((await house.referrals.load(referral)).state).toMatchObject({ contacts: MANY });
  });

  test('one command given to two processes is written once, and both hear the same', async () => {
    const referral = await newReferral('both');
    const [one, two] = [await street.open(), await street.open()];
    const answers = await Promise.all(
      [one, two, one, two].map((at) =>
        give(at, referral, contact(), 'both: contact', '2026-04-05'),
      ),
    );
    const [first] = answers.map(said);
    expect(answers.map(said)).toEqual(answers.map(() => first));
    expect(await typesOf(house, referral)).toEqual(['Referred', 'FirstContactMade']);
  });

  test('one person referred by two processes is received once', async () => {
    const [one, two] = [await street.open(), await street.open()];
    const referral = referralId('born twice');
    const meta = metaOf('born twice', '2026-04-01');
    const answers = await Promise.all(
      [one, two].map((at) =>
        at.referrals.decide({ meta, referral }, refer(), personId('born twice')),
      ),
    );
    expect(answers.filter(({ unchanged }) => !unchanged).length).toBeGreaterThanOrEqual(1);
    expect(answers.map(({ version }) => version)).toEqual([0, 0]);
    expect(await typesOf(house, referral)).toEqual(['Referred']);
  });
});
