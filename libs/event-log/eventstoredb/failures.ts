import {
  AccessDeniedError,
  isCommandError,
  NotLeaderError,
  type StreamDeletedError,
} from '@eventstore/db-client';
import { messageOf, type StreamName } from '#kernel';
import {
  EventRefused,
  LogAddressRefused,
  LogDamaged,
  LogUnavailable,
  VersionConflict,
} from '#event-log';

// Status codes of gRPC that say something about the call itself: the same call fails the same way.
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;
const ABOUT_THE_CALL = new Set([
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  FAILED_PRECONDITION,
  OUT_OF_RANGE,
  UNIMPLEMENTED,
  UNAUTHENTICATED,
]);

/** Nothing was heard for so long that the connection counts as lost. */
export class Silence extends Error {
  override readonly name = 'Silence';

  constructor(ms: number) {
    super(`nothing was heard for ${ms} ms`);
  }
}

/** The reader wants no more: nothing is wrong with the connection. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

const OURS = [
  EventRefused,
  LogAddressRefused,
  LogDamaged,
  LogUnavailable,
  ReaderGone,
  VersionConflict,
];

function isOurs(error: Error): boolean {
  return OURS.some((kind) => error instanceof kind);
}

/**
 * Whether trying again, perhaps at another node, may do better. Much of what fails comes without a
 * type (discovery, a connection cut while it is set up), so what is not surely about the call
 * counts as passing; patience bounds it.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if (isOurs(error) || isCertificateTrouble(error)) return false;
  if (error instanceof NotLeaderError) return true;
  return !(isCommandError(error) && ABOUT_THE_CALL.has(error.code ?? -1));
}

/** No waiting makes a certificate trusted; gRPC itself would try for ever. */
function isCertificateTrouble(error: unknown): boolean {
  return /certificate|wrong version number|unable to verify|altnames/iu.test(messageOf(error));
}

export function deletedForEver(stream: StreamName, cause?: StreamDeletedError): LogDamaged {
  return new LogDamaged(`${stream} was deleted on the server, for ever`, { cause });
}

export interface Circumstances {
  readonly where: string;
  readonly mayBeWritten: boolean;
  /** It was there before: the address is right. */
  readonly wasReached: boolean;
}

/** What the callers of the port know to handle. */
export function asLogError(
  error: unknown,
  { where, mayBeWritten, wasReached }: Circumstances,
): Error {
  if (error instanceof Error && isOurs(error)) return error;
  // gRPC announces a note that it mostly has not got.
  const reason = messageOf(error).replace(/\s*Resolution note:\s*$/u, '') || 'no reason was given';
  const message = `${where} ${adviceOn(error, wasReached)}: ${reason}`;
  return new LogUnavailable(message, mayBeWritten, { cause: error });
}

function adviceOn(error: unknown, wasReached: boolean): string {
  if (isCertificateTrouble(error)) {
    return (
      'does not show a certificate that is trusted here (a private CA is named by tlsCAFile=, a ' +
      'server without TLS by tls=false)'
    );
  }
  if (error instanceof AccessDeniedError) {
    if (Number(error.code) === UNAUTHENTICATED)
      return 'does not know this user, or not this password';
    return 'does not let this user do what is needed (read $all, read and write streams)';
  }
  if (wasReached && isPassing(error)) return 'does not answer any more';
  if (/failed to discover|no connection established/iu.test(messageOf(error))) {
    // Why nobody was found the client does not always tell: it may be TLS as well.
    return (
      'could not be reached (is it running there, and TLS on or off as here? tls=false is off, ' +
      'tlsCAFile= names a private CA)'
    );
  }
  return isPassing(error) ? 'could not be reached, or did not answer' : 'refused the call';
}
