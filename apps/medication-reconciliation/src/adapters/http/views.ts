import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageOf } from '@throughline/platform/http/page-view';
import { PatientView } from '@throughline/platform/patients/patient-view';
import type { ReconciliationSeen } from '../../application/ports.js';
import type { MedicationLine } from '../../domain/medication-line.js';

export class AttestationView {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ description: '`sub` of the person who attested it' })
  by!: string;

  @ApiPropertyOptional()
  note?: string | undefined;
}

export class ReconciliationView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', description: 'Send it back in If-Match' })
  version!: number;

  @ApiProperty({ type: PatientView })
  patient!: PatientView;

  @ApiProperty({ format: 'uuid' })
  dischargeId!: string;

  @ApiProperty({ enum: ['open', 'completed', 'withdrawn'] })
  status!: 'open' | 'completed' | 'withdrawn';

  @ApiProperty({ format: 'date-time' })
  openedAt!: string;

  @ApiProperty({ type: [String], description: 'Medication lines it has so far' })
  lineIds!: readonly string[];

  @ApiPropertyOptional({ type: AttestationView, nullable: true })
  completed!: AttestationView | null;

  @ApiProperty()
  correlationId!: string;
}

export class MedicineView {
  @ApiProperty({ description: 'The medicine as the source wrote it' })
  text!: string;

  @ApiPropertyOptional()
  code?: string | undefined;

  @ApiPropertyOptional()
  system?: string | undefined;

  @ApiPropertyOptional()
  display?: string | undefined;
}

export class DoseView {
  @ApiProperty()
  value!: string;

  @ApiPropertyOptional()
  unit?: string | undefined;
}

export class LineView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  patientId!: string;

  @ApiPropertyOptional({ format: 'uuid' })
  encounterId?: string | undefined;

  @ApiPropertyOptional({ format: 'uuid' })
  dischargeId?: string | undefined;

  @ApiProperty({ description: 'Which system said so' })
  source!: string;

  @ApiPropertyOptional()
  orderId?: string | undefined;

  @ApiProperty({ type: MedicineView })
  medicine!: MedicineView;

  @ApiPropertyOptional({ type: DoseView })
  dose?: DoseView | undefined;

  @ApiPropertyOptional()
  route?: string | undefined;

  @ApiPropertyOptional({ description: 'Directions as the source wrote them' })
  directions?: string | undefined;

  @ApiPropertyOptional({ type: Object, description: 'How often and how long, in the source’s codes and words: code, text, duration, startsAt, endsAt' })
  timing?: MedicationLine['timing'];

  @ApiPropertyOptional({ enum: ['stopped', 'cancelled', 'on-hold', 'completed'], description: 'Absent: the source says nothing of it' })
  status?: MedicationLine['status'];

  @ApiPropertyOptional({ enum: ['ordered', 'dispensed', 'administered'] })
  basis?: MedicationLine['basis'];

  @ApiPropertyOptional({ format: 'date-time' })
  prescribedAt?: string | undefined;

  @ApiProperty({ format: 'date-time' })
  receivedAt!: string;
}

export class ReconciliationWithLines extends ReconciliationView {
  @ApiProperty({ type: [LineView] })
  lines!: readonly LineView[];
}

export class ReconciliationPage extends PageOf(ReconciliationView) {}

export class LinePage extends PageOf(LineView) {}

export class CompletedView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer' })
  version!: number;

  @ApiProperty({ enum: ['completed'] })
  status!: string;
}

export const reconciliationView = ({ reconciliation: it, patient }: ReconciliationSeen): ReconciliationView => ({
  id: it.id,
  version: it.version,
  patient,
  dischargeId: it.dischargeId,
  status: it.status,
  openedAt: it.openedAt,
  lineIds: it.lineIds,
  completed: it.status === 'completed' ? it.completed : null,
  correlationId: it.correlationId,
});

/** Lines are shown as received. */
export const lineView = (line: MedicationLine): LineView => line;
