import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsUUID, Matches } from 'class-validator';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { requireVersion } from '@throughline/platform/http/if-match';
import { decodeMoment, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { badField, notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { instantOf } from '@throughline/kernel/business-time';
import { bookFollowUp } from '../../application/book-follow-up.js';
import { READS, type Reads, type Tx } from '../../application/ports.js';
import { BookedView, FollowUpPage, followUpView, type FollowUpView } from './views.js';

class FollowUpsQuery extends PageQuery {
  @ApiPropertyOptional({ enum: ['requested', 'booked', 'withdrawn'] })
  @IsOptional()
  @IsIn(['requested', 'booked', 'withdrawn'])
  status?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  patient?: string;
}

const MODES = ['in-person', 'video', 'telephone'] as const;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

class BookBody {
  @ApiProperty({ format: 'date-time', description: 'With its offset: a time without one is nobody\'s' })
  @Matches(RFC3339, { message: 'at has to be a time with its offset, such as 2026-03-10T14:00:00Z' })
  at!: string;

  @ApiProperty({ enum: MODES })
  @IsIn(MODES)
  mode!: (typeof MODES)[number];

  @ApiPropertyOptional({ description: 'True to book outside the window knowingly' })
  @IsOptional()
  @IsBoolean()
  outsideWindow?: boolean;
}

/** One spelling of the moment; a date that no calendar has is the caller's to correct. */
const momentOf = (at: string): string => {
  try {
    return instantOf(at);
  } catch {
    throw badField('at', 'is not a moment that exists: check day, hour and offset');
  }
};

@ApiTags('follow-ups')
@ApiBearerAuth()
@Controller('follow-ups')
export class FollowUpsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'scheduling', Tx>,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Get()
  @Allow('follow-up:read')
  @Audited('follow-up', (page: Page<FollowUpView>) => page.items.map((it) => it.patient.id))
  @ApiOkResponse({ type: FollowUpPage })
  async list(@Query() query: FollowUpsQuery): Promise<Page<FollowUpView>> {
    const after = decodeMoment(query.cursor);
    const rows = await this.reads.followUps({ status: query.status, patient: query.patient }, after, query.limit + 1);
    return toPage(rows, query.limit, ({ followUp }) => [followUp.window.dueAt, followUp.id], followUpView);
  }

  @Post(':id/book')
  @HttpCode(200)
  @Allow('follow-up:book')
  @AuditedChange('follow-up')
  @ApiOkResponse({ type: BookedView })
  async book(@Param('id', ParseUUIDPipe) id: string, @Body() body: BookBody, @Command() command: CommandRequest): Promise<Answer<BookedView>> {
    const at = momentOf(body.at);
    const seen = await this.reads.followUp(id);
    if (!seen) throw notFound('follow-up');
    const { patientId, correlationId } = seen.followUp;
    return this.runtime.commands.run(command, { patientIds: [patientId], subject: id, correlationId }, async (tx) => {
      const current = await tx.followUps.get(patientId, id);
      requireVersion(command, current?.version ?? 0);
      const booked = await bookFollowUp({ followUpId: id, patientId, at, mode: body.mode, by: command.actor.sub, outsideWindow: body.outsideWindow ?? false }, tx);
      return answer({ id, version: booked.version, status: booked.status }, { version: booked.version });
    });
  }
}
