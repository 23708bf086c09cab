import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { AuditedChange } from '../../audit/audited.js';
import { Allow } from '../../auth/allow.js';
import type { Answer } from '../../http/answer.js';
import { Command, type CommandRequest } from '../../http/command-request.js';
import type { Page } from '../../http/paging.js';
import { badField } from '../../http/problem.js';
import { OutsideLog, type PositionMove } from '../../runner/reset-positions.js';
import type { PositionView } from '../positions-view.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';

class ResetBody {
  @ApiProperty({ description: 'A topic that this service reads', example: 'intake' })
  @IsString()
  @IsNotEmpty()
  topic!: string;

  @ApiPropertyOptional({ description: 'One partition; all of the topic when it is left out' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  partition?: number;

  @ApiProperty({ description: '`earliest` (read again what the log still holds: nothing is done twice), `latest` (skip what stands there, for good), or an offset', example: 'earliest' })
  @IsString()
  @Matches(/^(earliest|latest|\d{1,15})$/, { message: 'to has to be earliest, latest or an offset' })
  to!: string;
}

@ApiTags('operations')
@Controller('positions')
export class PositionsController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Get()
  @Allow('position:read')
  @ApiOperation({ summary: 'How far each topic is read, and whether the log agrees with the position' })
  async list(): Promise<Page<PositionView>> {
    return { items: await this.platform.positions(), nextCursor: null };
  }

  @Post('reset')
  @HttpCode(200)
  @Allow('position:change')
  @AuditedChange('position')
  @ApiOperation({ summary: "Where a topic is read from now on: the operator's word on a topic that was made anew or whose retention passed the position" })
  reset(@Body() { topic, partition, to }: ResetBody, @Command() command: CommandRequest): Promise<Answer<{ readonly items: readonly PositionMove[] }>> {
    const topics = this.platform.topics();
    if (!topics.includes(topic)) throw badField('topic', `has to be a topic that this service reads: ${topics.join(', ') || 'it reads none'}`);
    const where = to === 'earliest' || to === 'latest' ? to : Number(to);
    const subject = partition === undefined ? topic : `${topic}/${partition}`;
    return this.platform.commands.run(command, { patientIds: [], subject }, async ({ sql }) => {
      try {
        return { items: await this.platform.resetPositions(sql, topic, where, partition) };
      } catch (error) {
        throw error instanceof OutsideLog ? badField(partition === undefined ? 'to' : 'partition', error.message) : error;
      }
    });
  }
}
