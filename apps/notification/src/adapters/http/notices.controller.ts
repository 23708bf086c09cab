import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { Audited } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { decodeMoment, LimitQuery, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { READS, type Reads } from '../../application/ports.js';
import type { EmailPolicy } from '../../domain/email-policy.js';
import { ChannelList, MessagePage, messageView, NoticePage, noticeView, type MessageView, type NoticeView } from './views.js';

export const EMAIL_POLICY = Symbol('notification:email-policy');

class NoticesQuery extends LimitQuery {
  @ApiPropertyOptional({ type: 'integer', description: 'Number of the last notice you have' })
  @IsOptional()
  @Matches(/^\d{1,15}$/, { message: 'after has to be the number of a notice' })
  after?: string;
}

const STATES = ['planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled'] as const;

class MessagesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: STATES })
  @IsOptional()
  @IsIn(STATES)
  state?: (typeof STATES)[number];
}

@ApiTags('notices')
@ApiBearerAuth()
@Controller()
export class NoticesController {
  constructor(
    @Inject(READS) private readonly reads: Reads,
    @Inject(EMAIL_POLICY) private readonly email: EmailPolicy,
  ) {}

  @Get('notices')
  @Allow('notice:read')
  @Audited('notice', (page: Page<NoticeView>) => page.items.map((it) => it.patientId))
  @ApiOkResponse({ type: NoticePage })
  async notices(@Query() query: NoticesQuery): Promise<Page<NoticeView>> {
    const rows = await this.reads.noticesAfter(Number(query.after ?? 0), query.limit + 1);
    const shown = rows.slice(0, query.limit);
    return { items: shown.map(noticeView), nextCursor: rows.length > query.limit ? String(shown.at(-1)!.number) : null };
  }

  @Get('messages')
  @Allow('message:read')
  @Audited('message', (page: Page<MessageView>) => page.items.map((it) => it.patientId))
  @ApiOkResponse({ type: MessagePage })
  async messages(@Query() query: MessagesQuery): Promise<Page<MessageView>> {
    const rows = await this.reads.messages(query.state, decodeMoment(query.cursor), query.limit + 1);
    return toPage(rows, query.limit, (it) => [it.plannedAt, it.id], messageView);
  }

  /** What is switched on. Without a configured mail server the channel is off and says so. */
  @Get('channels')
  @Allow('notice:read')
  @Audited('channel', () => [])
  @ApiOkResponse({ type: ChannelList })
  channels(): ChannelList {
    const email = this.email.state === 'on' ? { state: 'on', on: this.email.reasons } : { state: 'off', reason: 'THROUGHLINE_SMTP_URL is not set' };
    return { items: [{ channel: 'in-app', state: 'on' }, { channel: 'email', ...email }], nextCursor: null };
  }
}
