import { SQLSTATE, sqlStateOf } from '#postgres';
import { messageOf } from '#kernel';

/** https://sqlite.org/rescode.html; the low byte of a result is its primary code. */
export const SQLITE = { error: 1, busy: 5, notADatabase: 26 } as const;

export function sqliteCodeOf(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Whether what was to be read is not there any more: another generation serves. */
export function isTableGone(error: unknown): boolean {
  if (sqlStateOf(error) === SQLSTATE.undefinedTable) return true;
  // SQLite has no code of its own for it.
  return sqliteCodeOf(error) === SQLITE.error && messageOf(error).includes('no such table');
}
