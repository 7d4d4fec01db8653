import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CommandRefused, deriveId, type CommandId, type ReferralId } from '#kernel';
import type { ReferralEvent } from '../domain/events.js';
import {
  BY_OUTCOME,
  PLOT,
  STRANGER,
  accepted,
  assessed,
  assessmentId,
  assigned,
  attempted,
  attended,
  contact,
  missed,
  prescribed,
  pricedOf,
  sessionId,
} from '../domain/testing/cast.js';
import { commands } from '../domain/testing/commands.js';
import { lastOf } from '../domain/testing/given.js';
import { CorrectEntry, CorrectEntryHandler } from './correct-entry.js';
import { DetermineOutcome, DetermineOutcomeHandler } from './determine-outcome.js';
import { Scores } from './scores.js';
import {
  everything,
  metaOf,
  newStreet,
  personId,
  referralId,
  type House,
  type Street,
} from './testing/house.js';

let street: Street;
let house: House;

beforeAll(async () => {
  street = newStreet();
  house = await street.open();
});

afterAll(async () => {
  await street.remove();
});

/** What one command records, without asking whether it may. */
async function record(referral: ReferralId, name: string, day: string, ...facts: ReferralEvent[]) {
  const meta = metaOf(`${referral}: ${name}`, day);
  await house.referrals.decide({ meta, referral }, () => facts);
  return meta.commandId;
}

/** Prescribed, with one session held. */
async function story(name: string): Promise<{ referral: ReferralId; held: CommandId }> {
  const referral = referralId(name);
  const meta = metaOf(`${name}: refer`, '2026-04-01');
  await house.referrals.decide({ meta, referral }, commands.refer(), personId(name));
  await record(referral, 'accept', '2026-04-02', accepted(), assigned());
  const paid = prescribed({ plannedSessions: 4, priced: pricedOf(BY_OUTCOME, 4) });
  await record(referral, 'prescribe', '2026-04-10', paid);
  const held = await record(referral, 'held', '2026-04-17', attended('s1', 1));
  return { referral, held };
}

type Said = Partial<Omit<CorrectEntry, 'meta' | 'referral' | 'answers'>> & {
  readonly answers?: readonly (number | null)[];
};

function correct(referral: ReferralId, name: string, said: Said, meta = {}) {
  const command = Object.assign(new CorrectEntry(), {
    ...{ referral, kind: 'void', reasonCode: 'entered-in-error' },
    ...said,
    meta: { ...metaOf(`${referral}: ${name}`, '2026-06-01'), ...meta },
  });
  return new CorrectEntryHandler(house.referrals).execute(command);
}

async function refusalOf(answer: Promise<unknown>): Promise<{ code: string; message: string }> {
  return answer.then(
    () => ({ code: 'accepted', message: '' }),
    (error: unknown) => {
      if (!(error instanceof CommandRefused)) throw error;
      return error.refusals[0];
    },
  );
}

const sessionsOf = async (referral: ReferralId) =>
  (await house.referrals.load(referral)).state?.prescriptions[0]?.sessions;

const S1 = { prescription: PLOT, session: sessionId('s1') };

describe('the fact that a correction is about', () => {
  test('is named by its event, by its command, or as a session', async () => {
    for (const way of ['event', 'command', 'session']) {
      const { referral, held } = await story(`named by ${way}`);
      const { facts } = await house.referrals.load(referral);
      const { id } = lastOf(facts, 'Attended');
      const named = { event: { corrects: id }, command: { corrects: held }, session: S1 }[way];
      const answer = await correct(referral, 'void', named ?? {});
      expect(answer.facts).toMatchObject([{ data: { corrects: id, requestedBy: 'north' } }]);
      expect(await sessionsOf(referral)).toEqual([]);
    }
  });

  test('is named in one way and no other', async () => {
    const { referral, held } = await story('named once');
    for (const said of [
      {},
      { prescription: PLOT },
      { session: sessionId('s1') },
      { corrects: held, ...S1 },
      { corrects: held, prescription: PLOT },
    ]) {
      expect(await refusalOf(correct(referral, 'no', said))).toMatchObject({
        code: 'entry-needed',
      });
    }
  });

  test('is one of this referral', async () => {
    const { referral } = await story('this one');
    const other = await story('another one');
    const no = async (said: Said) => (await refusalOf(correct(referral, 'no', said))).code;
    expect(await no({ corrects: other.held })).toBe('no-such-entry');
    expect(await no({ corrects: deriveId<'event'>('unheard of') })).toBe('no-such-entry');
    expect(await no({ ...S1, session: sessionId('s2') })).toBe('no-such-session');
    expect((await refusalOf(correct(referralId('unborn'), 'no', S1))).code).toBe(
      'no-such-referral',
    );
  });

  test('is not told to a stranger', async () => {
    const { referral } = await story('strange');
    for (const said of [S1, { corrects: deriveId<'event'>('unheard of') }]) {
      const answer = correct(referral, 'strange', said, { actor: STRANGER });
      expect(await refusalOf(answer)).toMatchObject({ code: 'not-your-referral' });
    }
  });

  test('of several that one command recorded is the one that can be corrected', async () => {
    const { referral } = await story('several');
    const concern: ReferralEvent = {
      type: 'ConcernRaised',
      data: { source: 'assessment' },
      protectedData: {},
    };
    const one = await record(referral, 'scored', '2026-04-20', assessed('low'), concern);
    const answer = await correct(referral, 'scored wrongly', { corrects: one });
    const { facts } = await house.referrals.load(referral);
    expect(answer.facts).toMatchObject([
      { data: { corrects: lastOf(facts, 'AssessmentRecorded').id } },
    ]);
    const two = await record(referral, 'twice', '2026-04-21', attempted(), contact());
    const refusal = await refusalOf(correct(referral, 'which', { corrects: two }));
    expect(refusal.code).toBe('several-entries');
    const after = (await house.referrals.load(referral)).facts;
    for (const type of ['ContactAttempted', 'ContactMade'] as const) {
      expect(refusal.message).toContain(`${type} ${lastOf(after, type).id}`);
    }
  });

  test('as a session is the record that stands', async () => {
    const { referral } = await story('again and again');
    await correct(referral, 'void', S1);
    expect(await correct(referral, 'void once more', S1)).toMatchObject({ unchanged: true });
    await record(referral, 'missed', '2026-04-17', missed('s1', 1));
    const second = await correct(referral, 'void the other', S1);
    const { facts } = await house.referrals.load(referral);
    expect(second.facts).toMatchObject([{ data: { corrects: lastOf(facts, 'Missed').id } }]);
    expect(await sessionsOf(referral)).toEqual([]);
    // The first correction, sent again after all this, is answered as it was.
    const first = await correct(referral, 'void', S1);
    expect(first).toMatchObject({ unchanged: true });
    expect(first.facts).toMatchObject([{ data: { corrects: lastOf(facts, 'Attended').id } }]);
  });
});

describe('what a correction says', () => {
  test('of a person lies sealed, and nowhere else', async () => {
    const { referral } = await story('renamed');
    const { facts } = await house.referrals.load(referral);
    const said = { corrects: lastOf(facts, 'Referred').id, kind: 'amend', name: 'Ada Exemplar' };
    const { facts: added } = await correct(referral, 'rename', said as Said);
    expect(added[0]?.data).toEqual({
      ...{ corrects: said.corrects, kind: 'amend' },
      ...{ reasonCode: 'entered-in-error', requestedBy: 'north' },
    });
    const [stored] = (await everything(house)).filter(({ id }) => id === added[0]?.id);
    expect(
      Object.keys(Object.values(JSON.parse(stored!.protected) as object)[0] as object),
    ).toEqual(['name']);
    expect(
      JSON.stringify(stored, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v)),
    ).not.toContain('Exemplar');
  });

  test('of a session is what it was', async () => {
    const { referral } = await story('amended');
    const said = { ...S1, kind: 'amend', number: 2, on: '2026-04-18' } as Said;
    const more = { requestedBy: 'hill-allotments', approvedBy: 'board' } as Said;
    const { facts } = await correct(referral, 'amend', { ...said, ...more });
    expect(facts[0]?.data).toMatchObject({ ...more, amended: { number: 2, on: '2026-04-18' } });
    expect(await sessionsOf(referral)).toMatchObject([{ number: 2, on: '2026-04-18' }]);
  });
});

describe('an outcome', () => {
  async function scored(name: string, followUp: 'middle' | 'high') {
    const { referral } = await story(name);
    await record(referral, 'low', '2026-04-09', assessed('low'));
    await record(referral, 'later', '2026-05-09', assessed(followUp));
    const pair = { baseline: assessmentId('low'), followUp: assessmentId(followUp) };
    const determine = (as: string, keys = house.keys) => {
      const meta = metaOf(`${referral}: ${as}`, '2026-05-10');
      const command = { ...pair, referral, prescription: PLOT, meta };
      return new DetermineOutcomeHandler(house.referrals, new Scores(keys)).execute(
        Object.assign(new DetermineOutcome(), command),
      );
    };
    const { facts } = await house.referrals.load(referral);
    return { referral, determine, followUp: lastOf(facts, 'AssessmentRecorded') };
  }

  test('is measured by the scores as they lie sealed', async () => {
    const risen = await scored('risen', 'high');
    const answer = await risen.determine('determine');
    expect(answer.facts).toMatchObject([{ data: { met: true, component: 'wellbeing' } }]);
    expect(await risen.determine('determine')).toMatchObject({ unchanged: true });
    expect((await refusalOf(risen.determine('again'))).code).toBe('met-already');
    const short = await scored('short of it', 'middle');
    expect((await short.determine('determine')).facts).toMatchObject([{ data: { met: false } }]);
  });

  test('is measured by the amended score, as long as the amendment stands', async () => {
    const { referral, determine, followUp } = await scored('scored anew', 'middle');
    const anew = { corrects: followUp.id, kind: 'amend', answers: [3, 3, 3, 3, 4, 4, 4] } as const;
    const { facts } = await correct(referral, 'amend', anew);
    expect((await determine('amended')).facts).toMatchObject([{ data: { met: true } }]);
    const state = (await house.referrals.load(referral)).facts;
    await correct(referral, 'no outcome', { corrects: lastOf(state, 'OutcomeDetermined').id });
    await correct(referral, 'no amendment', { corrects: facts[0]!.id });
    expect((await determine('as it was')).facts).toMatchObject([{ data: { met: false } }]);
  });

  test('is measured by no score where the amended answers leave an item out', async () => {
    const { referral, determine, followUp } = await scored('left out', 'high');
    const anew = { corrects: followUp.id, kind: 'amend', answers: [5, 5, null, 5] } as const;
    await correct(referral, 'amend', anew);
    expect((await refusalOf(determine('unscored'))).code).toBe('no-score');
  });

  test('is not of an erased person; what was determined stays', async () => {
    const { determine } = await scored('erased', 'high');
    const erased = new Proxy(house.keys, {
      get: (keys, name) =>
        name === 'find' ? async () => null : (Reflect.get(keys, name) as unknown),
    });
    expect((await refusalOf(determine('too late', erased))).code).toBe('person-erased');
    const before = await determine('in time');
    expect(await determine('in time', erased)).toMatchObject({
      unchanged: true,
      version: before.version,
    });
  });
});
