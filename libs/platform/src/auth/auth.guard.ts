import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AUDITED, type AuditDeclaration } from '../audit/audited.js';
import { Problem } from '../http/problem.js';
import { contextOf } from '../http/request-context.js';
import { ALLOW, OPEN, WHEN_SHUT } from './allow.js';
import { allows, type Permission } from './policy.js';
import { InvalidToken, type TokenVerifier } from './verifier.js';

export const TOKEN_VERIFIER = Symbol('throughline:token-verifier');
/** Answers why the service serves nothing but its health just now. */
export const SHUT = Symbol('throughline:shut');
/** Writes down that a request was not let. Never rejects. */
export const DENIED = Symbol('throughline:denied');
export type Denied = (request: FastifyRequest, declared: AuditDeclaration | undefined, permission: Permission | undefined) => Promise<void>;

const unauthorized = (detail: string, error?: string): Problem =>
  new Problem(401, 'unauthorized', 'Sign in first', detail, undefined, {
    // RFC 6750: no error code when no token came at all.
    'www-authenticate': error === undefined ? 'Bearer realm="throughline"' : `Bearer realm="throughline", error="invalid_token", error_description="${error}"`,
  });

const bearer = (header: string | undefined): string => {
  if (header === undefined) throw unauthorized('Send a bearer token in the Authorization header.');
  const match = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(header);
  if (!match?.[1] || match[1].length > 16_384) throw unauthorized('The Authorization header is not of the form "Bearer <token>".', 'the token is malformed');
  return match[1];
};

/** Every route: who asks, and whether the policy lets them. Anything not declared open needs a token that says so. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(TOKEN_VERIFIER) private readonly verifier: TokenVerifier,
    @Inject(SHUT) private readonly shut: () => string | undefined,
    @Inject(DENIED) private readonly denied: Denied,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const handler = context.getHandler();
    if (Reflect.getMetadata(OPEN, handler) === true) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const actor = await this.#actor(bearer(request.headers.authorization));
    contextOf(request).actor = actor;
    if (Reflect.getMetadata(WHEN_SHUT, handler) !== true) this.#mustBeOpen();
    const permission = Reflect.getMetadata(ALLOW, handler) as Permission | undefined;
    if (permission === undefined || !allows(permission, actor.roles)) {
      await this.denied(request, Reflect.getMetadata(AUDITED, handler) as AuditDeclaration | undefined, permission);
      throw new Problem(403, 'forbidden', 'Not allowed', `Your roles do not include one that is allowed ${permission ?? 'this'}. Ask an administrator.`);
    }
    return true;
  }

  #mustBeOpen(): void {
    const why = this.shut();
    if (why) throw new Problem(503, 'not-ready', 'Not ready', `The service is not ready: ${why}. Try again in a moment.`, undefined, { 'retry-after': '2' });
  }

  async #actor(token: string) {
    try {
      return await this.verifier.verify(token);
    } catch (error) {
      if (error instanceof InvalidToken) throw unauthorized(`The bearer token was refused: ${error.message}. Get a new one.`, error.message);
      throw new Problem(503, 'issuer-away', 'Sign-in is not available', 'The identity provider cannot be reached, so no token can be checked. Try again in a moment.', undefined, { 'retry-after': '5' });
    }
  }
}
