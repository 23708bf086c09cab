import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageOf } from '@throughline/platform/http/page-view';
import { PatientView } from '@throughline/platform/patients/patient-view';
import type { FollowUpSeen } from '../../application/ports.js';

export class WindowView {
  @ApiProperty({ format: 'date', description: 'First local date at the facility, included' })
  from!: string;

  @ApiProperty({ format: 'date', description: 'Last local date at the facility, included' })
  to!: string;

  @ApiProperty({ format: 'date-time' })
  dueAt!: string;
}

export class AppointmentView {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ enum: ['in-person', 'video', 'telephone'] })
  mode!: string;

  @ApiProperty({ description: '`sub` of the person who booked it' })
  by!: string;

  @ApiProperty({ description: 'Booked outside the window knowingly' })
  outsideWindow!: boolean;
}

export class FollowUpView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Send it back in If-Match' })
  version!: number;

  @ApiProperty({ type: PatientView })
  patient!: PatientView;

  @ApiProperty({ format: 'uuid' })
  dischargeId!: string;

  @ApiProperty({ format: 'uuid' })
  episodeId!: string;

  @ApiProperty({ enum: ['requested', 'booked', 'withdrawn'], description: '`requested` with an appointment: the window moved away from it' })
  status!: string;

  @ApiProperty({ type: WindowView })
  window!: WindowView;

  @ApiProperty({ description: "IANA zone that the window's dates are counted in" })
  facilityZone!: string;

  @ApiPropertyOptional({ type: AppointmentView, nullable: true })
  appointment!: AppointmentView | null;

  @ApiProperty()
  correlationId!: string;
}

export class FollowUpPage extends PageOf(FollowUpView) {}

export class BookedView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer' })
  version!: number;

  @ApiProperty({ enum: ['requested', 'booked'] })
  status!: string;
}

export const followUpView = ({ followUp: it, patient }: FollowUpSeen): FollowUpView => ({
  id: it.id,
  version: it.version,
  patient,
  dischargeId: it.dischargeId,
  episodeId: it.episodeId,
  status: it.status,
  window: it.window,
  facilityZone: it.facilityZone,
  appointment: it.booking ?? null,
  correlationId: it.correlationId,
});
