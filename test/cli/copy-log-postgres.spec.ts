import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { testDatabase } from '#postgres/testing';
import { inFolder } from '../support/imported.js';
import { EXAMPLE, LINES, json, wayledgerAside } from './testing/command-line.js';

const TIMEOUT_MS = 120_000;

interface Copied {
  readonly copied: number;
  readonly equal: boolean;
  readonly target: { readonly events: number; readonly hash: string };
}

async function copied(from: string, to: string): Promise<Copied> {
  const { status, stdout, stderr } = await wayledgerAside(
    ...['copy-log', '--json', '--from', from, '--to', to],
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return json(stdout)[0] as unknown as Copied;
}

test(
  'a log is copied to PostgreSQL and back to a file, and says the same to the byte',
  () =>
    inFolder(async (folder) => {
      const database = await testDatabase();
      try {
        const [first, last] = ['first', 'last'].map((name) => `sqlite:${join(folder, name)}.db`);
        await wayledgerAside(
          ...['import', EXAMPLE, '--as-recorded', '--data', folder, '--log', first!],
        );
        const there = await copied(first!, database.url);
        expect(there).toMatchObject({ equal: true });
        expect(there.target.events).toBeGreaterThanOrEqual(LINES);
        const back = await copied(database.url, last!);
        expect(back).toMatchObject({ copied: there.copied, equal: true, target: there.target });
        expect(await copied(first!, database.url)).toMatchObject({ copied: 0, equal: true });
        const same = ['copy-log', '--from', database.url, '--to', `${database.url}?options=-c`];
        const { status, stderr } = await wayledgerAside(...same);
        expect(status).not.toBe(0);
        expect(stderr).toMatch(/--from and --to are the same log, postgres:\/\/127/u);
        expect(stderr).not.toMatch(new URL(database.url).password);
      } finally {
        await database.drop();
      }
    }),
  TIMEOUT_MS,
);
