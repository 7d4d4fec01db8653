import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { ACCESS, type Access } from './access.js';
import { problem, type ProblemRaised } from './problems/problem.js';
import { Token } from './token.js';

const BEARER = /^Bearer +(\S+) *$/iu;

/** Denied unless a route says who may use it, and who asks is that. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly token: Token,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const declaredBy = [context.getHandler(), context.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, declaredBy);
    if (access === 'public') return true;
    if (access === undefined) {
      throw problem('no-policy', 'Nobody may use this route: it does not say who may.');
    }
    const { authorization } = context.switchToHttp().getRequest<Request>().headers;
    const presented = BEARER.exec(authorization ?? '')?.[1];
    if (presented !== undefined && this.token.matches(presented)) return true;
    throw authorization === undefined ? noToken() : wrongToken();
  }
}

// https://www.rfc-editor.org/rfc/rfc6750#section-3
const CHALLENGE = 'Bearer realm="wayledger"';

function noToken(): ProblemRaised {
  const detail =
    'Send the token that was printed at the first start: "Authorization: Bearer <token>".';
  return problem('no-token', detail, { 'WWW-Authenticate': CHALLENGE });
}

function wrongToken(): ProblemRaised {
  const detail =
    'This is not the token of this service. It was printed once, at the first start; for a new ' +
    'one stop the service, delete token.sha256 in its data folder, and start it again.';
  return problem('wrong-token', detail, {
    'WWW-Authenticate': `${CHALLENGE}, error="invalid_token"`,
  });
}
