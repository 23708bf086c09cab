import { Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditedChange } from '../../audit/audited.js';
import { Allow, EvenWhenShut } from '../../auth/allow.js';
import type { Answer } from '../../http/answer.js';
import { Command, type CommandRequest } from '../../http/command-request.js';
import { decodeCursor, encodeCursor, PageQuery, type Page } from '../../http/paging.js';
import { Problem } from '../../http/problem.js';
import type { RecoveryView } from '../../recovery/recovery.js';
import type { ListedLoss } from '../../recovery/recovery-rows.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';

@ApiTags('operations')
@Controller('recovery')
export class RecoveryController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Get()
  @EvenWhenShut()
  @Allow('recovery:read')
  @ApiOperation({ summary: 'Whether the database is an older copy than what this service published, and how its recovery stands' })
  show(): Promise<RecoveryView> {
    return this.platform.read((sql) => this.platform.recovery.view(sql));
  }

  @Post()
  @HttpCode(202)
  @EvenWhenShut()
  @Allow('recovery:begin')
  @AuditedChange('recovery')
  @ApiOperation({ summary: "The operator's word that the database was put back to an older copy on purpose: the service applies its own facts again, reads on, and opens" })
  begin(@Command() command: CommandRequest): Promise<Answer<RecoveryView>> {
    const { recovery, commands } = this.platform;
    return commands.run(command, { patientIds: [], subject: 'recovery' }, async ({ sql }) => {
      const { state } = await recovery.view(sql);
      if (state === 'not-needed') throw new Problem(409, 'nothing-to-recover', 'Nothing to recover', 'The database holds everything that this service published. There is nothing to do.');
      await recovery.begin(sql, command.actor.sub, command.cause.correlationId);
      return recovery.view(sql);
    });
  }

  @Get('losses')
  @EvenWhenShut()
  @Allow('recovery:read')
  @ApiOperation({ summary: 'What the newest recovery could not have again: ids, and what is missing; no content' })
  losses(@Query() { cursor, limit }: PageQuery): Promise<Page<ListedLoss>> {
    const [after = 0] = decodeCursor(cursor, 1, { 0: 'number' }) ?? [];
    return this.platform.read(async (sql) => {
      const { last } = await this.platform.recovery.view(sql);
      const items = last ? await this.platform.recovery.losses(sql, last.id, Number(after), limit) : [];
      return { items, nextCursor: items.length === limit ? encodeCursor([items.at(-1)!.id]) : null };
    });
  }
}
