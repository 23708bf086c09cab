import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Audited } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { IsIn, IsOptional } from 'class-validator';
import { READS, type Reads } from '../../application/reads.js';
import { OUTCOMES } from '../../domain/said.js';
import { InboundPageShape, MessageShape } from './shapes.js';
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
  constructor(@Inject(READS) private readonly reads: Reads) {}

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
}
