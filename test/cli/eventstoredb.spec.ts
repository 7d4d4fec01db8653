import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  freshNamespace,
  someServer,
  truncateStream,
  withNamespace,
  type TestServer,
} from '../eventstoredb/support/fixture.js';
import { openEventStoreDbEventLog, parseConnectionString } from '#event-log/eventstoredb';
import { eventsOf } from '../crash/testing/imports.js';
import { inFolder } from '../support/imported.js';
import {
  EXAMPLE,
  LINES,
  SETUP,
  json,
  receive,
  wayledgerAside,
  write,
} from './testing/command-line.js';

let server: TestServer;
beforeAll(async () => {
  server = await someServer();
});
afterAll(() => server.stop());

/** A log that nobody has used. */
function newLog(): string {
  return withNamespace(server.url, freshNamespace());
}

const BOOKS = ['balances', '--anchor', 'north', '--json'];
const TIMEOUT_MS = 120_000;

describe('a log on EventStoreDB', () => {
  test(
    'is written, read, proven and rebuilt from like the one in the folder',
    () =>
      inFolder(async (folder) => {
        const log = newLog();
        const flags = ['--data', join(folder, 'data'), '--log', log];
        const embedded = ['--data', join(folder, 'embedded')];
        const importing = ['import', EXAMPLE, '--as-recorded'];
        const first = await wayledgerAside(...importing, ...flags);
        expect(first.stdout).toBe(
          `${LINES} lines: ${LINES} accepted, 0 known already, none refused\n`,
        );
        const again = await wayledgerAside(...importing, ...flags);
        expect(again.stdout).toBe(
          `${LINES} lines: 0 accepted, ${LINES} known already, none refused\n`,
        );
        const dry = ['import', write(folder, [...SETUP, receive('r1', 5)]), '--dry-run'];
        expect((await wayledgerAside(...dry, ...flags)).stdout).toMatch(/would be accepted/u);
        await wayledgerAside(...importing, ...embedded);
        expect(readdirSync(join(folder, 'data'))).not.toContain('log.db');
        const books = await wayledgerAside(...BOOKS, ...embedded);
        expect(books.stdout).toMatch(/"balance":-8175\b/u);
        expect((await wayledgerAside(...BOOKS, ...flags)).stdout).toBe(books.stdout);
        expect(await wayledgerAside('verify', ...flags)).toMatchObject({ status: 0, stderr: '' });
        const rebuilt = await wayledgerAside('rebuild', '--json', ...flags);
        const same = await wayledgerAside('rebuild', '--json', ...embedded);
        // By number: its positions are places in a file.
        expect(json(rebuilt.stdout)[0]!['events']).toBe(json(same.stdout)[0]!['events']);
      }),
    TIMEOUT_MS,
  );

  test(
    'that is empty is told without a trace, with or without a folder',
    () =>
      inFolder(async (folder) => {
        const flags = ['--data', join(folder, 'data'), '--log', newLog()];
        const { status, stderr } = await wayledgerAside('verify', ...flags);
        expect(status).toBe(3);
        expect(stderr).toMatch(/^wayledger: The log in esdb:\/\/\S+, namespace \w+ is empty: /u);
        expect(readdirSync(folder)).toEqual([]);
      }),
    TIMEOUT_MS,
  );

  test(
    'with a stream that was truncated on the server is not proven, and nothing is decided on it',
    () =>
      inFolder(async (folder) => {
        const log = newLog();
        const flags = ['--data', join(folder, 'data'), '--log', log];
        await wayledgerAside('import', write(folder, [...SETUP, receive('r1', 5)]), ...flags);
        const opened = await openEventStoreDbEventLog({ settings: parseConnectionString(log) });
        const [first] = await eventsOf(opened);
        await truncateStream(log, first!.stream, 1);
        const proof = await wayledgerAside('verify', ...flags);
        expect(proof.status).toBe(1);
        expect(proof.stdout).toMatch(/✗ every stream is there .*\n.*are hidden or deleted/u);
        const more = write(folder, [{ ...SETUP[0]!, id: 'again' }]);
        const refused = await wayledgerAside('import', more, ...flags);
        expect(refused.status).toBe(3);
        expect(refused.stderr).toMatch(/are hidden or deleted on the server/u);
      }),
    TIMEOUT_MS,
  );

  test(
    'is a copy of the embedded one, and that one a copy of it',
    () =>
      inFolder(async (folder) => {
        const data = ['--data', join(folder, 'data')];
        const there = newLog();
        const back = `sqlite:${join(folder, 'back.db')}`;
        await wayledgerAside('import', EXAMPLE, '--as-recorded', ...data);
        const books = await wayledgerAside(...BOOKS, ...data);
        const copy = (from: string, to: string) =>
          wayledgerAside('copy-log', '--json', '--from', from, '--to', to);
        const out = await copy(`sqlite:${join(folder, 'data', 'log.db')}`, there);
        expect(out).toMatchObject({ status: 0, stderr: '' });
        const home = await copy(there, back);
        expect(home).toMatchObject({ status: 0, stderr: '' });
        expect(json(home.stdout)[0]!['target']).toEqual(json(out.stdout)[0]!['source']);
        for (const log of [there, back]) {
          const read = await wayledgerAside(...BOOKS, ...data, '--log', log);
          expect(read.stdout).toBe(books.stdout);
        }
      }),
    TIMEOUT_MS,
  );
});
