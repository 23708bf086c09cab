import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { concatMap, type Observable } from 'rxjs';
import type { Audit } from '../audit/audit.js';
import { AUDITED, type AuditDeclaration, type Discloses } from '../audit/audited.js';
import { Answer } from './answer.js';
import { etagOf } from './if-match.js';
import { contextOf } from './request-context.js';

const present = (id: string | null | undefined): id is string => typeof id === 'string' && id !== '';

/** Between handler and answer: nothing of a patient leaves before its audit row is committed. Then status and headers. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(private readonly audit: Audit) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const declared = Reflect.getMetadata(AUDITED, context.getHandler()) as AuditDeclaration | undefined;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      concatMap(async (value: unknown) => {
        const answer = value instanceof Answer ? value : undefined;
        const body: unknown = answer ? answer.body : value;
        if (declared) await this.#trail(declared, request, body);
        if (answer) this.#head(answer, reply);
        return body;
      }),
    );
  }

  async #trail(declared: AuditDeclaration, request: FastifyRequest, body: unknown): Promise<void> {
    if (declared.patients === 'by-handler') return;
    if (declared.patients === 'in-transaction') {
      if (!contextOf(request).audited) throw new Error('A change was answered that did not go through runtime.commands');
      return;
    }
    const params = (request.params ?? {}) as Readonly<Record<string, string>>;
    const patients = (declared.patients as Discloses<unknown>)(body, params).filter(present);
    await this.audit.disclose(request, declared.kind, patients, params['id']);
  }

  #head({ options }: Answer, reply: FastifyReply): void {
    if (options.status !== undefined) void reply.code(options.status);
    if (options.version !== undefined) void reply.header('etag', etagOf(options.version));
    if (options.replayed) void reply.header('idempotency-replayed', 'true');
  }
}
