import type { PostgresAddress } from '#postgres';
import type { ViewsDatabase } from './views-database.js';
export function openPostgresViews(_address: PostgresAddress): Promise<ViewsDatabase> {
  throw new Error('not there yet');
}
