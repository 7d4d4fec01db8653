import { messageOf } from '#kernel';
import { LogDamaged, LogUnavailable } from '#event-log';

// Primary result codes of SQLite; the upper bytes of `errcode` say more and are not needed here.
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

export function isNotADatabase(error: unknown): boolean {
  return resultCode(error) === SQLITE_NOTADB;
}

/** What the callers of the port know to handle, for whatever SQLite or the file system threw. */
export function asLogError(error: unknown, doing: string): Error {
  if (error instanceof LogDamaged || error instanceof LogUnavailable) return error;
  const message = `${doing}: ${messageOf(error)}`;
  if (resultCode(error) === SQLITE_CORRUPT || isNotADatabase(error)) {
    return new LogDamaged(message, { cause: error });
  }
  return new LogUnavailable(message, false, { cause: error });
}
