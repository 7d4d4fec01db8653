import {
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { ACCESS, type Access } from './access.js';
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
      throw new ForbiddenException({
        code: 'no-policy',
        detail: 'Nobody may use this route: it does not say who may.',
      });
    }
    const http = context.switchToHttp();
    const { authorization } = http.getRequest<Request>().headers;
    const presented = BEARER.exec(authorization ?? '')?.[1];
    if (presented !== undefined && this.token.matches(presented)) return true;
    refuse(http.getResponse<Response>(), authorization !== undefined);
  }
}

/** https://www.rfc-editor.org/rfc/rfc6750#section-3 */
function refuse(response: Response, isPresented: boolean): never {
  const error = isPresented ? ', error="invalid_token"' : '';
  response.setHeader('WWW-Authenticate', `Bearer realm="wayledger"${error}`);
  throw new UnauthorizedException({
    code: isPresented ? 'wrong-token' : 'no-token',
    detail: isPresented
      ? 'This is not the token of this service. It was printed once, at its first start; delete ' +
        'token.sha256 in the data folder and start again for a new one.'
      : 'Send the token that was printed at the first start: "Authorization: Bearer <token>".',
  });
}
