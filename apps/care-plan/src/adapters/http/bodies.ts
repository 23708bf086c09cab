import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsNotEmpty, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';

const MODES = ['telephone', 'in-person', 'video', 'message'] as const;
const WITH = ['patient', 'caregiver'] as const;
const OUTCOMES = ['reached', 'no-answer', 'left-message', 'wrong-number', 'declined'] as const;

export class CompleteTaskBody {
  @ApiProperty({ description: "One of the task's `outcomes`", example: 'reached' })
  @IsString()
  @MaxLength(60)
  outcome!: string;

  @ApiPropertyOptional({ maxLength: 2000, description: "For colleagues. It stays in care-plan's own rows." })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  note?: string;
}

export class RecordContactBody {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  patientId!: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'Absent: the follow-up of the last discharge before the contact' })
  @IsOptional()
  @IsUUID()
  episodeId?: string;

  @ApiProperty({ format: 'date-time', description: 'When it was tried, with Z or an offset' })
  @IsISO8601({ strict: true, strictSeparator: true })
  @Matches(/T.*(Z|[+-]\d{2}:\d{2})$/, { message: 'at has to be a date and time with Z or an offset' })
  at!: string;

  @ApiProperty({ enum: MODES })
  @IsIn(MODES)
  mode!: (typeof MODES)[number];

  @ApiProperty({ enum: WITH })
  @IsIn(WITH)
  with!: (typeof WITH)[number];

  @ApiProperty({ enum: OUTCOMES })
  @IsIn(OUTCOMES)
  outcome!: (typeof OUTCOMES)[number];

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(2000)
  note?: string;
}

export class StateRiskBody {
  @ApiProperty({ enum: ['standard', 'high'], description: '`high` brings the visit forward as the protocol says' })
  @IsIn(['standard', 'high'])
  risk!: 'standard' | 'high';
}
