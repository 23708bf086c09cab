import { Controller, HttpCode, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { Answer } from '@throughline/platform/http/answer';
import { ContentCommand, type CommandRequest } from '@throughline/platform/http/command-request';
import type { CommandShare } from '@throughline/platform/http/commands';
import { badField, Problem } from '@throughline/platform/http/problem';
import { RawBody } from '@throughline/platform/http/raw-body';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { Arrival, IntakeTx, Kept, Receiver } from '../../application/ports.js';
import { countFromZero, keepMessage } from './keep-message.js';
import { ReceivedBody, RECEIVER } from './send.controller.js';

export type ReadCcda = (kept: Omit<Kept, 'protocol'>) => Arrival;
export const READ_CCDA = Symbol('intake:read-ccda');

const MOST_BYTES = 16 * 1024 * 1024;

export class DocumentQuery {
  @ApiPropertyOptional({ description: 'The sending system; left out: who calls', example: 'NORTHSHORE-EHR', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  sender?: string;
}

type Unread = Extract<Arrival['content'], { readonly reasons: unknown }>;

/** It is kept: what cannot be read is in quarantine, and the answer says which places of it to correct. */
const unreadable = ({ reasons }: Unread): Problem =>
  new Problem(422, 'unreadable-document', 'The document cannot be read', 'It is kept in quarantine. Correct the places listed and send the document again.', reasons.map(({ where, text }) => ({ field: where ?? 'ClinicalDocument', detail: text })));

@ApiTags('sending')
@Controller('documents')
export class CcdaController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    @Inject(RECEIVER) private readonly receiver: Receiver<CommandShare, Answer<unknown>>,
    @Inject(READ_CCDA) private readonly read: ReadCcda,
  ) {
    countFromZero({ runtime, channel: 'ccda' });
  }

  /** The same document again is found by what it says: no key is needed. */
  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'A C-CDA document: that there is one, and what it says of leaving, medicines, problems, allergies, results and plans' })
  @ApiConsumes('application/xml', 'text/xml')
  @ApiBody({ description: 'ClinicalDocument (C-CDA R1.1, R2.1)', schema: { type: 'string', format: 'binary' } })
  @ApiAcceptedResponse({ type: ReceivedBody })
  @Allow('discharge:send')
  @AuditedChange('document')
  @RawBody(MOST_BYTES, 'xml')
  async document(@Query() { sender }: DocumentQuery, @Req() request: FastifyRequest, @ContentCommand() command: CommandRequest): Promise<Answer<ReceivedBody>> {
    if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw badField('body', 'has to be a C-CDA document, with content-type application/xml');
    const arrival = this.read({ raw: request.body, receivedAt: this.runtime.clock.now().toISOString(), sender: sender ?? command.actor.sub });
    const { answer, repeat, inboundId } = await keepMessage({ runtime: this.runtime, receiver: this.receiver, channel: 'ccda' }, command, arrival);
    if (answer !== 'AA' && 'reasons' in arrival.content) throw unreadable(arrival.content);
    return new Answer({ inboundId, correlationId: inboundId, repeat }, { status: 202 });
  }
}
