import { createHash, randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import type { FastifyRequest } from 'fastify';
import { idOf } from '@throughline/kernel/ids';
import type { Actor } from '../auth/actor.js';
import { AUDITED, type AuditDeclaration } from '../audit/audited.js';
import type { Cause } from '../persistence/unit.js';
import { canonicalJson } from './canonical-json.js';
import { readIfMatch } from './if-match.js';
import { badField } from './problem.js';
import { contextOf, type RequestContext } from './request-context.js';

/** One write as it came over HTTP, ready for `runtime.commands`. A controller gets it by `@Command() command: CommandRequest`. */
export interface CommandRequest {
  /** The causation id of the events it causes: from (service, actor, key) when there is a key, else a new one. */
  readonly id: string;
  readonly actor: Actor;
  /** `Idempotency-Key`: 1 to 200 printable characters. */
  readonly key?: string;
  /** SHA-256 over method, path and body. */
  readonly hash: string;
  /** The version in `If-Match`; check it with `requireVersion(command, row.version)` inside the transaction. */
  readonly ifMatch?: number;
  readonly cause: Cause;
  readonly audit: AuditDeclaration;
  /** The status of the route when `work` names none. */
  readonly status: number;
  /** Tells the request that its audit rows are written. */
  readonly markAudited: () => void;
}

const readKey = (header: string | string[] | undefined, roles: readonly string[]): string | undefined => {
  const key = Array.isArray(header) ? header[0] : header;
  // A system repeats what it is unsure of; without a key its repeat would be a second command.
  if (key === undefined && roles.includes('sender')) throw badField('Idempotency-Key', 'is required from a sending system: a value of its own per command, the same when it is sent again');
  if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) throw badField('Idempotency-Key', 'has to be 1 to 200 printable ASCII characters without spaces');
  return key;
};

const declaredBy = (request: FastifyRequest, audit: AuditDeclaration | undefined) => {
  const context = contextOf(request);
  const { actor } = context;
  if (!actor) throw new Error('A command without an actor: the route is @Open');
  if (!audit) throw new Error('A command without @AuditedChange');
  return { context, actor, audit };
};

const causeOf = ({ correlationId, traceparent }: RequestContext, actor: Actor, causationId: string): Cause => ({
  correlationId,
  causationId,
  actor: actor.sub,
  ...(traceparent ? { traceparent } : {}),
});

/** A command whose content names it: the same again is found by what it says, so it needs no key, and its body is not looked at. */
export const readContentCommand = (request: FastifyRequest, declared: AuditDeclaration | undefined, status: number): CommandRequest => {
  const { context, actor, audit } = declaredBy(request, declared);
  const id = randomUUID();
  return { id, actor, hash: '', cause: causeOf(context, actor, id), audit, status, markAudited: () => void (context.audited = true) };
};

export const readCommand = (request: FastifyRequest, declared: AuditDeclaration | undefined, status: number): CommandRequest => {
  const { context, actor, audit } = declaredBy(request, declared);
  const header = request.headers['idempotency-key'];
  const key = readKey(header, actor.roles);
  const path = request.url.split('?', 1)[0];
  const hash = createHash('sha256').update(`${request.method} ${path}\n${canonicalJson(request.body)}`).digest('hex');
  const id = key === undefined ? randomUUID() : idOf('command', context.service, actor.sub, key);
  const ifMatch = readIfMatch(request.headers['if-match']);
  return {
    id,
    actor,
    ...(key === undefined ? {} : { key }),
    hash,
    ...(ifMatch === undefined ? {} : { ifMatch }),
    cause: causeOf(context, actor, id),
    audit,
    status,
    markAudited: () => void (context.audited = true),
  };
};

const readBy = (read: typeof readCommand) => (_data: unknown, context: ExecutionContext): CommandRequest => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const handler = context.getHandler();
  const declared = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined;
  const audit = Reflect.getMetadata(AUDITED, handler) as AuditDeclaration | undefined;
  return read(request, audit, declared ?? (request.method === 'POST' ? 201 : 200));
};

export const Command = createParamDecorator(readBy(readCommand));
export const ContentCommand = createParamDecorator(readBy(readContentCommand));
