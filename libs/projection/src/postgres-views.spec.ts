import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { parsePostgresAddress } from '#postgres';
import { testDatabase, type TestDatabase } from '#postgres/testing';
import {
  openPostgresViews,
  ViewsRefused,
  ViewsUnavailable,
  type Table,
  type ViewsDatabase,
} from './index.js';
import { onServer } from './testing/views-fixtures.js';

const pot: Table = { name: 'pot', columns: { pot: 'text' }, key: ['pot'] };

let database: TestDatabase;
let opened: ViewsDatabase[];
beforeEach(async () => {
  database = await testDatabase();
  opened = [];
});
afterEach(async () => {
  for (const views of opened) await views.close();
  await database.drop();
});

async function openViews(change: (url: URL) => void = () => undefined): Promise<ViewsDatabase> {
  const url = new URL(database.url);
  change(url);
  const views = await openPostgresViews(parsePostgresAddress(url.href));
  opened.push(views);
  return views;
}

/** One that is made in another way than the server's others. */
async function inDatabase(
  made: string,
  run: (open: () => Promise<ViewsDatabase>) => Promise<void>,
): Promise<void> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(database.url, `CREATE DATABASE ${name} ${made} TEMPLATE template0`);
  try {
    await run(() =>
      openViews((url) => {
        url.pathname = `/${name}`;
      }),
    );
  } finally {
    await onServer(database.url, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

/** Whatever this database's connections are at. */
function killAll(): Promise<void> {
  return onServer(
    database.url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

const namesIn = ({ query }: Pick<ViewsDatabase, 'query'>) =>
  query.selectFrom('pot_g1').select('pot').orderBy('pot').execute();

describe('a connection that was killed', () => {
  let views: ViewsDatabase;
  beforeEach(async () => {
    views = await openViews();
    await views.transaction((writing) => writing.createTable(pot, 'pot_g1'));
  });

  test('is made anew for who asks next', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      await namesIn(views);
      await killAll();
      expect(await namesIn(views)).toHaveLength(turn);
      await killAll();
      await views.transaction(({ query }) =>
        query
          .insertInto('pot_g1')
          .values({ pot: String(turn) })
          .execute(),
      );
    }
  });

  test('in a transaction undoes it, and says that it is to be tried again', async () => {
    const put = (name: string, between: () => Promise<void>) =>
      views.transaction(async ({ query }) => {
        await query.insertInto('pot_g1').values({ pot: name }).execute();
        await between();
        return query.selectFrom('pot_g1').selectAll().execute();
      });
    await expect(put('lost', killAll)).rejects.toThrow(ViewsUnavailable);
    expect(await put('kept', () => Promise.resolve())).toEqual([{ pot: 'kept' }]);
    expect(await namesIn(views)).toEqual([{ pot: 'kept' }]);
  });

  test('at the moment of the commit leaves it open whether that was done', async () => {
    const atCommit = views.transaction(async ({ query }) => {
      await query.insertInto('pot_g1').values({ pot: 'perhaps' }).execute();
      await killAll();
    });
    await expect(atCommit).rejects.toThrow(ViewsUnavailable);
    await expect(atCommit).rejects.toThrow(/^postgres:\/\/[^@]*does not answer/u);
  });

  test('in a snapshot ends that', async () => {
    const lost = views.snapshot(async (then) => {
      await namesIn(then);
      await killAll();
      return namesIn(then);
    });
    await expect(lost).rejects.toThrow(ViewsUnavailable);
    expect(await views.snapshot(namesIn)).toEqual([]);
  });
});

test('who is paused in a transaction is put out, and the others go on', async () => {
  const [paused, other] = [await openViews(), await openViews()];
  await paused.transaction((writing) => writing.createTable(pot, 'pot_g1'));
  let written: Promise<unknown> | undefined;
  const late = paused.transaction(async ({ query }) => {
    await query.insertInto('pot_g1').values({ pot: 'paused' }).execute();
    // As the server has it by itself after ten seconds.
    await sql`SET idle_in_transaction_session_timeout = 50`.execute(query);
    written = other.transaction((writing) =>
      writing.query.insertInto('pot_g1').values({ pot: 'other' }).execute(),
    );
    await written;
  });
  await expect(late).rejects.toThrow(ViewsUnavailable);
  await written;
  expect(await namesIn(other)).toEqual([{ pot: 'other' }]);
});

test('the time that a pause may last is set on the connection that writes', async () => {
  const views = await openViews();
  const settings = await views.transaction(({ query }) =>
    sql`SELECT name, setting FROM pg_settings WHERE name IN
      ('idle_in_transaction_session_timeout', 'lock_timeout', 'synchronous_commit')
      ORDER BY name`.execute(query),
  );
  expect(settings.rows).toEqual([
    { name: 'idle_in_transaction_session_timeout', setting: '10000' },
    { name: 'lock_timeout', setting: '60000' },
    { name: 'synchronous_commit', setting: 'off' },
  ]);
});

describe('a database', () => {
  test('holds several, each in its namespace', async () => {
    const east = await openViews((url) => {
      url.searchParams.set('namespace', 'east');
    });
    const unnamed = await openViews();
    for (const views of [east, unnamed]) {
      await views.transaction((writing) => writing.createTable(pot, 'pot_g1'));
    }
    await east.transaction(({ query }) =>
      query.insertInto('pot_g1').values({ pot: 'east' }).execute(),
    );
    expect(await namesIn(unnamed)).toEqual([]);
    expect(await namesIn(east)).toEqual([{ pot: 'east' }]);
  });

  test('that is not there is refused with how to make it', async () => {
    const nowhere = openViews((url) => {
      url.pathname = '/nowhere';
    });
    await expect(nowhere).rejects.toThrow(ViewsRefused);
    await expect(nowhere).rejects.toThrow('There is no such database: CREATE DATABASE "nowhere".');
  });

  test('where the role may make no schema is refused with how to make it', async () => {
    const role = `role_${randomUUID().replaceAll('-', '')}`;
    await onServer(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    try {
      const asRole = (url: URL): void => {
        url.username = role;
        url.password = 'secret';
      };
      const make = `CREATE SCHEMA "wayledger_views" AUTHORIZATION "${role}"`;
      await expect(openViews(asRole)).rejects.toThrow(ViewsRefused);
      await expect(openViews(asRole)).rejects.toThrow(make);
      await onServer(database.url, make);
      const views = await openViews(asRole);
      await views.transaction((writing) => writing.createTable(pot, 'pot_g1'));
      await views.close();
    } finally {
      await onServer(database.url, `DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });

  test('that lets nobody in with this password is refused, and the password is not told', async () => {
    const wrong = openViews((url) => {
      url.password = 'hunter2';
    });
    await expect(wrong).rejects.toThrow(ViewsRefused);
    await expect(wrong).rejects.not.toThrow('hunter2');
  });

  test('that does not answer is unavailable', async () => {
    const silent = openViews((url) => {
      url.port = '1';
    });
    await expect(silent).rejects.toThrow(ViewsUnavailable);
    await expect(silent).rejects.toThrow('postgres://127.0.0.1:1/');
  });

  test('that cannot hold every name is refused', () =>
    inDatabase("ENCODING 'LATIN1'", async (open) => {
      await expect(open()).rejects.toThrow(/keeps its texts in LATIN1.*ENCODING 'UTF8'/u);
    }));

  test('that orders text as a language does orders that of read models by code points', () =>
    inDatabase("LOCALE_PROVIDER icu ICU_LOCALE 'en'", async (open) => {
      const views = await open();
      const inOrder = ['A', 'Z', 'a', 'a b', 'ab', 'z', 'é'].map((name) => ({ pot: name }));
      await views.transaction(async (writing) => {
        await writing.createTable(pot, 'pot_g1');
        const inserted = inOrder.toReversed();
        await writing.write({ table: pot, inserted, put: [], removed: [] }, 'pot_g1');
        // As the database would have it.
        const words = sql`SELECT word FROM (VALUES ('Z'), ('a')) AS of (word) ORDER BY word`;
        expect((await words.execute(writing.query)).rows).toEqual([{ word: 'a' }, { word: 'Z' }]);
      });
      expect(await namesIn(views)).toEqual(inOrder);
      const keys = inOrder.map((row) => [row.pot]);
      expect(await views.loadRows(pot, 'pot_g1', keys)).toHaveLength(inOrder.length);
    }));

  test.each([
    'CREATE TABLE diary (day text)',
    "CREATE TABLE meta (format bigint, owner text); INSERT INTO meta VALUES (3, 'me')",
    'CREATE VIEW meta AS SELECT 3 AS format',
    `CREATE TABLE meta (application text)`,
  ])('whose schema is of something else is refused and left as it is (%s)', async (statements) => {
    const into = 'CREATE SCHEMA wayledger_views; SET search_path TO wayledger_views;';
    await onServer(database.url, `${into} ${statements}`);
    await expect(openViews()).rejects.toThrow(ViewsRefused);
    await expect(openViews()).rejects.toThrow(/is something else.*namespace/u);
    await expect(onServer(database.url, 'DROP SCHEMA wayledger_views')).rejects.toThrow(
      'other objects depend on it',
    );
  });
});
