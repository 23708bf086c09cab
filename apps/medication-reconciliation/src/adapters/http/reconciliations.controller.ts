import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { AuditedChange, Audited } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { requireVersion } from '@throughline/platform/http/if-match';
import { decodeMoment, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { completeReconciliation } from '../../application/complete-reconciliation.js';
import { READS, type Reads, type Tx } from '../../application/ports.js';
import { CompletedView, LinePage, lineView, ReconciliationPage, reconciliationView, ReconciliationWithLines, type LineView, type ReconciliationView } from './views.js';

class ReconciliationsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ['open', 'completed', 'withdrawn'] })
  @IsOptional()
  @IsIn(['open', 'completed', 'withdrawn'])
  status?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  patient?: string;
}

class CompleteBody {
  @ApiPropertyOptional({ maxLength: 2000, description: 'Stays in this service: it is never published' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  note?: string;
}

@ApiTags('reconciliations')
@ApiBearerAuth()
@Controller()
export class ReconciliationsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'medication-reconciliation', Tx>,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Get('reconciliations')
  @Allow('reconciliation:read')
  @Audited('reconciliation', (page: Page<ReconciliationView>) => page.items.map((it) => it.patient.id))
  @ApiOkResponse({ type: ReconciliationPage })
  async list(@Query() query: ReconciliationsQuery): Promise<Page<ReconciliationView>> {
    const after = decodeMoment(query.cursor);
    const rows = await this.reads.reconciliations({ status: query.status, patient: query.patient }, after, query.limit + 1);
    return toPage(rows, query.limit, ({ reconciliation }) => [reconciliation.openedAt, reconciliation.id], reconciliationView);
  }

  @Get('reconciliations/:id')
  @Allow('reconciliation:read')
  @Audited('reconciliation', (it: ReconciliationWithLines) => [it.patient.id])
  @ApiOkResponse({ type: ReconciliationWithLines })
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<Answer<ReconciliationWithLines>> {
    const seen = await this.reads.reconciliation(id);
    if (!seen) throw notFound('reconciliation');
    const lines = await this.reads.linesById(seen.reconciliation.lineIds);
    return answer({ ...reconciliationView(seen), lines: lines.map(lineView) }, { version: seen.reconciliation.version });
  }

  @Post('reconciliations/:id/complete')
  @HttpCode(200)
  @Allow('reconciliation:complete')
  @AuditedChange('reconciliation')
  @ApiOkResponse({ type: CompletedView })
  async complete(@Param('id', ParseUUIDPipe) id: string, @Body() body: CompleteBody, @Command() command: CommandRequest): Promise<Answer<CompletedView>> {
    const seen = await this.reads.reconciliation(id);
    if (!seen) throw notFound('reconciliation');
    const { patientId } = seen.reconciliation;
    return this.runtime.commands.run(command, { patientIds: [patientId], subject: id, correlationId: seen.reconciliation.correlationId }, async (tx) => {
      const current = await tx.reconciliations.get(patientId, id);
      requireVersion(command, current?.version ?? 0);
      const done = await completeReconciliation({ reconciliationId: id, patientId, by: command.actor.sub, note: body.note }, tx);
      return answer({ id, version: done.version, status: done.status }, { version: done.version });
    });
  }

  @Get('patients/:id/lines')
  @Allow('reconciliation:read')
  @Audited('medication-line', (_page: Page<LineView>, params) => [params['id']])
  @ApiOkResponse({ type: LinePage })
  async lines(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery): Promise<Page<LineView>> {
    const after = decodeMoment(query.cursor);
    const rows = await this.reads.lines(id, after, query.limit + 1);
    return toPage(rows, query.limit, (line) => [line.receivedAt, line.id], lineView);
  }
}
