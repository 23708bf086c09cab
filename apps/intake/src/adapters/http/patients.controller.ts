import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import type { Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { partPatient, type Parted } from '../../application/part-patient.js';
import type { IntakeTx } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import { LinePageShape, PartedShape, PatientPageShape, PersonShape, TimelinePageShape } from './shapes.js';
import { lineView, patientView, personView, timelineView } from './views.js';

type PatientView = ReturnType<typeof patientView>;

export class PatientsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'The beginning of "family given", or a whole number of the person', type: String })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  query: string = '';
}

class UnmergeBody {
  @ApiProperty({ type: String, description: 'Why the record is another person’s, for the record' })
  @IsString()
  @Length(3, 500)
  reason!: string;
}

@ApiTags('patients')
@Controller('patients')
export class PatientsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Find patients by the beginning of the name, or by a number' })
  @ApiOkResponse({ type: PatientPageShape })
  @Allow('patient:read')
  @Audited('patient', (page: Page<PatientView>) => page.items.map((patient) => patient.id))
  async search(@Query() query: PatientsQuery): Promise<Page<PatientView>> {
    const rows = await this.reads.patients(query.query, decodeCursor(query.cursor, 2, { 1: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.searchName, row.patient.patientId], patientView);
  }

  @Get(':id')
  @ApiOkResponse({ type: PersonShape })
  @Allow('patient:read')
  @Audited('patient', (_person: unknown, params) => [params['id']])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<ReturnType<typeof personView>> {
    const found = await this.reads.person(id);
    if (!found) throw notFound('patient');
    return personView(found);
  }

  @Post(':id/unmerge')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take a merge back: the record with this id is another person’s after all' })
  @ApiOkResponse({ type: PartedShape })
  @Allow('patient:part')
  @AuditedChange('patient')
  async unmerge(@Param('id', ParseUUIDPipe) id: string, @Body() { reason }: UnmergeBody, @Command() command: CommandRequest): Promise<Answer<Parted>> {
    if (!(await this.reads.person(id))) throw notFound('patient');
    return this.runtime.commands.run(command, { patientIds: [id], subject: id }, (tx) =>
      partPatient({ patientId: id, at: this.runtime.clock.now().toISOString(), commandId: command.id, actor: command.actor.sub, reason }, tx),
    );
  }

  @Get(':id/timeline')
  @ApiOperation({ summary: 'Messages about the person and what became of them, newest first' })
  @ApiOkResponse({ type: TimelinePageShape })
  @Allow('patient:read')
  @Audited('timeline', (_page: unknown, params) => [params['id']])
  async timeline(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery): Promise<Page<ReturnType<typeof timelineView>>> {
    const rows = await this.reads.timeline(id, decodeCursor(query.cursor, 2, { 0: 'instant', 1: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.receivedAt.toISOString(), row.id], timelineView);
  }

  @Get(':id/prescriptions')
  @ApiOperation({ summary: 'Medicines as the sources wrote them' })
  @ApiOkResponse({ type: LinePageShape })
  @Allow('patient:read')
  @Audited('prescription', (_page: unknown, params) => [params['id']])
  async prescriptions(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery): Promise<Page<ReturnType<typeof lineView>>> {
    const rows = await this.reads.lines(id, decodeCursor(query.cursor, 1, { 0: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.lineId], lineView);
  }
}
