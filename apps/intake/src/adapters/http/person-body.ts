import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsISO8601, IsOptional, IsString, IsTimeZone, Matches, MaxLength, MinLength, ValidateBy, ValidateNested,
} from 'class-validator';

const INSTANT = /^(?:18[5-9]|19\d|20\d|21\d)\d-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const NO_INSTANT = { message: '$property has to be an ISO 8601 time with an offset, such as 2026-03-05T11:20:00-05:00' };

/** A point in time. A local time without an offset is not one, nor is a day that the calendar does not have. */
export const IsInstant = (): PropertyDecorator => (target, key) => {
  IsISO8601({ strict: true }, NO_INSTANT)(target, key);
  ValidateBy({ name: 'isInstant', validator: { validate: (value) => typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value)), defaultMessage: () => NO_INSTANT.message } })(target, key);
};

export class IdentifierBody {
  @ApiProperty({ description: 'The number itself', example: '700001', type: String })
  @IsString() @MinLength(1) @MaxLength(200)
  value!: string;

  @ApiPropertyOptional({ description: 'Who gave it; left out: the sender', example: 'NSH', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  authority?: string;

  @ApiPropertyOptional({ description: 'HL7 table 0203; left out: a medical record number', example: 'MR', type: String })
  @IsOptional() @IsString() @MaxLength(20)
  type?: string;
}

export class PatientBody {
  @ApiProperty({ type: () => [IdentifierBody], description: 'Every number that says who this is; SSN and account numbers match no one' })
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(50) @ValidateNested({ each: true }) @Type(() => IdentifierBody)
  identifiers!: IdentifierBody[];

  @ApiPropertyOptional({ example: 'Testperson', type: String })
  @IsOptional() @IsString() @MaxLength(200)
  family?: string;

  @ApiPropertyOptional({ example: 'Avery', type: String })
  @IsOptional() @IsString() @MaxLength(200)
  given?: string;

  @ApiPropertyOptional({ example: '1951-04-07', type: String, format: 'date' })
  @IsOptional() @Matches(/^(?:18[5-9]|19\d|20\d|21\d)\d-\d{2}-\d{2}$/, { message: 'birthDate has to be a date such as 1951-04-07' }) @IsISO8601({ strict: true }, { message: 'birthDate is not a day of the calendar' })
  birthDate?: string;

  @ApiPropertyOptional({ description: 'HL7 table 0001', example: 'F', type: String })
  @IsOptional() @IsString() @MaxLength(20)
  sex?: string;

  @ApiPropertyOptional({ example: '555-0100', type: String })
  @IsOptional() @IsString() @MaxLength(60)
  phone?: string;

  @ApiPropertyOptional({ description: 'BCP 47 or ISO 639', example: 'en', type: String })
  @IsOptional() @IsString() @MaxLength(60)
  language?: string;

  @ApiPropertyOptional({ description: 'IANA time zone of the home', example: 'America/New_York', type: String })
  @IsOptional() @IsTimeZone()
  zone?: string;

  @ApiPropertyOptional({ type: Boolean })
  @IsOptional() @IsBoolean()
  deceased?: boolean;
}

export class CodeBody {
  @ApiProperty({ example: 'I50.9', type: String })
  @IsString() @MinLength(1) @MaxLength(100)
  code!: string;

  @ApiPropertyOptional({ example: 'http://hl7.org/fhir/sid/icd-10-cm', type: String })
  @IsOptional() @IsString() @MaxLength(200)
  system?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional() @IsString() @MaxLength(500)
  display?: string;
}
