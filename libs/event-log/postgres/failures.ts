import { messageOf } from '#kernel';
import { LogDamaged, LogUnavailable } from '#event-log';
import { isConnectionLost, SQLSTATE, sqlStateOf } from '#postgres';

/** Nothing was heard for so long that the connection counts as lost. */
export class Silence extends Error {
  override readonly name = 'Silence';

  constructor(ms: number) {
    super(`nothing was heard for ${ms} ms`);
  }
}

/** Whether nobody knows what became of what was asked. */
export function isLost(error: unknown): boolean {
  return error instanceof Silence || isConnectionLost(error);
}

/** Whether a connection that could not be made may be made later: of too many, one will end. */
export function isPassing(error: unknown): boolean {
  return isLost(error) || sqlStateOf(error) === SQLSTATE.tooManyConnections;
}

/** Refused because of what somebody else was doing at that moment; nothing was written. */
export function isRaced(error: unknown): boolean {
  const state = sqlStateOf(error);
  return (
    state === SQLSTATE.uniqueViolation ||
    state === SQLSTATE.deadlockDetected ||
    state === SQLSTATE.serializationFailure
  );
}

export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === SQLSTATE.lockNotAvailable;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'does not know this user, or not this password',
  '28000': 'does not let this user in (see pg_hba.conf)',
  '3D000': 'has no such database: create it first',
  '42501':
    'does not let this user do what is needed (create its schema in the database, or own an ' +
    'empty one of that name)',
  '25006': 'is a standby, or read-only: name the primary',
  '53100': 'has no room left on its disk',
  [SQLSTATE.tooManyConnections]: 'has no connection left (see max_connections)',
};
/** What was there is not, or not what it was: tables gone, pages that do not read. */
const DAMAGE = new Set(['42P01', '42883', '42703', '3F000', 'XX001', 'XX002', '22021']);

/** What the callers of the port know to handle. */
export function asLogError(error: unknown, where: string, mayBeWritten: boolean): Error {
  if (error instanceof LogDamaged || error instanceof LogUnavailable) return error;
  const state = sqlStateOf(error) ?? '';
  const said = messageOf(error);
  const cause = { cause: error };
  if (DAMAGE.has(state)) {
    return new LogDamaged(`The event log in ${where} is not as it was made: ${said}`, cause);
  }
  const advice = ADVICE[state] ?? (isLost(error) ? 'did not answer' : 'refused');
  return new LogUnavailable(`${where} ${advice}: ${said}`, mayBeWritten, cause);
}
