import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { parsePostgresAddress, schemaName } from '#postgres';
import { testDatabase } from '#postgres/testing';
import { openPostgresViews, openSqliteViews, type ViewsDatabase } from '../index.js';

/** A database of read models of its own, for one case. */
export interface ViewsFixture {
  /** A handle on it, as another process would have one. It is closed in the end. */
  another(): Promise<ViewsDatabase>;
  /** Past all handles, in the database's own words. */
  tamper(sql: string): Promise<void>;
  dispose(): Promise<void>;
}

export interface ViewsStore {
  readonly name: string;
  make(): Promise<ViewsFixture>;
}

export const viewsStores: readonly ViewsStore[] = [
  {
    name: 'SQLite',
    make() {
      const folder = mkdtempSync(join(tmpdir(), 'wayledger-views-'));
      const path = join(folder, 'views.db');
      return Promise.resolve({
        ...handles(
          () => openSqliteViews(path),
          () => {
            rmSync(folder, { recursive: true, force: true });
          },
        ),
        tamper(sql) {
          const db = new DatabaseSync(path);
          db.exec(sql);
          db.close();
          return Promise.resolve();
        },
      });
    },
  },
  {
    name: 'PostgreSQL',
    async make() {
      const database = await testDatabase();
      const address = parsePostgresAddress(database.url);
      return {
        ...handles(
          () => openPostgresViews(address),
          () => database.drop(),
        ),
        tamper: (sql) =>
          onServer(database.url, `SET search_path TO ${schemaName('views', '')}; ${sql}`),
      };
    },
  },
];

export async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function handles(
  open: () => Promise<ViewsDatabase>,
  remove: () => Promise<void> | void,
): Pick<ViewsFixture, 'another' | 'dispose'> {
  const opened: ViewsDatabase[] = [];
  return {
    async another() {
      const views = await open();
      opened.push(views);
      return views;
    },
    async dispose() {
      for (const views of opened) await views.close();
      await remove();
    },
  };
}
