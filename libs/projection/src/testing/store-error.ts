import { isConnectionLost, sqlStateOf } from '#postgres';
import { sqliteCodeOf } from '../failures.js';
import { ViewsUnavailable } from '../views-database.js';

/** The store failed, and not what it was asked for. */
export function isStoreError(error: unknown): boolean {
  if (error instanceof ViewsUnavailable || isConnectionLost(error)) return true;
  return sqliteCodeOf(error) !== undefined || sqlStateOf(error) !== undefined;
}
