import { randomUUID } from 'node:crypto';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CommandRefused, messageOf, refuse, toJson } from '#kernel';
import { EventRefused, LogUnavailable, VersionConflict } from '#event-log';
import { KeyStoreBusy } from '#people';
import { NotBuilt, ViewsUnavailable } from '#projection';
import { NotReached, PositionAhead } from '../freshness.js';
import { BODY_BYTES_MAX, RETRY_AFTER_S } from '../limits.js';
import { methodsOf } from '../routes.js';
import { PROBLEM_TYPE, ProblemRaised, problem, problemBody } from './problem.js';

/** Everything that goes wrong leaves as problem+json; nothing of the inside leaves with it. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request & { id?: unknown }>();
    const response = http.getResponse<Response>();
    const requestId = typeof request.id === 'string' ? request.id : randomUUID();
    const raised = problemOf(error, request) ?? UNFORESEEN;
    // The log of requests tells of it, as far as that may be told.
    if (raised === UNFORESEEN) Object.assign(response, { err: error });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // A body that was not read to its end would be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close');
    for (const [name, value] of Object.entries(raised.headers)) response.setHeader(name, value);
    response.statusCode = raised.status;
    response.setHeader('Content-Type', PROBLEM_TYPE);
    response.end(toJson(problemBody(raised, requestId)));
  }
}

const UNFORESEEN = problem(
  'unforeseen',
  'Something went wrong in the service. Tell whoever runs it, with the instance of this answer. ' +
    'A command can be sent again with the same Idempotency-Key.',
);

const SOON = { 'Retry-After': String(RETRY_AFTER_S) };

function problemOf(error: unknown, request: Request): ProblemRaised | null {
  if (error instanceof ProblemRaised) return error;
  if (error instanceof CommandRefused) return new ProblemRaised(error.refusals);
  if (error instanceof EventRefused) return problem('event-refused', messageOf(error));
  if (error instanceof PositionAhead) {
    return problem(
      'position-ahead',
      'The log has nothing at minPosition (or at this cursor) yet: check it.',
    );
  }
  if (error instanceof NotReached) {
    const detail = 'The read models have not come to minPosition in time: ask again.';
    return problem('not-reached', detail, SOON);
  }
  if (isPassing(error)) {
    const detail =
      'The store cannot be reached just now. Send the same again, with the same Idempotency-Key ' +
      'if it is a command: it is not carried out twice.';
    return problem('unavailable', detail, SOON);
  }
  const own = error instanceof HttpException ? ownProblem(error) : null;
  if (own !== null) return own;
  const status = statusIn(error);
  return status === null ? null : problemOfStatus(status, request);
}

function isPassing(error: unknown): boolean {
  return [LogUnavailable, VersionConflict, KeyStoreBusy, ViewsUnavailable, NotBuilt].some(
    (kind) => error instanceof kind,
  );
}

/** Of guards and checks that say themselves what is wrong. */
function ownProblem(error: HttpException): ProblemRaised | null {
  const said = error.getResponse();
  if (typeof said !== 'object' || !('code' in said) || !('detail' in said)) return null;
  const { code, detail } = said;
  if (typeof code !== 'string' || typeof detail !== 'string') return null;
  return new ProblemRaised([refuse(code, detail)], {}, {}, error.getStatus());
}

/** Of errors of the frame around us: routing, reading of bodies, guards. */
function statusIn(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

/** The frame's own words quote URLs and bodies. */
function problemOfStatus(status: number, request: Request): ProblemRaised | null {
  switch (status) {
    case 403:
      return problem('not-allowed', 'This may not be done.');
    case 404:
      return noSuchRoute(request);
    case 413:
      return problem('too-large', `A body has at most ${BODY_BYTES_MAX} bytes.`);
    case 415:
      return problem('not-json-content', 'Send the body unencoded, or as gzip, deflate or br.');
    default:
      if (status < 400 || status >= 500) return null;
      return problem('wrong-request', 'The request cannot be read: check its path and its body.');
  }
}

function noSuchRoute({ path, method }: Request): ProblemRaised {
  const there = methodsOf(path);
  if (there.length === 0) {
    return problem('no-such-route', 'There is nothing here: /v1/openapi.json lists all there is.');
  }
  const allowed = there.join(', ');
  const detail = `This cannot be done with ${/^[A-Z]+$/u.test(method) ? method : 'that'}; only: ${allowed}.`;
  return problem('no-such-method', detail, { Allow: allowed });
}
