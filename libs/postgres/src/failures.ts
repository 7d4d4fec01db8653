/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const SQLSTATE = {
  uniqueViolation: '23505',
  undefinedTable: '42P01',
  lockNotAvailable: '55P03',
  deadlockDetected: '40P01',
  serializationFailure: '40001',
  queryCanceled: '57014',
  tooManyConnections: '53300',
} as const;

/** The five characters by which PostgreSQL calls an error; `undefined`: it is none of its own. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/u.test(code) ? code : undefined;
}

/**
 * Classes 08 and 57P: the connection is gone, or the server is going; 25P03 and 25P04: it went
 * because a transaction took too long.
 */
const CONNECTION_STATES = /^(?:08|57P0|25P0[34])/u;
const CONNECTION_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'not queryable',
  'connection is closed',
  'timeout exceeded when trying to connect',
];
const SOCKET_CODES = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENOENT|EAI_AGAIN)/u;

/** Whether the connection failed, and not what was asked: nobody knows what became of that. */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined && CONNECTION_STATES.test(state)) return true;
  const { code, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  if (typeof code === 'string' && SOCKET_CODES.test(code)) return true;
  return typeof message === 'string' && CONNECTION_MESSAGES.some((each) => message.includes(each));
}
