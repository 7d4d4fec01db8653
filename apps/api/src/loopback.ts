import type { NextFunction, Request, Response } from 'express';
import { problem } from './problems/problem.js';

/** The one address that the service answers at. */
export const LOOPBACK = '127.0.0.1';
const HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/iu;

/**
 * A page of another site can have its own name resolve to this machine (DNS rebinding); its
 * requests then carry that name.
 */
export function onlyLoopback(request: Request, _response: Response, next: NextFunction): void {
  if (HOST.test(request.headers.host ?? '')) next();
  else {
    const detail =
      'This service answers at localhost and 127.0.0.1 only: the Host header names neither.';
    next(problem('wrong-host', detail));
  }
}
