import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Audited } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { PageOf } from '@throughline/platform/http/page-view';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { IsUUID } from 'class-validator';
import { READS, type Reads } from '../../application/ports.js';
import type { StatedAppointment } from '../../domain/stated-appointment.js';

class StatedAppointmentsQuery extends PageQuery {
  @ApiProperty({ format: 'uuid', type: String })
  @IsUUID()
  patient!: string;
}

class StatedAppointmentView {
  @ApiProperty({ format: 'uuid', type: String }) id!: string;
  @ApiProperty({ format: 'uuid', type: String }) patientId!: string;
  @ApiProperty({ type: String, description: 'Whose calendar it stands in' }) source!: string;
  @ApiProperty({ type: String, description: 'proposed, booked, arrived, kept, cancelled, missed, unknown' }) status!: string;
  @ApiProperty({ type: Boolean, description: 'Its source took it back' }) withdrawn!: boolean;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) startsAt!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) endsAt!: string | null;
  @ApiProperty({ type: String, nullable: true }) kind!: string | null;
  @ApiProperty({ type: String, nullable: true }) place!: string | null;
  @ApiProperty({ type: String, nullable: true }) with!: string | null;
}

class StatedAppointmentPage extends PageOf(StatedAppointmentView) {}

const view = ({ id, patientId, source, status, withdrawn, startsAt, endsAt, kind, place, with: whom }: StatedAppointment): StatedAppointmentView => ({
  id, patientId, source, status, withdrawn, startsAt: startsAt ?? null, endsAt: endsAt ?? null, kind: kind ?? null, place: place ?? null, with: whom ?? null,
});

@ApiTags('stated appointments')
@ApiBearerAuth()
@Controller('stated-appointments')
export class StatedAppointmentsController {
  constructor(@Inject(READS) private readonly reads: Reads) {}

  @Get()
  @ApiOperation({ summary: "Visits of a patient in the calendars of others, as they say: to look at before one is booked" })
  @Allow('follow-up:read')
  @Audited('appointment', (page: Page<StatedAppointmentView>) => page.items.map(({ patientId }) => patientId))
  @ApiOkResponse({ type: StatedAppointmentPage })
  async list(@Query() query: StatedAppointmentsQuery): Promise<Page<StatedAppointmentView>> {
    const rows = await this.reads.statedAppointments(query.patient, decodeCursor(query.cursor, 2, { 0: 'instant', 1: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, (one) => [one.startsAt ?? null, one.id], view);
  }
}
