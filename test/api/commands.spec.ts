import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deriveId } from '#kernel';
import { SETUP } from '../crash/testing/commands.js';
import { commandRoutes } from '../../apps/api/src/commands/index.js';
import { postLines, scenarioLines } from './testing/scenario.js';
import { startService, type Answer, type Service } from './testing/service.js';

const WORKER = { id: 'ann', role: 'link-worker', organisation: 'north' };
const ON = '2024-05-01';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await postLines(service, SETUP);
});
afterAll(() => service.close());

const say = (data: object, at = ON) => ({ at, actor: WORKER, data });
const REFERRAL = { anchor: 'north', scheme: 'spring', route: 'gp', name: 'Ann', contact: 'phone' };
const refer = (key: string, more: object = {}) =>
  service.post('/v1/referral/refer', key, say({ ...REFERRAL, ...more }));
const idOf = ({ body }: Answer) => String(body['stream']).slice('referral-'.length);
const head = () => service.wayledger.log.head();

async function accepted(key: string): Promise<string> {
  const referral = idOf(await refer(key));
  const by = say({ referral, by: 'person' });
  await service.post('/v1/referral/accept-referral', `${key}-accept`, by, { 'If-Match': '"v0"' });
  return referral;
}

describe('Idempotency-Key', () => {
  test('the same command again is answered as the first time, and written once', async () => {
    const first = await refer('once');
    expect(first).toMatchObject({ status: 200, body: { unchanged: false, version: 0 } });
    expect(first.headers.get('location')).toBe(`/v1/referral/referrals/${idOf(first)}`);
    const before = await head();
    for (const key of ['once', '"once"']) {
      expect((await refer(key)).body).toEqual({ ...first.body, unchanged: true });
    }
    expect(await head()).toBe(before);
  });

  test('also where only the fold of a history is kept', async () => {
    const surgery = { organisation: 'surgery', name: 'Surgery', roles: ['referrer'] };
    const post = () => service.post('/v1/directory/register-organisation', 'org', say(surgery));
    const { body } = await post();
    expect(body['events']).toHaveLength(1);
    expect((await post()).body).toEqual({ ...body, unchanged: true });
  });

  test('another command under the same key is refused', async () => {
    await refer('reused');
    const before = await head();
    expect(await refer('reused', { name: 'Bo' })).toMatchObject({
      status: 422,
      body: { code: 'command-id-reused' },
    });
    expect(await head()).toBe(before);
  });

  test('a UUID is the id of the command itself', async () => {
    const key = deriveId<'command'>('a key');
    const { body } = await refer(key.toUpperCase());
    expect(idOf({ body } as Answer)).toBe(deriveId('referral', key));
  });

  test('of twenty at once one is written', async () => {
    const before = await head();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refer('twenty')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ body }) => body['unchanged'] === false)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body['events']))).size).toBe(1);
    expect(await head()).toBe(before + 1n);
  });

  test('twenty with keys of their own are all written: the control', async () => {
    const before = await head();
    await Promise.all(Array.from({ length: 20 }, (_, index) => refer(`own-${index}`)));
    expect(await head()).toBe(before + 20n);
  });
});

describe('If-Match', () => {
  test('of ten who decided on the same version one wins, and the others hear of it', async () => {
    const referral = await accepted('race');
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        service.post(
          '/v1/referral/record-contact',
          `race-${index}`,
          say({ referral, mode: 'phone', minutes: index + 1 }),
          { 'If-Match': '"v1"' },
        ),
      ),
    );
    const [won, ...others] = answers.filter(({ status }) => status === 200);
    expect(others).toEqual([]);
    expect(won?.headers.get('etag')).toBe('"v2"');
    const lost = answers.filter(({ status }) => status === 412);
    expect(lost).toHaveLength(9);
    for (const { body } of lost) {
      expect(body).toMatchObject({
        ...{ code: 'version-changed', currentVersion: 2 },
        between: [{ type: 'FirstContactMade', version: 2, occurredOn: ON }],
      });
      expect((body['between'] as { sentence: string }[])[0]?.sentence).toMatch(/^First contact/u);
    }
  });

  test('a priced prescription on an old version reserves nothing anywhere', async () => {
    const referral = await accepted('stale');
    const assign = say({ referral, linkWorker: 'lw-a' });
    await service.post('/v1/referral/assign-link-worker', 'stale-assign', assign, {
      'If-Match': '"v1"',
    });
    const priced = say({
      ...{ referral, service: 'gardening', provider: 'allot', plannedSessions: 3 },
      ...{ agreement: 'allot-2024', fund: 'lottery', year: 2024, pot: 'prescribing' },
    });
    const prescribe = (version: string) =>
      service.post('/v1/referral/prescribe', 'stale-prescribe', priced, { 'If-Match': version });
    const before = await head();
    expect((await prescribe('"v1"')).status).toBe(412);
    expect(await head()).toBe(before);
    expect((await prescribe('"v2"')).status).toBe(200);
  });

  test('what was written once is answered again, however old its version is by now', async () => {
    const referral = await accepted('late');
    const contact = () =>
      service.post(
        '/v1/referral/record-contact',
        'late-contact',
        say({ referral, mode: 'phone', minutes: 3 }),
        { 'If-Match': '"v1"' },
      );
    expect((await contact()).body).toMatchObject({ unchanged: false });
    expect(await contact()).toMatchObject({ status: 200, body: { unchanged: true, version: 2 } });
  });

  test('a version that is not there yet, and a referral that is not there', async () => {
    const referral = await accepted('ahead');
    const close = (id: string) =>
      service.post(
        '/v1/referral/accept-referral',
        `close-${id}`,
        say({ referral: id, by: 'anchor' }),
        {
          'If-Match': '"v99"',
        },
      );
    expect(await close(referral)).toMatchObject({
      status: 412,
      body: { currentVersion: 1, between: [] },
    });
    expect(await close(deriveId('nobody'))).toMatchObject({
      status: 404,
      body: { code: 'no-such-referral' },
    });
  });

  test('of another version stops every command on a referral, with nothing written', async () => {
    const own = await startService();
    const versioned = commandRoutes.filter((route) => route.versioned).map(({ name }) => name);
    const stopped = new Set<string>();
    try {
      for (const line of scenarioLines()) {
        const command = String(line['command']);
        if (versioned.includes(command)) {
          const before = await own.wayledger.log.head();
          const [refused] = await postLines(own, [line], '"v999999"');
          // Also budgets and places, which are asked before a referral is written.
          expect([command, await own.wayledger.log.head()]).toEqual([command, before]);
          if (refused!.answer.status === 412) stopped.add(command);
        }
        // Under the same key: it was not used up.
        await postLines(own, [line]);
      }
      expect(versioned.filter((name) => !stopped.has(name))).toEqual([]);
    } finally {
      await own.close();
    }
  });
});

describe('a body', () => {
  test('that is far too much to be a command is refused before it is held against one', async () => {
    const components = Array.from({ length: 80_000 }, () => ({}));
    const answer = await service.post('/v1/funding/change-terms', 'much', say({ components }));
    expect(answer).toMatchObject({ status: 400, body: { code: 'too-many-values' } });
  });

  test('with more that is wrong than helps is told the first of it, and how much is left', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 1]));
    const { status, body } = await service.post('/v1/referral/refer', 'wrong', say(wrong));
    expect(status).toBe(400);
    expect(body['errors']).toHaveLength(100);
    expect(body['detail']).toMatch(/ And 4\d\d more reasons\.$/u);
  });

  test.each([
    ['application/json; charset=utf-8', 200],
    ['application/json;charset="UTF-8"', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=utf-8; charset=utf-16', 415],
    [`application/json; charset="${' '.repeat(10_000)}x`, 415],
  ])('of %s', async (type, status) => {
    const answer = await service.post(
      '/v1/referral/refer',
      'typed',
      say({ ...REFERRAL, name: 'Bo' }),
      { 'Content-Type': type },
    );
    expect(answer.status).toBe(status);
  });
});
