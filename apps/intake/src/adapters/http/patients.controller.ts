import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Audited } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { READS, type Reads } from '../../application/reads.js';
import { LinePageShape, PatientPageShape, PersonShape, TimelinePageShape } from './shapes.js';
import { lineView, patientView, personView, timelineView } from './views.js';

type PatientView = ReturnType<typeof patientView>;

export class PatientsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'The beginning of "family given", or a whole number of the person', type: String })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  query: string = '';
}

@ApiTags('patients')
@Controller('patients')
export class PatientsController {
  constructor(@Inject(READS) private readonly reads: Reads) {}

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
