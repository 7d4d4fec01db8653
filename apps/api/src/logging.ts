import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { Options } from 'pino-http';
import { AssertionFailed, isUuid } from '#kernel';
import { LogDamaged, LogUnavailable } from '#event-log';
import { KeyStoreBusy, KeyStoreRefused } from '#people';
import { ViewsRefused, ViewsUnavailable } from '#projection';
import { DataRefused } from '#engine';
import type { Verbosity } from './config.js';

/**
 * All that a line of the log may say: whatever else is given is left out, whoever gives it. None of
 * these ever holds what people wrote or who they are.
 */
const FIELDS: ReadonlySet<string> = new Set([
  ...['level', 'time', 'msg'],
  // of a request
  ...['requestId', 'correlationId', 'method', 'route', 'status', 'durationMs'],
  ...['command', 'stream', 'error'],
  // of the service
  ...['version', 'url', 'data', 'log', 'keys', 'views', 'port', 'verbosity'],
  ...['signal', 'cut', 'context'],
  // of the projector
  ...['position', 'retryMs', 'told', 'abandoned', 'fired', 'stopped', 'parked'],
]);

/** Whose messages are our own sentences and say nothing about anybody. */
const SAYABLE = [
  AssertionFailed,
  DataRefused,
  LogUnavailable,
  LogDamaged,
  KeyStoreBusy,
  KeyStoreRefused,
  ViewsRefused,
  ViewsUnavailable,
];

/** A line of a stack: a function and its place in a file. */
const FRAME = /(?<=^ {4})at .*:\d+:\d+\)?$/gmu;
const FRAMES_MAX = 20;

/** One JSON object a line, on standard output unless said otherwise. */
export function openLogger(verbosity: Verbosity, to?: DestinationStream): Logger {
  const options = {
    level: verbosity,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    hooks: { streamWrite: onlyAllowed },
  };
  // Written before the call returns: what is said last before the end is not lost.
  return pino(options, to ?? pino.destination({ fd: 1, sync: true }));
}

/** The last thing done to a line: nothing comes into it after that. */
function onlyAllowed(line: string): string {
  const said = Object.entries(JSON.parse(line) as object); // pino wrote it.
  return `${JSON.stringify(Object.fromEntries(said.filter(([field]) => FIELDS.has(field))))}\n`;
}

/**
 * What may be said of an error: its kind, its code and where it happened. Messages of errors that
 * are not our own may quote what was given (those of JSON.parse do), so they are left out.
 */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  const isSayable = SAYABLE.some((kind) => error instanceof kind);
  return {
    name: error.name,
    ...(isSayable && { message: error.message }),
    ...(typeof code === 'string' && /^[\w-]{1,60}$/u.test(code) && { code }),
    at: error.stack?.replace(error.message, '').match(FRAME)?.slice(0, FRAMES_MAX),
    ...(error.cause instanceof Error && { cause: errorFields(error.cause) }),
  };
}

/** What a route says of itself for the line of its request: opaque ids and names of commands. */
export interface Told {
  readonly command?: string;
  readonly stream?: string;
  readonly correlationId?: string;
}
const told = new WeakMap<IncomingMessage, Told>();

export function tellLog(request: IncomingMessage, what: Told): void {
  told.set(request, { ...told.get(request), ...what });
}

/** One line a request, when its answer is sent: its pattern, never what was asked in it. */
export function requestLog(logger: Logger): Options {
  const line = (request: IncomingMessage, response: ServerResponse, given: Timed) => ({
    method: request.method,
    route: routeOf(request),
    status: response.statusCode,
    durationMs: given.durationMs,
    ...told.get(request),
  });
  return {
    logger,
    genReqId: requestIdOf,
    quietReqLogger: true,
    quietResLogger: true,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'durationMs' },
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) return 'error';
      return routeOf(request).startsWith('/health/') ? 'debug' : 'info';
    },
    customSuccessObject: (request, response, given: Timed) => line(request, response, given),
    customErrorObject: (request, response, error, given: Timed) => ({
      ...line(request, response, given),
      // Without one of its own it is only the status that was bad.
      ...(response.err && { error: errorFields(error) }),
    }),
    customSuccessMessage: () => 'answered',
    customErrorMessage: () => 'failed',
  };
}

interface Timed {
  readonly durationMs: number;
}

/** The caller's own, if it is a UUID; else a new one. The answer repeats it. */
function requestIdOf(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && isUuid(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', id);
  return id;
}

/** As it was declared, `/v1/referrals/:referral`; what matches no route has none to show. */
function routeOf(request: IncomingMessage): string {
  // Express adds it when a route is found; what is there for all of them has a star.
  const { route } = request as { readonly route?: { readonly path?: unknown } };
  const path = route?.path;
  return typeof path === 'string' && !path.includes('*') ? path : 'none';
}

/** What Nest says of itself: for who looks closer; its errors without their words. */
export function nestLog(logger: Logger): LoggerService {
  const contextOf = (given: readonly unknown[]) => {
    const last = given.at(-1);
    return typeof last === 'string' && /^\w{1,60}$/u.test(last) ? { context: last } : {};
  };
  const problem = (message: unknown, ...given: unknown[]) => {
    logger.error({ ...contextOf(given), error: errorFields(message) }, 'Nest reports an error');
  };
  return {
    log: (message: unknown, ...given: unknown[]) => {
      logger.debug(contextOf(given), String(message));
    },
    warn: (message: unknown, ...given: unknown[]) => {
      logger.warn(contextOf(given), String(message));
    },
    error: problem,
    fatal: problem,
  };
}
