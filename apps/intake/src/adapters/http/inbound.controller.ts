import { Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import type { CommandShare } from '@throughline/platform/http/commands';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { Refused } from '@throughline/kernel/refused';
import { IsIn, IsOptional } from 'class-validator';
import { NotStored, READ_AGAIN, type Arrival, type IntakeTx, type ReadAgain, type Receiver } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import { OUTCOMES } from '../../domain/said.js';
import { RECEIVER } from './send.controller.js';
import { InboundPageShape, MessageShape, ReplayedShape } from './shapes.js';
import { unavailable } from './unavailable.js';
import { inboundView, messageView } from './views.js';

const STATES = [...OUTCOMES, 'quarantined', 'parked', 'pending'] as const;
type MessageView = ReturnType<typeof messageView>;

export class InboundQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES })
  @IsOptional()
  @IsIn(STATES)
  outcome?: (typeof STATES)[number];
}

@ApiTags('inbound')
@Controller('inbound')
export class InboundController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    @Inject(READS) private readonly reads: Reads,
    @Inject(RECEIVER) private readonly receiver: Receiver<CommandShare, Answer<unknown>>,
    @Inject(READ_AGAIN) private readonly readAgain: ReadAgain,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What came in and what became of it, newest first; no content' })
  @ApiOkResponse({ type: InboundPageShape })
  @Allow('inbound:list')
  async list(@Query() query: InboundQuery): Promise<Page<ReturnType<typeof inboundView>>> {
    const rows = await this.reads.inbound(query.outcome, decodeCursor(query.cursor, 2, { 0: 'instant', 1: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.receivedAt.toISOString(), row.id], inboundView);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One message, whole' })
  @ApiOkResponse({ type: MessageShape })
  @Allow('inbound:show')
  @Audited('inbound', (message: MessageView) => [message.patientId])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<MessageView> {
    const found = await this.reads.message(id);
    if (!found) throw notFound('message');
    return messageView(found);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Read a message in quarantine again, by today’s version and settings' })
  @ApiOkResponse({ type: ReplayedShape })
  @Allow('inbound:replay')
  @AuditedChange('inbound')
  async replay(@Param('id', ParseUUIDPipe) id: string, @Command() command: CommandRequest): Promise<Answer<ReplayedShape>> {
    const found = await this.reads.message(id);
    if (!found) throw notFound('message');
    if (found.outcome !== 'quarantined') throw new Refused<'not-quarantined'>('not-quarantined', 'It is not in quarantine: it was accepted, and its outcome says what became of it.');
    const { raw, protocol, sender } = found;
    const read = await this.readAgain({ raw, protocol, sender, receivedAt: found.receivedAt.toISOString() });
    const arrival: Arrival = { ...read, traceparent: command.cause.traceparent, replayOf: id };
    const reasons = 'said' in arrival.content ? [] : arrival.content.reasons;
    const { inboundId } = this.receiver.nameOf(arrival);
    const work = this.runtime.commands.shared<ReplayedShape>(command, { patientIds: [], subject: id, correlationId: inboundId }, (share) =>
      this.receiver.receiveOnce(share, arrival, ({ answer }) => new Answer({ inboundId, answer, reasons: [...reasons] }, { status: 200 })) as Promise<Answer<ReplayedShape>>,
    );
    return work.catch((error: unknown) => {
      throw error instanceof NotStored ? unavailable() : error;
    });
  }
}
