import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { json, wayledger } from '../cli/testing/command-line.js';
import { postLines, scenarioLines } from './testing/scenario.js';
import { startService, type Service } from './testing/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await postLines(service, scenarioLines());
});
afterAll(() => service.close());

async function read(path: string): Promise<Record<string, unknown>> {
  const { status, body } = await service.ask(path);
  expect({ path, status }).toEqual({ path, status: 200 });
  return body;
}

/** All pages of a list, two at a time; `between` is done after the first. */
async function pages(path: string, list: string, between?: () => Promise<unknown>) {
  const items: unknown[] = [];
  let next: string | undefined;
  do {
    const cursor = next === undefined ? '' : `&cursor=${next}`;
    const body = await read(`${path}&limit=2${cursor}`);
    const page = body[list] as unknown[];
    expect(page.length).toBeLessThanOrEqual(2);
    if (items.length === 0) await between?.();
    items.push(...page);
    next = body['next'] as string | undefined;
  } while (next !== undefined);
  return items;
}

const LISTS = [
  ['/v1/funding/balances?anchor=north', 'balances'],
  ['/v1/funding/entries?anchor=north', 'entries'],
  ['/v1/funding/statement?anchor=north&provider=allot&month=2028-01', 'lines'],
  ['/v1/funding/changes?anchor=north&month=2026-04', 'entries'],
  ['/v1/referral/caseload?linkWorker=lw-a', 'items'],
  ['/v1/referral/volumes?anchor=north', 'volumes'],
  ['/v1/referral/clocks?', 'timers'],
] as const;

let times = 0;
/** A person is referred, assigned and waits; money is received: every list would have more. */
async function somethingHappens(): Promise<void> {
  times += 1;
  const actor = { id: 'mo', role: 'anchor', organisation: 'north' };
  const post = (path: string, data: object, headers = {}) =>
    service.post(path, `between-${times}-${path}`, { at: '2024-05-02', actor, data }, headers);
  const person = { anchor: 'north', scheme: 'spring', route: 'gp', name: 'N', contact: 'c' };
  const { body } = await post('/v1/referral/refer', person);
  const referral = String(body['stream']).slice('referral-'.length);
  const any = { 'If-Match': '*' };
  await post('/v1/referral/assign-link-worker', { referral, linkWorker: 'lw-a' }, any);
  const fund = { anchor: 'north', fund: `new-${times}`, funder: 'f', amount: 5 };
  expect(await post('/v1/funding/receive-fund', fund)).toMatchObject({ status: 200 });
}

describe('a list in pages', () => {
  test.each(LISTS)('%s is whole, in order and without repeats', async (path, list) => {
    const whole = (await read(`${path}&limit=1000`))[list] as unknown[];
    expect(await pages(path, list)).toEqual(whole);
  });

  test.each(LISTS.filter(([path]) => /balances|statement|caseload/u.test(path)))(
    '%s is the same whatever comes in between',
    async (path, list) => {
      const whole = (await read(`${path}&limit=1000`))[list] as unknown[];
      expect(whole.length).toBeGreaterThan(2);
      expect(await pages(path, list, somethingHappens)).toEqual(whole);
    },
  );

  test('a history is as of one place of the log, what is told of its first page too', async () => {
    const { items } = (await read('/v1/referral/caseload?linkWorker=lw-a')) as {
      items: { referral: string }[];
    };
    const path = `/v1/referral/referrals/${items[0]!.referral}/history?`;
    const whole = (await read(path))['steps'];
    expect(await pages(path, 'steps', somethingHappens)).toEqual(whole);
  });

  test.each([
    [
      'of another list',
      (path: string, next: string) => `${path.replace('balances', 'entries')}&cursor=${next}`,
    ],
    [
      'with other parameters',
      (path: string, next: string) => `${path}&postedBy=2026-05-01&cursor=${next}`,
    ],
    ['made up', (path: string) => `${path}&cursor=WyI5OSIsIjIiXQ`],
    [
      'changed in one letter',
      (path: string, next: string) => `${path}&cursor=${next.slice(0, -2)}AA`,
    ],
    ['empty', (path: string) => `${path}&cursor=`],
  ])('a cursor %s is refused', async (_what, asked) => {
    const path = '/v1/funding/balances?anchor=north';
    const { next } = await read(`${path}&limit=1`);
    expect(await service.ask(asked(path, String(next)))).toMatchObject({
      status: 400,
      body: { code: 'cursor-refused' },
    });
    await read(`${path}&limit=3&cursor=${String(next)}`);
  });

  test.each([
    ['entries', '["1","1.5"]'],
    ['entries', '["1","1e999"]'],
    ['entries', '["one","1"]'],
    ['balances', '["1","-1"]'],
    ['balances', '[1,2]'],
    ['balances', 'null'],
    ['balances', '["1'],
  ])('a cursor of %s made up with its check right, %s, is refused', async (list, text) => {
    const limits = [null, null, null];
    const names = ['anchor', 'knownAt', 'occurredBy', 'postedBy'];
    const own = names.map((name, index) => [name, ['north', ...limits][index]]);
    const more =
      list === 'entries'
        ? [
            ['event', null],
            ['prescription', null],
          ]
        : [];
    const given = [...own, ...more].sort(([a], [b]) => (a! < b! ? -1 : 1));
    const check = createHash('sha256')
      .update(`${JSON.stringify([`/v1/funding/${list}`, ...given])}\n${text}`)
      .digest('base64url');
    const cursor = `${check.slice(0, 22)}${Buffer.from(text).toString('base64url')}`;
    const answer = await service.ask(`/v1/funding/${list}?anchor=north&cursor=${cursor}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'cursor-refused' } });
  });

  test('a cursor of what is not in the log yet waits for nothing', async () => {
    const text = '["999999999","x"]';
    const check = createHash('sha256').update(`["/v1/referral/clocks"]\n${text}`);
    const cursor = `${check.digest('base64url').slice(0, 22)}${Buffer.from(text).toString('base64url')}`;
    const answer = await service.ask(`/v1/referral/clocks?cursor=${cursor}`);
    expect(answer).toMatchObject({ status: 422, body: { code: 'position-ahead' } });
  });

  test.each(['toString', 'hasOwnProperty', '__proto__'])(
    'a parameter %s, which every object has, is no parameter',
    async (name) => {
      const answer = await service.ask(`/v1/referral/clocks?${name}=1`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'unknown-field' } });
    },
  );

  test.each(['trial-balance?', 'close-preview?', 'statement?provider=allot&'])(
    '%s answers for the last month there is',
    async (path) => {
      await read(`/v1/funding/${path}anchor=north&month=9999-12`);
    },
  );
});

describe('what was known', () => {
  const cli = (...args: string[]) =>
    json(wayledger(...args, '--json', '--data', service.data).stdout)[0]!;

  test.each(['2028-01-15', '2026-05-31', '40', '90'])(
    'balances at %s are those of the terminal',
    async (knownAt) => {
      const here = await read(`/v1/funding/balances?anchor=north&limit=1000&knownAt=${knownAt}`);
      const there = cli('balances', '--anchor', 'north', '--known-at', knownAt);
      expect(here['balances']).toEqual(there['balances']);
      expect(here['knownBy']).toBe(there['knownBy']);
    },
  );

  test('a caseload of then is that of the terminal', async () => {
    const here = await read('/v1/referral/caseload?linkWorker=lw-a&knownAt=100&today=2024-06-01');
    const args = ['--link-worker', 'lw-a', '--known-at', '100', '--today', '2024-06-01'];
    expect(here['items']).toEqual(cli('caseload', ...args)['items']);
  });

  test('a referral of then has no ETag, and one of now has', async () => {
    const { items } = (await read('/v1/referral/caseload?linkWorker=lw-a')) as {
      items: { referral: string }[];
    };
    const path = `/v1/referral/referrals/${items[0]!.referral}`;
    const now = await service.ask(path);
    const { position } = now.body['freshness'] as { position: number };
    const then = await service.ask(`${path}?knownAt=${position}`);
    expect(now.headers.get('etag')).toBe(`"v${String(now.body['version'])}"`);
    expect(then.headers.get('etag')).toBeNull();
    const { freshness: _now, ...here } = now.body;
    expect(then.body).toMatchObject(here);
    expect((await service.ask(`${path}?knownAt=1`)).status).toBe(404);
  });
});

describe('minPosition', () => {
  test('who writes reads it, and what is not there yet is refused', async () => {
    await somethingHappens();
    const head = await service.wayledger.log.head();
    const { freshness } = await read(`/v1/referral/clocks?minPosition=${head}`);
    expect(freshness).toEqual({ position: Number(head), head: Number(head) });
    expect(await service.ask(`/v1/referral/clocks?minPosition=${head + 1n}`)).toMatchObject({
      status: 422,
      body: { code: 'position-ahead' },
    });
  });
});
