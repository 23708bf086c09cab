import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsDefined, IsObject, IsOptional, IsString, IsTimeZone, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { MessageBody, StayBody } from './message-body.js';
import { CodeBody, IsInstant } from './person-body.js';

export class FacilityBody {
  @ApiProperty({ example: 'NORTHSHORE', type: String })
  @IsString() @MinLength(1) @MaxLength(200)
  code!: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional() @IsString() @MaxLength(200)
  name?: string;
}

export class EncounterBody extends StayBody {
  @ApiPropertyOptional({ description: 'HL7 table 0004 or FHIR v3 ActCode', example: 'I', type: String })
  @IsOptional() @IsString() @MaxLength(60)
  class?: string;

  @ApiProperty({ type: () => FacilityBody })
  @IsDefined() @IsObject() @ValidateNested() @Type(() => FacilityBody)
  facility!: FacilityBody;

  @ApiPropertyOptional({ description: 'IANA time zone that the deadlines are counted in; left out: the configured one', example: 'America/New_York', type: String })
  @IsOptional() @IsTimeZone()
  facilityZone?: string;

  @ApiPropertyOptional({ example: '2026-03-02T08:15:00-05:00', type: String, format: 'date-time' })
  @IsOptional() @IsInstant()
  admittedAt?: string;
}

export class DischargeBody extends MessageBody {
  @ApiProperty({ type: () => EncounterBody })
  @IsDefined() @IsObject() @ValidateNested() @Type(() => EncounterBody)
  encounter!: EncounterBody;

  @ApiProperty({ example: '2026-03-05T11:20:00-05:00', type: String, format: 'date-time' })
  @IsInstant()
  dischargedAt!: string;

  @ApiPropertyOptional({ description: 'NUBC UB-04 discharge status or FHIR discharge-disposition', example: '01', type: String })
  @IsOptional() @IsString() @MaxLength(100)
  disposition?: string;

  @ApiPropertyOptional({ description: 'Where the patient went', type: String })
  @IsOptional() @IsString() @MaxLength(200)
  destination?: string;

  @ApiPropertyOptional({ type: () => [CodeBody] })
  @IsOptional() @IsArray() @ArrayMaxSize(200) @ValidateNested({ each: true }) @Type(() => CodeBody)
  diagnoses?: CodeBody[];
}
