import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsInt, IsISO8601, IsNotEmpty, IsOptional, IsString, IsUUID, Matches, MaxLength, Min, ValidateIf, ValidateNested } from 'class-validator';
import { SNOOZE_REASONS, type SnoozeReason } from '../../domain/snooze.js';

const MODES = ['telephone', 'in-person', 'video', 'message'] as const;
const WITH = ['patient', 'caregiver'] as const;
const OUTCOMES = ['reached', 'no-answer', 'left-message', 'wrong-number', 'declined'] as const;

/** Tasks that one request can complete: their patients' streams are held together. */
const MOST_AT_ONCE = 100;

const Note = (): PropertyDecorator =>
  applyDecorators(ApiPropertyOptional({ maxLength: 2000, description: "For colleagues. It stays in care-plan's own rows." }), IsOptional(), IsString(), IsNotEmpty(), MaxLength(2000));

const Moment = (field: string, description: string): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ format: 'date-time', description: `${description}, with Z or an offset` }),
    IsISO8601({ strict: true, strictSeparator: true }),
    Matches(/T.*(Z|[+-]\d{2}:\d{2})$/, { message: `${field} has to be a date and time with Z or an offset` }),
  );

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

  @ApiPropertyOptional({ format: 'uuid', description: 'Absent: the follow-ups of the last discharge and of the last referral before the contact' })
  @IsOptional()
  @IsUUID()
  episodeId?: string;

  @Moment('at', 'When it was tried')
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

  @Note()
  note?: string;
}

export class AssignTaskBody {
  @ApiProperty({ type: String, nullable: true, example: 'nina.nurse', description: '`sub` of one of `GET /colleagues`; null gives it back to its team' })
  @ValidateIf((body: AssignTaskBody) => body.assignee !== null)
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  assignee!: string | null;
}

export class SnoozeTaskBody {
  @Moment('until', "No later than the task's `snoozeLimit`: its due time, or a few hours from now when it is late")
  until!: string;

  @ApiProperty({ enum: SNOOZE_REASONS })
  @IsIn(SNOOZE_REASONS)
  reason!: SnoozeReason;

  @Note()
  note?: string;
}

class SeenTask {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  id!: string;

  @ApiProperty({ type: 'integer', description: 'The version that was seen: another one is not completed' })
  @IsInt()
  @Min(1)
  version!: number;
}

export class CompleteTasksBody {
  @ApiProperty({ type: [SeenTask], maxItems: MOST_AT_ONCE })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_AT_ONCE)
  @ArrayUnique((task: SeenTask | null) => task?.id, { message: 'tasks has one of them twice' })
  @ValidateNested({ each: true })
  @Type(() => SeenTask)
  tasks!: SeenTask[];

  @ApiProperty({ description: 'One that all of them allow', example: 'received' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(60)
  outcome!: string;

  @Note()
  note?: string;
}

export class StateRiskBody {
  @ApiProperty({ enum: ['standard', 'high'], description: '`high` brings the visit forward as the protocol says' })
  @IsIn(['standard', 'high'])
  risk!: 'standard' | 'high';
}
