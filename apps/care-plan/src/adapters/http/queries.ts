import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageQuery } from '@throughline/platform/http/paging';
import { IsIn, IsISO8601, IsNotEmpty, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';

const TASK_STATES = ['open', 'overdue', 'completed', 'withdrawn', 'all'] as const;
const YES_NO = ['yes', 'no'] as const;
const EPISODE_KINDS = ['transition', 'programme'] as const;
const EPISODE_STATES = ['open', 'paused', 'superseded', 'withdrawn', 'closed', 'all'] as const;

export class TasksQuery extends PageQuery {
  @ApiPropertyOptional({ enum: TASK_STATES, description: '`open` is any state that is not final, overdue included; `all` or nothing is every state' })
  @IsOptional()
  @IsIn(TASK_STATES)
  status?: (typeof TASK_STATES)[number];

  @ApiPropertyOptional({ format: 'uuid', description: 'Any id the patient is known under' })
  @IsOptional()
  @IsUUID()
  patient?: string;

  @ApiPropertyOptional({ example: 'care-coordination' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  team?: string;

  @ApiPropertyOptional({ description: '`sub` of whoever took the task on' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  assignee?: string;

  @ApiPropertyOptional({ enum: YES_NO, description: '`yes`: only tasks that are put aside just now; `no`: only those that are not' })
  @IsOptional()
  @IsIn(YES_NO)
  snoozed?: (typeof YES_NO)[number];

  @ApiPropertyOptional({ format: 'date-time', description: 'Only tasks due before this moment' })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  'due-before'?: string;
}

export class EpisodesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: EPISODE_STATES, description: '`paused`: the patient is back in hospital, so nothing is owed now and it does not count as open' })
  @IsOptional()
  @IsIn(EPISODE_STATES)
  status?: (typeof EPISODE_STATES)[number];

  @ApiPropertyOptional({ enum: EPISODE_KINDS, description: '`transition`: of a discharge; `programme`: of a referral; nothing: both' })
  @IsOptional()
  @IsIn(EPISODE_KINDS)
  kind?: (typeof EPISODE_KINDS)[number];

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  patient?: string;
}

export class PatientsQuery extends PageQuery {
  @ApiProperty({ description: 'The beginning of a name, of several, or of a record number', maxLength: 100 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  query!: string;
}
