import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsObject, IsOptional, IsString, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { PatientBody } from './person-body.js';

/** What every call says beside its fact: who sends it, and about whom. */
export class MessageBody {
  @ApiProperty({ description: 'The sending system', example: 'NORTHSHORE-EHR', type: String })
  @IsString() @MinLength(1) @MaxLength(200)
  sender!: string;

  @ApiPropertyOptional({ description: "The sender's own id of this message; left out: the Idempotency-Key", type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(199)
  messageId?: string;

  @ApiProperty({ type: () => PatientBody })
  @IsDefined() @IsObject() @ValidateNested() @Type(() => PatientBody)
  patient!: PatientBody;
}

/** The numbers that say which stay is meant. */
export class StayBody {
  @ApiPropertyOptional({ example: 'V700001', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  visitNumber?: string;

  @ApiPropertyOptional({ example: 'A700001', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  account?: string;
}
