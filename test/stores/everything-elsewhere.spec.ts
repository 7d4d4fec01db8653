import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { present } from '#kernel';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import { tokenIn, whileServing } from '../api/testing/service-process.js';
import { EXAMPLE, LINES, receive, wayledgerWith, write } from '../cli/testing/command-line.js';
import { inFolder } from '../support/imported.js';

const BOOKS = ['balances', '--anchor', 'north', '--json'];

let stores: TestDatabase;
/** Of the keys alone. */
let vault: TestDatabase;
beforeEach(async () => {
  [stores, vault] = await Promise.all([testDatabase(), testDatabase()]);
});
afterEach(async () => {
  await Promise.all([stores.drop(), vault.drop()]);
});

const elsewhere = () => ({
  WAYLEDGER_LOG: stores.url,
  WAYLEDGER_VIEWS: stores.url,
  WAYLEDGER_KEYS: vault.url,
});

/** As a person who has a folder to be in, and nothing in it. */
function run(folder: string, variables: Record<string, string>, ...args: readonly string[]) {
  return wayledgerWith({ WAYLEDGER_DATA: join(folder, 'data'), ...variables }, ...args);
}

describe('log, keys and read models on PostgreSQL', () => {
  test('need no folder: import, books, and proofs that hold', async () => {
    await inFolder((folder) => {
      const imported = run(folder, elsewhere(), 'import', EXAMPLE, '--as-recorded');
      expect(imported.stdout).toContain(`${LINES} accepted`);
      expect(run(folder, elsewhere(), 'verify').stdout).toMatch(/^All \d+ checks hold\.$/mu);
      const books = run(folder, elsewhere(), ...BOOKS);
      expect(books.stdout).toMatch(/"balance":-?\d/u);
      const options = ['--log', stores.url, '--views', stores.url, '--keys', vault.url];
      expect(run(folder, {}, ...BOOKS, ...options).stdout).toBe(books.stdout);
      expect(readdirSync(folder)).toEqual([]);
      return Promise.resolve();
    });
  });

  test('are served: what is written is read, and a folder holds nothing but the token', async () => {
    await inFolder(async (folder) => {
      const data = join(folder, 'data');
      expect(run(folder, elsewhere(), 'import', EXAMPLE, '--as-recorded').status).toBe(0);
      const work = async (url: string, token: string) => {
        const ask = async (path: string, body?: string, more: Record<string, string> = {}) => {
          const response = await fetch(`${url}${path}`, {
            headers: { Authorization: `Bearer ${token}`, ...more },
            ...(body !== undefined && { method: 'POST', body }),
          });
          return { status: response.status, body: (await response.json()) as Answer };
        };
        const given = receive('r9', 500);
        const { status, body } = await ask(
          '/v1/funding/receive-fund',
          JSON.stringify({ at: given['at'], actor: given['actor'], data: given['data'] }),
          { 'Content-Type': 'application/json', 'Idempotency-Key': 'r9' },
        );
        expect({ status, body }).toMatchObject({ status: 200 });
        const minPosition = present(body.position, 'a command has a position');
        const books = await ask(`/v1/funding/balances?anchor=north&minPosition=${minPosition}`);
        expect(JSON.stringify(books.body)).toContain('"balance":-500');
        const caseload = '/v1/referral/caseload?linkWorker=north-lw&today=2026-06-30';
        expect(JSON.stringify((await ask(caseload)).body)).toContain('Person R');
        expect(await ask('/health/ready')).toMatchObject({
          status: 200,
          body: { checks: { log: 'ok', keys: 'ok', readModels: { status: 'ok' } } },
        });
      };
      await whileServing(
        data,
        async (service, url) => {
          await work(url, tokenIn(service));
          const [starting] = service.lines();
          expect(starting).toMatchObject({ msg: 'starting' });
          for (const { url } of [stores, vault]) {
            const { host, pathname, password } = new URL(url);
            expect(JSON.stringify(starting)).toContain(`postgres://${host}${pathname}`);
            expect(service.everything()).not.toContain(password);
          }
        },
        { variables: elsewhere() },
      );
      expect(readdirSync(data)).toEqual(['token.sha256']);
    });
  });
});

interface Answer {
  readonly position?: string;
}

describe('a log on PostgreSQL', () => {
  test('is not opened without its keys, wherever they should be', async () => {
    await inFolder((folder) => {
      const log = { WAYLEDGER_LOG: stores.url };
      expect(run(folder, log, 'import', write(folder, [receive('r1', 5)])).status).toBe(1);
      expect(run(folder, log, 'import', EXAMPLE, '--as-recorded').status).toBe(0);
      for (const keys of [`sqlite:${join(folder, 'no', 'keys.db')}`, vault.url]) {
        const { status, stderr } = run(folder, log, ...BOOKS, '--keys', keys);
        expect(status).toBe(3);
        expect(stderr).toMatch(
          /^wayledger: postgres:.* holds a log, and its keys are not in (?:sqlite|postgres):/u,
        );
        expect(stderr).toMatch(/Put them back from their own backup/u);
        expect(stderr).not.toContain(new URL(vault.url).password);
      }
      expect(readdirSync(folder)).not.toContain('no');
      expect(run(folder, log, ...BOOKS).status).toBe(0);
      return Promise.resolve();
    });
  });

  test.each(['--views', '--keys', '--log'])(
    '%s that is misspelt is refused with the forms',
    (name) => {
      const { status, stderr } = wayledgerWith({}, ...BOOKS, name, 'postgers://ann:SECRET@h/d');
      expect(status).toBe(3);
      expect(stderr).toMatch(/given as sqlite:<file>.* or .*: what was given is/u);
      expect(stderr).not.toMatch(/SECRET|ann/u);
    },
  );
});
