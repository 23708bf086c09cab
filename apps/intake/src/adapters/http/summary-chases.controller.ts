import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Allow } from '@throughline/platform/auth/allow';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { IsIn, IsOptional } from 'class-validator';
import { CHASE_READS, type ChaseReads, type ChaseSeen } from '../../application/chase-ports.js';
import { CHASE_STATUSES, QUERY_RESULTS } from '../../domain/summary-chase.js';

class ChasesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: CHASE_STATUSES })
  @IsOptional()
  @IsIn(CHASE_STATUSES)
  status?: (typeof CHASE_STATUSES)[number];
}

class ChaseShape {
  @ApiProperty({ type: String, format: 'uuid' }) id!: string;
  @ApiProperty({ type: String, format: 'uuid' }) patientId!: string;
  @ApiProperty({ type: String, format: 'uuid' }) dischargeId!: string;
  @ApiProperty({ type: String, format: 'uuid' }) encounterId!: string;
  @ApiProperty({ enum: CHASE_STATUSES }) status!: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'When the discharge was recorded' }) since!: string;
  @ApiProperty({ type: Number, description: 'Queries made' }) queries!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it is asked for next' }) dueAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) lastAt!: string | null;
  @ApiProperty({ enum: QUERY_RESULTS, nullable: true, description: 'What came of the last query' }) lastResult!: string | null;
}

class ChasePageShape {
  @ApiProperty({ type: () => [ChaseShape] }) items!: ChaseShape[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

const chaseView = ({ chaseId: id, patientId, dischargeId, encounterId, status, since, queries, dueAt, last, lastQuery }: ChaseSeen): ChaseShape => ({
  id, patientId, dischargeId, encounterId, status, since, queries, dueAt: last ? null : (dueAt ?? null), lastAt: lastQuery?.at ?? null, lastResult: lastQuery?.result ?? null,
});

@ApiTags('summary-chases')
@Controller('summary-chases')
export class SummaryChasesController {
  constructor(@Inject(CHASE_READS) private readonly reads: ChaseReads) {}

  @Get()
  @ApiOperation({ summary: 'Discharge summaries that are, or were, asked for at the source, newest first; ids and codes only' })
  @ApiOkResponse({ type: ChasePageShape })
  @Allow('inbound:list')
  async list(@Query() query: ChasesQuery): Promise<Page<ChaseShape>> {
    const rows = await this.reads.list(query.status, decodeCursor(query.cursor, 2, { 0: 'instant', 1: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.sort, row.chaseId], chaseView);
  }
}
