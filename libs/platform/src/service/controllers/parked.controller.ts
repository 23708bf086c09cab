import { Body, Controller, Get, HttpCode, Inject, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { Audited, AuditedChange } from '../../audit/audited.js';
import { Allow } from '../../auth/allow.js';
import type { Answer } from '../../http/answer.js';
import { Command, type CommandRequest } from '../../http/command-request.js';
import type { CommandTarget } from '../../http/commands.js';
import { decodeCursor, PageQuery, toPage, type Page } from '../../http/paging.js';
import { notFound } from '../../http/problem.js';
import type { ParkedRow } from '../../runner/parked-rows.js';
import type { ParkedSummary, Replayed } from '../../runner/parking.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';
import { RUNTIME, type ServiceRuntime } from '../runtime.js';

class DiscardBody {
  @ApiProperty({ description: 'Why it is given up, for the record; no patient data', maxLength: 500 })
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  reason!: string;
}

const patientsOf = (row: ParkedRow): readonly string[] => row.keys.filter((key) => /^[0-9a-f-]{36}$/.test(key));

@ApiTags('operations')
@Controller('parked')
export class ParkedController {
  constructor(
    @Inject(PLATFORM) private readonly platform: PlatformParts,
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<never, unknown>,
  ) {}

  @Get()
  @Allow('parked:list')
  @ApiOperation({ summary: 'Messages and jobs set aside, in the order they came; without their content' })
  async list(@Query() query: PageQuery): Promise<Page<ParkedSummary>> {
    const [after] = decodeCursor(query.cursor, 1, { 0: 'number' }) ?? [0];
    const rows = await this.platform.parking.list({ after: Number(after), limit: query.limit + 1 });
    return toPage(rows, query.limit, (row) => [row.id], (row) => row);
  }

  @Get(':id')
  @Allow('parked:show')
  @Audited('parked', patientsOf)
  @ApiOperation({ summary: 'One of them, whole: patient data, and looking is audited' })
  async show(@Param('id', ParseIntPipe) id: number): Promise<ParkedRow> {
    const row = await this.platform.parking.show(id);
    if (!row) throw notFound('parked message');
    return row;
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Allow('parked:change')
  @AuditedChange('parked')
  @ApiOperation({ summary: 'Handles it again, and what was parked behind it in order, until one fails' })
  replay(@Param('id', ParseIntPipe) id: number, @Command() command: CommandRequest): Promise<Answer<Replayed>> {
    return this.runtime.commands.around(command, () => this.#target(id), async () => {
      const replayed = await this.platform.parking.replay(id);
      // Somebody else was faster.
      if (replayed.outcome === 'not-found') throw notFound('parked message');
      return replayed;
    });
  }

  @Post(':id/discard')
  @HttpCode(200)
  @Allow('parked:change')
  @AuditedChange('parked')
  @ApiOperation({ summary: 'Gives it up for good, kept for the record; what was parked behind it goes on' })
  discard(@Param('id', ParseIntPipe) id: number, @Body() body: DiscardBody, @Command() command: CommandRequest): Promise<Answer<{ readonly discarded: true }>> {
    return this.runtime.commands.around(command, () => this.#target(id), async () => {
      if (!(await this.platform.parking.discard(id, body.reason, command.actor.sub))) throw notFound('parked message');
      return { discarded: true as const };
    });
  }

  async #target(id: number): Promise<CommandTarget> {
    const row = await this.platform.parking.show(id);
    if (!row || row.state === 'discarded') throw notFound('parked message');
    return { patientIds: patientsOf(row), subject: String(id) };
  }
}
