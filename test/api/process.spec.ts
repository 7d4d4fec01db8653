import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  SETUP,
  receive,
  wayledger,
  wayledgerAside,
  wayledgerWith,
  write,
} from '../cli/testing/command-line.js';
import { inFolder } from '../support/imported.js';
import { startService, tokenIn, whileServing } from './testing/service-process.js';

const FAULTY = fileURLToPath(new URL('./testing/faulty-service.js', import.meta.url));
const TOKEN = /^ {2}[\w-]{43}$/mu;
const inData = (work: (data: string, folder: string) => Promise<void>) =>
  inFolder((folder) => work(join(folder, 'data'), folder));

describe('the first start', () => {
  test('makes a token, prints it once for a person, and keeps its hash', async () => {
    await inData(async (data) => {
      const token = await whileServing(data, async (service, url) => {
        const token = tokenIn(service);
        expect(service.told()).toContain(`delete ${join(data, 'token.sha256')} and start it again`);
        expect(service.told()).toContain(`curl -H 'Authorization: Bearer ${token}'`);
        expect(service.told()).toContain(`Wayledger answers at ${url}`);
        expect(JSON.stringify(service.lines())).not.toContain(token);
        return token;
      });
      for (const name of readdirSync(data)) {
        expect(readFileSync(join(data, name)).includes(token)).toBe(false);
      }
      await whileServing(data, async (service, url) => {
        expect(service.told()).toBe(`Wayledger answers at ${url}: Ctrl-C ends it.\n`);
      });
    });
  });

  test('of two at once makes one, and both serve the same folder', async () => {
    await inData(async (data) => {
      const both = [startService(data), startService(data)];
      try {
        const urls = await Promise.all(both.map(({ url }) => url));
        expect(both.filter(({ told }) => TOKEN.test(told()))).toHaveLength(1);
        for (const url of urls) expect(await statusOf(`${url}/health/live`)).toBe(200);
      } finally {
        for (const service of both) service.signal('SIGKILL');
        await Promise.all(both.map(({ ended }) => ended));
      }
    });
  });
});

describe('a service that cannot start', () => {
  test('says all that is wrong with its variables, and makes nothing', async () => {
    await inData(async (data, folder) => {
      const variables = { WAYLEDGER_PORT: 'http', WAYLEDGER_VERBOSE: 'yes' };
      const service = startService(data, { variables });
      expect(await service.ended).toEqual({ code: 2, signal: null });
      expect(service.everything()).toBe(
        'Wayledger does not start.\n' +
          'WAYLEDGER_VERBOSE is no variable of Wayledger: write WAYLEDGER_VERBOSITY if that is meant, or unset it.\n' +
          'WAYLEDGER_PORT is no port: write a number from 0 to 65535, or unset it.\n',
      );
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  test('because its port is taken says so, with the token if that was just made', async () => {
    await inData(async (data) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const port = String((taken.address() as AddressInfo).port);
      const service = startService(data, { variables: { WAYLEDGER_PORT: port } });
      expect(await service.ended).toEqual({ code: 3, signal: null });
      expect(service.told()).toContain(
        `Port ${port} is taken by another program: set WAYLEDGER_PORT to another one`,
      );
      expect(service.told()).toMatch(TOKEN);
      taken.close();
    });
  });

  test.each([
    ['token.sha256', 'token.sha256 does not hold the hash of a token: delete it'],
    ['views.db', 'views.db is not a views database'],
    ['keys.db', 'keys.db is not a key store'],
    ['log.db', 'log.db'],
  ])('because %s is something else says what to do', async (name, words) => {
    await inData(async (data) => {
      mkdirSync(data);
      writeFileSync(join(data, name), 'a list for the shops, and then some more of it\n'.repeat(9));
      const service = startService(data);
      expect(await service.ended).toEqual({ code: 3, signal: null });
      expect(service.told()).toContain(words);
      expect(service.told()).not.toMatch(/^ {4}at /mu);
    });
  });
});

describe('who may use the service', () => {
  test('only who speaks to this machine by its own names', async () => {
    await inData(async (data) => {
      await whileServing(data, async (_service, url) => {
        const { port } = new URL(url);
        const to = (host?: string) => answerTo(url, '/health/live', host);
        for (const host of ['localhost', `127.0.0.1:${port}`, `[::1]:${port}`, 'LOCALHOST:80']) {
          expect((await to(host)).status).toBe(200);
        }
        for (const host of ['evil.example', 'localhost.evil.example', 'localhost@evil', ':80']) {
          const { status, body } = await to(host);
          expect(status).toBe(421);
          expect(body).toContain('wrong-host');
        }
        expect(await raw(url, 'GET /health/live HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1.1 421 /u);
      });
    });
  });

  test('nobody on another address of this machine', async () => {
    await inData(async (data) => {
      await whileServing(data, async (_service, url) => {
        const elsewhere = url.replace('127.0.0.1', '127.0.0.2');
        await expect(fetch(`${elsewhere}/health/live`)).rejects.toThrow();
      });
    });
  });
});

describe('what is no request', () => {
  const NO_REQUESTS = [
    ['400', 'ADA LOVELACE\r\n\r\n'],
    ['400', 'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    ['431', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['417', 'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: the unexpected\r\n\r\n'],
    ['501', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
  ] as const;

  test('is answered with a problem all the same', async () => {
    await inData(async (data) => {
      await whileServing(data, async (service, url) => {
        for (const [status, sent] of NO_REQUESTS) {
          const answer = await raw(url, sent);
          expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `, 'u'));
          expect(answer).toMatch(/content-type: application\/problem\+json/iu);
          const body = JSON.parse(answer.slice(answer.indexOf('{'))) as object;
          expect(body).toMatchObject({ status: Number(status), code: expect.any(String) });
        }
        expect(await statusOf(`${url}/health/live`)).toBe(200);
        expect(service.everything()).not.toMatch(/LOVELACE|evil/u);
      });
    });
  });
});

describe('a connection that asks for a tunnel', () => {
  const TUNNEL = 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n';

  test('and breaks before it is answered does not end the service', async () => {
    await inData(async (data) => {
      await whileServing(data, async (_service, url) => {
        for (let times = 0; times < 20; times += 1) {
          const socket = connect(Number(new URL(url).port), '127.0.0.1');
          socket.write(TUNNEL.padEnd(100_000, 'x'), () => socket.resetAndDestroy());
          await once(socket, 'close');
        }
        expect(await statusOf(`${url}/health/live`)).toBe(200);
      });
    });
  });

  test('and is never ended by its caller does not keep the service from stopping', async () => {
    await inData(async (data) => {
      await whileServing(data, async (service, url) => {
        const port = Number(new URL(url).port);
        const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
        socket.on('error', () => undefined);
        socket.write(TUNNEL);
        await once(socket, 'data');
        service.signal('SIGTERM');
        expect(await service.ended).toEqual({ code: 0, signal: null });
        socket.destroy();
      });
    });
  });
});

describe('what is no request, behind one that is', () => {
  test.each([
    ['400', 'ADA LOVELACE\r\n\r\n'],
    ['417', 'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: the unexpected\r\n\r\n'],
    ['501', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
  ])('is answered with %s after it, not in its place', async (status, sent) => {
    await inData(async (data) => {
      await whileServing(data, async (_service, url) => {
        const first = 'GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n';
        const answers = (await raw(url, `${first}${sent}`)).matchAll(/HTTP\/1.1 (\d{3})/gu);
        expect([...answers].map(([, each]) => each)).toEqual([
          expect.stringMatching(/^(?:200|503)$/u),
          status,
        ]);
      });
    });
  });
});

describe('a service that is told to stop', () => {
  test('answers what it has begun, takes nothing new, and leaves the stores whole', async () => {
    await inData(async (data) => {
      await whileServing(data, async (service, url) => {
        const held = await heldRequest(url);
        service.signal('SIGTERM');
        await service.said('stopping');
        // The same signal once more, as npm and a terminal send it together.
        service.signal('SIGTERM');
        await expect(fetch(`${url}/health/live`)).rejects.toThrow();
        // Nobody new is let in; who is there already is told.
        held.finish('GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n');
        const answers = await held.answer;
        expect(answers).toContain('HTTP/1.1 404 ');
        expect(answers).toContain('HTTP/1.1 503 ');
        expect(answers).toContain('"service":"stopping"');
        expect(await service.ended).toEqual({ code: 0, signal: null });
        expect(service.lines().at(-1)).toMatchObject({ msg: 'stopped' });
        // Closed by the last who had them open.
        expect(readdirSync(data).filter((name) => /-wal$|-shm$/u.test(name))).toEqual([]);
      });
    });
  });

  test('a second time ends at once, whatever it has begun', async () => {
    await inData(async (data) => {
      await whileServing(data, async (service, url) => {
        await heldRequest(url);
        service.signal('SIGINT');
        await service.said('stopping');
        const again = setInterval(() => {
          service.signal('SIGINT');
        }, 100);
        // Patient, it would have ended with 0.
        expect(await service.ended).toEqual({ code: 130, signal: null });
        clearInterval(again);
      });
    });
  });
});

describe('a fault that nothing foresaw', () => {
  test.each(['exception', 'rejection'])('ends it and is in the log: %s', async (FAULT) => {
    await inData(async (data) => {
      const service = startService(data, { script: FAULTY, variables: { FAULT } });
      expect(await service.ended).toEqual({ code: 3, signal: null });
      expect(service.lines().at(-1)).toMatchObject({
        ...{ level: 'fatal', msg: 'an error that nothing foresaw' },
        error: { name: 'Unforeseen', at: expect.any(Array) },
      });
      expect(JSON.stringify(service.lines().at(-1))).toContain('faulty-service');
      // Errors of others may quote what was given.
      expect(service.everything()).not.toContain('Lovelace');
    });
  });
});

describe('the terminal beside the service', () => {
  test('imports and reads while it serves, and the service follows', async () => {
    await inData(async (data, folder) => {
      await whileServing(data, async (service, url) => {
        const file = write(folder, [...SETUP, receive('r1', 500)]);
        expect((await wayledgerAside('import', file, '--data', data)).status).toBe(0);
        const variables = { WAYLEDGER_DATA: data };
        const balances = wayledgerWith(variables, 'balances', '--anchor', 'north', '--json');
        expect(balances.stdout).toMatch(/"balance":500\b/u);
        expect(wayledger('verify', '--data', data).status).toBe(0);
        expect(await ready(url)).toMatchObject({
          ...{ log: 'ok', keys: 'ok' },
          readModels: { status: 'ok', behindMs: 0 },
        });
        rmSync(file);
        service.signal('SIGTERM');
        expect(await service.ended).toEqual({ code: 0, signal: null });
      });
    });
  });
});

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}

/** Asks until it is, or the test has no time left. */
async function ready(url: string): Promise<unknown> {
  for (;;) {
    const answer = await fetch(`${url}/health/ready`);
    const { checks } = (await answer.json()) as { checks: unknown };
    if (answer.ok) return checks;
  }
}

async function answerTo(url: string, path: string, host = '') {
  const asked = request(`${url}${path}`, { headers: { host } });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

/** All that is answered until the service ends the connection. */
async function raw(url: string, sent: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(sent);
  socket.end();
  return text(socket);
}

/** A request that has begun and does not end before it is let. */
async function heldRequest(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const answer = text(socket);
  answer.catch(() => undefined);
  const head = 'POST /v1/held HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  // It is known to have been taken up when it is told to go on.
  socket.write(`${head}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{`);
  await once(socket, 'data');
  return {
    answer,
    /** `more`: another request on the same connection. */
    finish: (more = '') => socket.write(`}${more}`),
  };
}
