import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AuditedChange } from '../../audit/audited.js';
import { Allow } from '../../auth/allow.js';
import type { Answer } from '../../http/answer.js';
import { Command, type CommandRequest } from '../../http/command-request.js';
import { decodeCursor, encodeCursor } from '../../http/paging.js';
import { badField } from '../../http/problem.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';

class RepublishBody {
  @ApiPropertyOptional({ description: 'One type of event; all that the service publishes when it is left out', example: 'care.task.opened.v1' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  type?: string;

  @ApiPropertyOptional({ description: '`nextCursor` of the answer before; leave out to begin' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;
}

interface RepublishAnswer {
  readonly looked: number;
  readonly published: number;
  readonly nextCursor: string | null;
}

const PAGE = 200;

@ApiTags('operations')
@Controller('facts')
export class FactsController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Post('republish')
  @HttpCode(200)
  @Allow('fact:republish')
  @AuditedChange('fact')
  @ApiOperation({ summary: 'States current facts again, at the versions they have, a page at a time: for a consumer that is new or whose topic was lost' })
  republish(@Body() { type, cursor }: RepublishBody, @Command() command: CommandRequest): Promise<Answer<RepublishAnswer>> {
    const { factTypes } = this.platform;
    if (type !== undefined && !factTypes.includes(type)) throw badField('type', `has to be a type that this service publishes: ${factTypes.join(', ')}`);
    const [kind, id] = decodeCursor(cursor, 2, { 0: 'number', 1: 'uuid' }) ?? [];
    const after = kind == null || id == null ? undefined : ([Number(kind), String(id)] as const);
    return this.platform.commands.around(command, () => Promise.resolve({ patientIds: [], subject: type ?? 'all' }), async () => {
      const { looked, published, next } = await this.platform.republish(command.cause, type, after, PAGE);
      return { looked, published, nextCursor: next ? encodeCursor(next) : null };
    });
  }
}
