import { join } from 'node:path';
import { Controller, Get, Module, Post, Req, type DynamicModule } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { randomId } from '#kernel';
import { LOG_START } from '#event-log';
import { Wayledger } from '#engine';
import { SETUP, receive, write } from '../../../test/cli/testing/command-line.js';
import { importFile } from '../../cli/src/importer.js';
import { inFolder } from '../../../test/support/imported.js';
import { readConfig } from './config.js';
import { ForEverybody, ForOperator } from './access.js';
import { openLogger } from './logging.js';
import { startService, type Parts, ServiceModule } from './service.js';
import { openToken } from './token.js';

const NAME = 'Ada Lovelace';
const SECRET = 'not-the-token-of-this-service';

/** What somebody may leave behind: a route that says nothing of access, and one that breaks. */
@Controller('v1/forgotten')
class Forgotten {
  @Get()
  read(): string {
    return 'everything';
  }
}
@Controller('v1/broken')
@ForOperator()
class Broken {
  @Post()
  fail(@Req() request: { readonly body: Buffer }): never {
    throw new TypeError(`cannot read ${request.body.toString()}`);
  }
}
@Controller('v1/open')
@ForEverybody()
class Open {
  @Get('all')
  all(): string {
    return 'all';
  }
  @Get('some')
  @ForOperator()
  some(): string {
    return 'some';
  }
}

@Module({})
class WithMore {
  static with(parts: Parts): DynamicModule {
    const controllers = [Forgotten, Broken, Open];
    return { module: WithMore, imports: [ServiceModule.with(parts)], controllers };
  }
}

interface Scene {
  readonly url: string;
  readonly token: string;
  readonly log: () => string;
  ask(path: string, given?: RequestInit): Promise<{ status: number; text: string; head: Headers }>;
}

async function serving(
  work: (scene: Scene) => Promise<void>,
  before: (data: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await inFolder(async (folder) => {
    const data = join(folder, 'data');
    await before(data);
    const config = readConfig({ WAYLEDGER_DATA: data, WAYLEDGER_PORT: '0' });
    let log = '';
    const logger = openLogger('debug', { write: (line) => (log += line) });
    const token = openToken(data);
    const service = await startService(config, token, logger, (parts) => WithMore.with(parts));
    const { url } = service;
    try {
      await work({
        ...{ url, token: token.made!, log: () => log },
        async ask(path, given = {}) {
          const answer = await fetch(`${url}${path}`, given);
          return { status: answer.status, text: await answer.text(), head: answer.headers };
        },
      });
    } finally {
      await service.close();
    }
  });
}

const bearing = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('who may use a route', () => {
  test('is the operator, with the token and nothing like it', async () => {
    await serving(async ({ ask, token }) => {
      const path = '/v1/referral/clocks';
      const none = await ask(path);
      expect(none).toMatchObject({ status: 401, text: expect.stringContaining('"no-token"') });
      expect(none.head.get('www-authenticate')).toBe('Bearer realm="wayledger"');
      for (const wrong of [SECRET, '', `${token}x`, `x ${token}`]) {
        const answer = await ask(path, { headers: bearing(wrong) });
        expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('wrong-token') });
        expect(answer.head.get('www-authenticate')).toContain('error="invalid_token"');
      }
      const basic = { Authorization: `Basic ${token}` };
      expect((await ask(path, { headers: basic })).status).toBe(401);
      expect((await ask(path, { headers: bearing(token) })).status).toBe(200);
      const lower = { Authorization: `bearer  ${token}` };
      expect((await ask(path, { headers: lower })).status).toBe(200);
    });
  });

  test('is nobody where the route does not say it, whatever they hold', async () => {
    await serving(async ({ ask, token }) => {
      for (const headers of [{}, bearing(token)]) {
        const answer = await ask('/v1/forgotten', { headers });
        expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('"no-policy"') });
      }
    });
  });

  test('is said by the route before its class', async () => {
    await serving(async ({ ask }) => {
      expect((await ask('/v1/open/all')).status).toBe(200);
      expect((await ask('/v1/open/some')).status).toBe(401);
    });
  });
});

describe('every answer', () => {
  test('tells a browser to keep, guess, frame and fetch nothing', async () => {
    await serving(async ({ ask }) => {
      for (const path of ['/health/live', '/v1/docs', '/v1/nothing', '/v1/referral/clocks']) {
        const { head } = await ask(path);
        expect(Object.fromEntries(head)).toMatchObject({
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringMatching(
            /default-src 'self'.*script-src 'self'/u,
          ),
        });
        for (const none of ['x-powered-by', 'access-control-allow-origin', 'etag']) {
          expect(head.get(none)).toBeNull();
        }
      }
    });
  });

  test('shows the pages at /v1/docs as they need it: no script stands in them', async () => {
    await serving(async ({ ask, url }) => {
      const { status, text, head } = await ask('/v1/docs');
      expect(status).toBe(200);
      expect(head.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
      const scripts = [...text.matchAll(/<script([^>]*)>([^<]*)/gu)];
      expect(scripts.length).toBeGreaterThan(0);
      for (const [, attributes = '', code = ''] of scripts) {
        expect(code.trim()).toBe('');
        const [, source = ''] = /src="([^"]+)"/u.exec(attributes) ?? [];
        const script = await fetch(new URL(source, `${url}/v1/docs`));
        expect(script.status).toBe(200);
        expect(script.headers.get('content-type')).toContain('javascript');
      }
    });
  });

  test('repeats the id of its request, if that is one', async () => {
    await serving(async ({ ask, log }) => {
      const id = '0c6f2a3e-6d0f-4d8e-9a83-0f4f1b1c9d10';
      const idOf = async (given: string) =>
        (await ask('/v1/nothing', { headers: { 'X-Request-Id': given } })).head.get('x-request-id');
      expect(await idOf(id)).toBe(id);
      expect(await idOf(NAME)).toMatch(/^[0-9a-f-]{36}$/u);
      expect(log()).toContain(id);
    });
  });
});

describe('the log', () => {
  test('names route, command and stream of what was asked, and nobody', async () => {
    await serving(async ({ ask, token, log }) => {
      const headers = {
        ...bearing(token),
        ...{ 'Content-Type': 'application/json', 'Idempotency-Key': NAME, Cookie: NAME },
      };
      const body = JSON.stringify({
        at: '2026-04-01',
        actor: { id: 'finance', role: 'anchor', organisation: 'north' },
        data: { organisation: 'north', name: NAME, roles: ['anchor'] },
      });
      const path = '/v1/directory/register-organisation';
      const query = `?name=${encodeURIComponent(NAME)}`;
      expect((await ask(`${path}${query}`, { method: 'POST', headers, body })).status).toBe(200);
      await ask(path, { method: 'POST', headers, body: body.slice(0, -1) });
      await ask(`/v1/${encodeURIComponent(NAME)}${query}`, { headers });
      await ask(path, { method: 'POST', headers: { ...headers, ...bearing(SECRET) }, body });
      const broken = await ask('/v1/broken', { method: 'POST', headers, body: NAME });
      expect(broken).toMatchObject({ status: 500, text: expect.not.stringContaining(NAME) });
      for (const told of [NAME, encodeURIComponent(NAME), 'Ada', SECRET, token, '?']) {
        expect(log()).not.toContain(told);
      }
      const lines = log()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(lines).toContainEqual({
        ...{ level: 'info', time: expect.any(String), msg: 'answered' },
        ...{ requestId: expect.any(String), method: 'POST', route: path, status: 200 },
        ...{ durationMs: expect.any(Number), command: 'RegisterOrganisation' },
        stream: expect.stringMatching(/^organisation-/u),
        correlationId: expect.any(String),
      });
      expect(lines).toContainEqual(
        expect.objectContaining({
          ...{ level: 'error', route: '/v1/broken', status: 500, msg: 'failed' },
          error: expect.objectContaining({ name: 'TypeError' }),
        }),
      );
      expect(lines).toContainEqual(expect.objectContaining({ route: 'none', status: 404 }));
    });
  });
});

describe('readiness', () => {
  test('comes when the read models have caught up, and says nothing about anybody', async () => {
    await serving(async (scene) => {
      expect(await ready(scene)).toEqual({
        status: 'ready',
        checks: {
          ...{ service: 'running', log: 'ok', keys: 'ok' },
          readModels: { status: 'ok', behindMs: 0, stopped: 0, parked: 0 },
        },
      });
    });
  });

  test('shows that the books of an anchor stopped before what they cannot apply', async () => {
    await serving(async (scene) => {
      expect(await ready(scene)).toMatchObject({ checks: { readModels: { stopped: 1 } } });
      expect(scene.log()).toContain('`wayledger verify` says which');
    }, withoutAmount);
  });
});

/** Asks until it is; before that it is told why not. */
async function ready({ ask }: Scene): Promise<unknown> {
  for (;;) {
    const { status, text } = await ask('/health/ready');
    if (status === 200) return JSON.parse(text) as unknown;
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ code: 'not-ready', checks: { log: 'ok' } });
  }
}

/** Leaves a log in which a fund is received that nobody says the amount of. */
async function withoutAmount(data: string): Promise<void> {
  const wayledger = await Wayledger.open({ data });
  try {
    const file = write(data, [...SETUP, receive('r1', 500)]);
    await importFile(wayledger, { file }, () => undefined);
    const { log } = wayledger;
    const filter = { types: ['FundReceived'] };
    for await (const [stored] of log.readLog({ after: LOG_START, max: 1, filter })) {
      const { stream, version, data: text } = stored!;
      const { amount: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
      const again = { ...stored!, id: randomId<'event'>(), data: JSON.stringify(rest) };
      await log.append(stream, version, [again]);
      return;
    }
  } finally {
    await wayledger.close();
  }
}
