import { All, Controller, Get, HttpCode, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AuditedChange } from '@throughline/platform/audit/audited';
import { Allow, Open } from '@throughline/platform/auth/allow';
import { Answer } from '@throughline/platform/http/answer';
import { ContentCommand, type CommandRequest } from '@throughline/platform/http/command-request';
import type { CommandShare } from '@throughline/platform/http/commands';
import { Problem } from '@throughline/platform/http/problem';
import { RawBody } from '@throughline/platform/http/raw-body';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Arrival, IntakeTx, Kept, Receipt, Receiver } from '../../application/ports.js';
import { capabilityStatement } from './capability-statement.js';
import { bundled, created, notified, updated, type FhirAnswer, type Named } from './fhir-answers.js';
import { countFromZero, keepMessage } from './keep-message.js';
import { FHIR_JSON, ofReasons } from './operation-outcome.js';
import { RECEIVER } from './send.controller.js';

/** Bytes -> what they say; `resource` is absent where they are no FHIR. */
export type ReadFhir = (kept: Omit<Kept, 'protocol'>) => Promise<{ readonly arrival: Arrival; readonly resource?: Named }>;
export const READ_FHIR = Symbol('intake:read-fhir');

const MOST_BYTES = 16 * 1024 * 1024;

/** Where a request went, and what may come there. */
interface Address {
  readonly fits: (resource: Named) => string | undefined;
  readonly answerOf: (resource: Named, receipt: Receipt) => FhirAnswer;
}

const misplaced = (detail: string): Problem => new Problem(400, 'invalid', 'The request is not valid', detail);

const notOffered = (method: string): Problem =>
  new Problem(method === 'POST' ? 404 : 405, 'not-offered', 'Not offered', 'Nothing can be read, searched, changed in part or deleted here. GET /fhir/metadata says what is taken.', undefined, { allow: 'POST, PUT' });

const BUNDLE: Address['fits'] = ({ resourceType }) => (resourceType === 'Bundle' ? undefined : `The body is no Bundle. Send a single resource to /fhir/ and its type.`);
const MESSAGE: Address['fits'] = (resource) => BUNDLE(resource) ?? (resource.type === 'message' ? undefined : 'The Bundle is not of type message. Send other bundles to /fhir.');

@ApiExcludeController()
@Controller('fhir')
export class FhirController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    @Inject(RECEIVER) private readonly receiver: Receiver<CommandShare, Answer<unknown>>,
    @Inject(READ_FHIR) private readonly read: ReadFhir,
  ) {
    countFromZero({ runtime, channel: 'fhir' });
  }

  @Get('metadata')
  @Open()
  metadata(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.header('content-type', FHIR_JSON);
    return JSON.stringify(capabilityStatement);
  }

  /** A notification (Da Vinci): told by the bundle itself, and answered with what became of the whole. */
  @Post('$process-message')
  @HttpCode(200)
  @Allow('fhir:send')
  @AuditedChange('message')
  @RawBody(MOST_BYTES)
  processMessage(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @ContentCommand() command: CommandRequest): Promise<Answer<string>> {
    return this.#take(request, reply, command, { fits: MESSAGE, answerOf: notified });
  }

  @Post()
  @HttpCode(200)
  @Allow('fhir:send')
  @AuditedChange('message')
  @RawBody(MOST_BYTES)
  bundle(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @ContentCommand() command: CommandRequest): Promise<Answer<string>> {
    return this.#take(request, reply, command, { fits: BUNDLE, answerOf: bundled });
  }

  @Post(':type')
  @Allow('fhir:send')
  @AuditedChange('message')
  @RawBody(MOST_BYTES)
  create(@Param('type') type: string, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @ContentCommand() command: CommandRequest): Promise<Answer<string>> {
    return this.#take(request, reply, command, { fits: ({ resourceType }) => (resourceType === type ? undefined : 'The body is of another resourceType than the address.'), answerOf: created });
  }

  @Put(':type/:id')
  @Allow('fhir:send')
  @AuditedChange('message')
  @RawBody(MOST_BYTES)
  update(@Param() { type, id }: { readonly type: string; readonly id: string }, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply, @ContentCommand() command: CommandRequest): Promise<Answer<string>> {
    const fits: Address['fits'] = (resource) => (resource.resourceType === type && resource.id === id ? undefined : 'The body has another resourceType or id than the address.');
    return this.#take(request, reply, command, { fits, answerOf: updated });
  }

  /** Reads and searches, deletes, other operations: what was told here is shown by the services' own calls. */
  @All('*')
  @Open()
  others(@Req() { method }: FastifyRequest): never {
    throw notOffered(method);
  }

  @Get()
  @Open()
  everything(): never {
    throw notOffered('GET');
  }

  async #take(request: FastifyRequest, reply: FastifyReply, command: CommandRequest, { fits, answerOf }: Address): Promise<Answer<string>> {
    // Packed bytes would be kept as they are, and never be read.
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') throw new Problem(415, 'unsupported-media-type', 'Packed', 'Send the body as it is, without Content-Encoding.');
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const { arrival, resource } = await this.read({ raw, receivedAt: this.runtime.clock.now().toISOString(), sender: command.actor.sub });
    const elsewhere = resource && fits(resource);
    if (elsewhere !== undefined) throw misplaced(elsewhere);
    const receipt = await keepMessage({ runtime: this.runtime, receiver: this.receiver, channel: 'fhir' }, command, arrival);
    const reasons = 'said' in arrival.content ? [] : arrival.content.reasons;
    const answer: FhirAnswer = receipt.answer === 'AA' && resource ? answerOf(resource, receipt) : { status: resource ? 422 : 400, body: ofReasons(reasons) };
    void reply.header('content-type', FHIR_JSON);
    if (answer.location !== undefined) void reply.header('location', answer.location);
    return new Answer(JSON.stringify(answer.body), { status: answer.status });
  }
}
