import { ApiProperty } from '@nestjs/swagger';
import type { PatientLabel } from '@throughline/kernel/patient-label';

/** The patient of a row, as every list answers it. */
export class PatientView implements PatientLabel {
  @ApiProperty({ format: 'uuid', description: 'The id the patient goes by today' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ada Alder', description: 'Given name, then family name; null while no name was received' })
  name!: string | null;

  @ApiProperty({ type: String, format: 'date', nullable: true })
  birthDate!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The record number that people read out' })
  recordNumber!: string | null;
}
