import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Refused } from '@throughline/kernel/refused';
import { isTransient } from '../persistence/transient.js';
import { details, invalidFields, notFound, Problem, staleVersion } from './problem.js';
import { contextOf, type RequestContext } from './request-context.js';

const BY_STATUS: Readonly<Record<number, readonly [code: string, title: string, detail: string]>> = {
  400: ['invalid', 'The request is not valid', 'The request could not be read. Check its address, headers and body.'],
  404: ['no-such-route', 'Not found', 'There is nothing at this address. The OpenAPI document lists what there is.'],
  405: ['method-not-allowed', 'Method not allowed', 'This address does not take this method.'],
  408: ['too-slow', 'The request took too long', 'The request did not arrive in time. Send it again, faster.'],
  413: ['too-large', 'The body is too large', 'Send less at once; the limit is 1 MiB.'],
  414: ['address-too-long', 'The address is too long', 'Shorten the address.'],
  415: ['unsupported-media-type', 'The body is of a type that is not read here', 'Send JSON with Content-Type: application/json.'],
  503: ['unavailable', 'Not available just now', 'Try again in a moment.'],
};

const ofStatus = (status: number): Problem => {
  const [code, title, detail] = BY_STATUS[status] ?? ['refused', 'The request was refused', 'The request was refused.'];
  return new Problem(status, code, title, detail);
};

const ofRefusal = (refused: Refused): Problem => {
  if (refused.reason === 'not-found') return notFound(refused.field ?? 'thing');
  if (refused.reason === 'stale-version') return staleVersion();
  const errors = refused.field === undefined ? undefined : [{ field: refused.field, detail: refused.remedy }];
  return new Problem(errors ? 422 : 409, refused.reason, 'Refused', refused.remedy, errors);
};

const ofHttpException = (error: HttpException): Problem => {
  const status = error.getStatus();
  // Nest's own pipes (ParseUUIDPipe) say what they expected and not what they got.
  if (status === 400 && error.message.startsWith('Validation failed')) {
    return invalidFields([{ field: 'id', detail: error.message.replace(/^Validation failed \((.*)\)$/, '$1') }]);
  }
  return ofStatus(status);
};

/** The problem that an error of this request is told as; undefined for the unexpected. */
export const problemOf = (error: unknown): Problem | undefined => {
  if (error instanceof Problem) return error;
  if (error instanceof Refused) return ofRefusal(error);
  if (error instanceof HttpException && error.getStatus() < 500) return ofHttpException(error);
  if (isTransient(error)) return new Problem(503, 'unavailable', 'Not available just now', 'Nothing was changed. Try again in a moment.', undefined, { 'retry-after': '2' });
  return undefined;
};

/** Every error leaves as problem details; what was not expected leaves without details and is logged under its correlation id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const context = this.#context(request);
    const problem = problemOf(error) ?? this.#unexpected(error, request);
    if (problem.status === 503) this.logger.warn({ err: error, route: request.routeOptions?.url }, 'request not served');
    if (reply.sent || reply.raw.headersSent) {
      // A stream under way cannot take its status back: cut it, so that nobody takes it for whole.
      reply.raw.destroy();
      return;
    }
    // What nobody reads any more keeps the connection, and the shutdown, waiting.
    if (problem.status === 413) request.raw.resume();
    const { type, body } = this.told(problem, request, context?.correlationId);
    void reply
      .code(problem.status)
      .headers({ ...problem.headers, 'content-type': `${type}; charset=utf-8` })
      .send(JSON.stringify(body));
  }

  /** The form it leaves in; a service whose protocol has another one says so here. */
  protected told(problem: Problem, _request: FastifyRequest, correlationId: string | undefined): { readonly type: string; readonly body: object } {
    return { type: 'application/problem+json', body: details(problem, correlationId) };
  }

  #unexpected(error: unknown, request: FastifyRequest): Problem {
    this.logger.error({ err: error, method: request.method, route: request.routeOptions?.url }, 'request failed');
    return new Problem(500, 'unexpected', 'Something went wrong', 'It is in the log under the correlation id of this answer. Sending the request again with the same Idempotency-Key is safe.');
  }

  /** A malformed address is refused before the request has one. */
  #context(request: FastifyRequest): RequestContext | undefined {
    try {
      return contextOf(request);
    } catch {
      return undefined;
    }
  }
}
