import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsObject, IsOptional, IsString, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { MessageBody, StayBody } from './message-body.js';
import { IsInstant } from './person-body.js';

export class MedicineBody {
  @ApiProperty({ description: 'The medicine as the source wrote it', example: 'lisinopril 10 mg tablet', type: String })
  @IsString() @MinLength(1) @MaxLength(500)
  text!: string;

  @ApiPropertyOptional({ example: '314076', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(100)
  code?: string;

  @ApiPropertyOptional({ example: 'http://www.nlm.nih.gov/research/umls/rxnorm', type: String })
  @IsOptional() @IsString() @MaxLength(200)
  system?: string;
}

export class DoseBody {
  @ApiProperty({ example: '10', type: String })
  @IsString() @MinLength(1) @MaxLength(60)
  value!: string;

  @ApiPropertyOptional({ example: 'mg', type: String })
  @IsOptional() @IsString() @MaxLength(60)
  unit?: string;
}

export class PrescriptionBody extends MessageBody {
  @ApiPropertyOptional({ description: 'The stay it was prescribed in', type: () => StayBody })
  @IsOptional() @IsObject() @ValidateNested() @Type(() => StayBody)
  encounter?: StayBody;

  @ApiPropertyOptional({ description: 'The same order again is the same medication line', example: 'RX-1', type: String })
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200)
  orderId?: string;

  @ApiProperty({ type: () => MedicineBody })
  @IsDefined() @IsObject() @ValidateNested() @Type(() => MedicineBody)
  medicine!: MedicineBody;

  @ApiPropertyOptional({ type: () => DoseBody })
  @IsOptional() @IsObject() @ValidateNested() @Type(() => DoseBody)
  dose?: DoseBody;

  @ApiPropertyOptional({ example: 'PO', type: String })
  @IsOptional() @IsString() @MaxLength(100)
  route?: string;

  @ApiPropertyOptional({ description: 'Directions as the source wrote them', type: String })
  @IsOptional() @IsString() @MaxLength(2_000)
  directions?: string;

  @ApiPropertyOptional({ example: '2026-03-05T09:00:00-05:00', type: String, format: 'date-time' })
  @IsOptional() @IsInstant()
  prescribedAt?: string;
}
