import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteViews, ViewsRefused, type ViewsDatabase } from './index.js';

let folder: string;
let path: string;
let opened: ViewsDatabase[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-views-'));
  path = join(folder, 'store', 'views.db');
  opened = [];
});
afterEach(async () => {
  for (const views of opened) await views.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openViews(): Promise<ViewsDatabase> {
  const views = await openSqliteViews(path);
  opened.push(views);
  return views;
}

function makeDatabase(statements: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  db.exec(statements);
  db.close();
}

async function expectRefusedUntouched(message: RegExp): Promise<void> {
  const before = readFileSync(path);
  await expect(openViews()).rejects.toThrow(ViewsRefused);
  await expect(openViews()).rejects.toThrow(message);
  expect(readFileSync(path).equals(before)).toBe(true);
}

const wait = { process: 'p', item: 'i', due_at: '2026' };

describe('the file', () => {
  test('and its folder are made, for their owner alone', async () => {
    const views = await openViews();
    await views.transaction(({ query }) => query.insertInto('timer').values(wait).execute());
    for (const suffix of ['', '-wal', '-shm']) {
      expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    }
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  test('is opened while another process is writing to it', async () => {
    const views = await openViews();
    await views.transaction(async ({ query }) => {
      await query.insertInto('timer').values(wait).execute();
      const other = await openViews();
      expect(await other.query.selectFrom('timer').selectAll().execute()).toEqual([]);
    });
  });

  test.each(['CREATE TABLE diary (day TEXT)', 'PRAGMA application_id = 1234'])(
    'is refused and left as it is when it is of another program (%s)',
    async (statements) => {
      makeDatabase(statements);
      await expectRefusedUntouched(/a database of something else, not of Wayledger's views/);
    },
  );

  test('is refused and left as it is when it is no database', async () => {
    mkdirSync(dirname(path));
    writeFileSync(path, 'Dear diary, '.repeat(100));
    await expectRefusedUntouched(/not a views database: it is no readable SQLite database/);
  });

  test('is refused and left as it is when it is of a newer format', async () => {
    await (await openViews()).close();
    makeDatabase('PRAGMA user_version = 4');
    await expectRefusedUntouched(/of format 4; this Wayledger knows 3/);
  });
});
