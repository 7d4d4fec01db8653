import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { ViewsDatabase, ViewsRefused, type Table } from './index.js';

const table: Table = {
  name: 'pot',
  columns: { pot: 'text', held: 'integer', spent: 'integer?' },
  key: ['pot'],
};

let folder: string;
let path: string;
let opened: ViewsDatabase[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wayledger-views-'));
  path = join(folder, 'store', 'views.db');
  opened = [];
});
afterEach(() => {
  for (const views of opened) views.close();
  rmSync(folder, { recursive: true, force: true });
});

function openViews(): ViewsDatabase {
  const views = ViewsDatabase.open(path);
  opened.push(views);
  return views;
}

function makeDatabase(statements: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  db.exec(statements);
  db.close();
}

function expectRefusedUntouched(message: RegExp): void {
  const before = readFileSync(path);
  expect(openViews).toThrow(ViewsRefused);
  expect(openViews).toThrow(message);
  expect(readFileSync(path).equals(before)).toBe(true);
}

describe('every integer is a bigint', () => {
  test('whatever its size and wherever it comes from', async () => {
    const views = openViews();
    views.createTable(table, 'pot_g1');
    const rows = [
      { pot: 'a', held: 2n ** 62n, spent: null },
      { pot: 'b', held: -1n, spent: 0n },
    ];
    views.write({ table, inserted: rows, updated: [], removed: [] }, 'pot_g1');
    const { query } = views;
    expect(await query.selectFrom('pot_g1').selectAll().orderBy('pot').execute()).toEqual(rows);
    const sums = await query
      .selectFrom('pot_g1')
      .select((of) => [of.fn.sum('held').as('sum'), of.fn.countAll().as('count')])
      .select(sql`max(1, 2)`.as('most'))
      .executeTakeFirstOrThrow();
    expect(sums).toEqual({ sum: 2n ** 62n - 1n, count: 2n, most: 2n });
    const streamed = [];
    for await (const row of query.selectFrom('pot_g1').select('held').stream()) streamed.push(row);
    expect(streamed).toEqual([{ held: 2n ** 62n }, { held: -1n }]);
    expect(views.loadRow(table, 'pot_g1', ['b'])).toMatchObject({ held: -1n, spent: 0n });
    expect(views.all('SELECT count(*) AS count FROM pot_g1')).toMatchObject([{ count: 2n }]);
  });
});

describe('a transaction', () => {
  test('is undone as a whole when it throws', async () => {
    const views = openViews();
    const broken = views.transaction(() => {
      views.run(`INSERT INTO timer VALUES ('p', 'i', '2026')`);
      throw new Error('in the middle');
    });
    await expect(broken).rejects.toThrow('in the middle');
    expect(views.all('SELECT * FROM timer')).toEqual([]);
  });

  test('waits for the one of another process', async () => {
    const [views, other] = [openViews(), openViews()];
    const order: string[] = [];
    await Promise.all(
      [views, other, views, other].map((each, turn) =>
        each.transaction(() => {
          const seen = each.all('SELECT count(*) AS n FROM timer')[0]?.['n'];
          each.run(`INSERT INTO timer VALUES ('p', ?, '2026')`, String(turn));
          order.push(String(seen));
        }),
      ),
    );
    expect(order).toEqual(['0', '1', '2', '3']);
  });
});

describe('the file', () => {
  test('and its folder are made, for their owner alone', () => {
    const views = openViews();
    views.run(`INSERT INTO timer VALUES ('p', 'i', '2026')`);
    for (const suffix of ['', '-wal', '-shm']) {
      expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    }
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  test('is opened while another process is writing to it', async () => {
    const views = openViews();
    await views.transaction(() => {
      views.run(`INSERT INTO timer VALUES ('p', 'i', '2026')`);
      expect(openViews().all('SELECT * FROM timer')).toEqual([]);
    });
  });

  test.each(['CREATE TABLE diary (day TEXT)', 'PRAGMA application_id = 1234'])(
    'is refused and left as it is when it is of another program (%s)',
    (statements) => {
      makeDatabase(statements);
      expectRefusedUntouched(/a database of something else, not of Wayledger's views/);
    },
  );

  test('is refused and left as it is when it is no database', () => {
    mkdirSync(dirname(path));
    writeFileSync(path, 'Dear diary, '.repeat(100));
    expectRefusedUntouched(/not a views database: it is no readable SQLite database/);
  });

  test.each([1, 3])('is refused and left as it is when it is of format %i', (format) => {
    ViewsDatabase.open(path).close();
    makeDatabase(`PRAGMA user_version = ${format}`);
    expectRefusedUntouched(new RegExp(`of format ${format}; this Wayledger knows 2`));
  });
});
