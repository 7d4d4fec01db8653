import type { ViewsDatabase } from './views-database.js';
export function openSqliteViews(_path: string): Promise<ViewsDatabase> {
  throw new Error('not there yet');
}
