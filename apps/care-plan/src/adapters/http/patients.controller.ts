import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { READS, type Reads } from '../../application/reads.js';
import { PatientsQuery } from './queries.js';
import { PatientPageShape, PatientShape, TimelinePageShape } from './shapes.js';
import { patientView, timelineView } from './views.js';

type PatientView = ReturnType<typeof patientView>;
type TimelineView = ReturnType<typeof timelineView>;

@ApiTags('patients')
@Controller('patients')
export class PatientsController {
  constructor(@Inject(READS) private readonly reads: Reads) {}

  @Get()
  @ApiOperation({ summary: 'Find patients by the beginning of a name or record number' })
  @ApiOkResponse({ type: PatientPageShape })
  @Allow('patient:read')
  @Audited('patient', (page: Page<PatientView>) => page.items.map((patient) => patient.id))
  async search(@Query() query: PatientsQuery): Promise<Page<PatientView>> {
    const after = decodeCursor(query.cursor, 3, { 2: 'uuid' });
    const rows = await this.reads.patients(query.query, after, query.limit + 1);
    return toPage(rows, query.limit, (row) => [...row.keys, row.patientId], patientView);
  }

  @Get(':id')
  @ApiOkResponse({ type: PatientShape })
  @Allow('patient:read')
  @Audited('patient', (patient: PatientView) => [patient.id])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<PatientView> {
    const found = await this.reads.patient(id);
    if (!found) throw notFound('patient');
    return patientView(found);
  }

  @Get(':id/timeline')
  @ApiOperation({ summary: 'What happened to the patient and what people did, newest first' })
  @ApiOkResponse({ type: TimelinePageShape })
  @Allow('patient:read')
  @Audited('timeline', (_page: Page<TimelineView>, params) => [params['id']])
  async timeline(@Param('id', ParseUUIDPipe) id: string, @Query() query: PageQuery): Promise<Page<TimelineView>> {
    const after = decodeCursor(query.cursor, 3, { 0: 'instant', 1: 'number', 2: 'uuid' });
    const rows = await this.reads.timeline(id, after, query.limit + 1);
    return toPage(rows, query.limit, (row) => [row.at, row.place, row.id], timelineView);
  }
}
