import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsIn, IsObject, IsOptional, IsString, IsTimeZone, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { MessageBody } from './message-body.js';
import { IsInstant } from './person-body.js';

const BY = ['clinician', 'payer', 'community', 'patient'] as const;
const URGENCIES = ['routine', 'urgent'] as const;

export class ReasonBody {
  @ApiPropertyOptional({ example: 'E11.9', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(100)
  code?: string;

  @ApiPropertyOptional({ example: 'http://hl7.org/fhir/sid/icd-10-cm', type: String })
  @IsOptional() @IsString() @MaxLength(200)
  system?: string;

  @ApiPropertyOptional({ example: 'New diagnosis: type 2 diabetes', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(500)
  text?: string;
}

export class ReferralDetailsBody {
  @ApiPropertyOptional({ description: "The sender's number of it: the same again is the same referral", type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(199)
  number?: string;

  @ApiProperty({ description: 'Who asks', enum: BY })
  @IsIn(BY)
  by!: (typeof BY)[number];

  @ApiPropertyOptional({ description: 'When it was asked; left out: now', example: '2026-03-05T11:20:00-05:00', type: String, format: 'date-time' })
  @IsOptional() @IsInstant()
  referredAt?: string;

  @ApiPropertyOptional({ description: 'IANA time zone that the deadlines are counted in; left out: the configured one', example: 'America/New_York', type: String })
  @IsOptional() @IsTimeZone()
  zone?: string;

  @ApiPropertyOptional({ description: 'What for', type: () => ReasonBody })
  @IsOptional() @IsObject() @ValidateNested() @Type(() => ReasonBody)
  reason?: ReasonBody;

  @ApiPropertyOptional({ description: 'The programme asked for', example: 'diabetes', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  programme?: string;

  @ApiPropertyOptional({ enum: URGENCIES })
  @IsOptional() @IsIn(URGENCIES)
  urgency?: (typeof URGENCIES)[number];
}

export class ReferralBody extends MessageBody {
  @ApiProperty({ type: () => ReferralDetailsBody })
  @IsDefined() @IsObject() @ValidateNested() @Type(() => ReferralDetailsBody)
  referral!: ReferralDetailsBody;
}
