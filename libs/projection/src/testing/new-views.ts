import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePostgresAddress } from '#postgres';
import { testDatabase } from '#postgres/testing';
import { openPostgresViews } from '../postgres-views.js';
import { openSqliteViews } from '../sqlite-views.js';
import type { ViewsDatabase } from '../views-database.js';

/** Where read models can be. */
export const VIEWS_KINDS = ['sqlite', 'postgres'] as const;
export type ViewsKind = (typeof VIEWS_KINDS)[number];

export interface NewViews {
  readonly views: ViewsDatabase;
  remove(): Promise<void>;
}

/** Empty, in a place that is nobody else's. */
export async function newViews(kind: ViewsKind): Promise<NewViews> {
  if (kind === 'postgres') {
    const database = await testDatabase();
    const views = await openPostgresViews(parsePostgresAddress(database.url));
    return {
      views,
      async remove() {
        await views.close();
        await database.drop();
      },
    };
  }
  const folder = mkdtempSync(join(tmpdir(), 'wayledger-views-'));
  const views = await openSqliteViews(join(folder, 'views.db'));
  return {
    views,
    async remove() {
      await views.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
