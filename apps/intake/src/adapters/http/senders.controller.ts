import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow } from '@throughline/platform/auth/allow';
import { PageOf } from '@throughline/platform/http/page-view';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { SENDER_READS, SENDER_RULES, senderState, type SenderReads, type SenderRules, type SenderSeen } from '../../application/sender-reads.js';
import type { SenderState } from '../../domain/sender-rhythm.js';

class SenderCountsShape {
  @ApiProperty({ type: Number }) AA!: number;
  @ApiProperty({ type: Number }) AE!: number;
  @ApiProperty({ type: Number }) AR!: number;
  @ApiProperty({ type: Number, description: 'How often messages of that time came again' }) repeats!: number;
}

class SenderShape {
  @ApiProperty({ type: String, description: '`MSH-3|MSH-4`, or the `sender` of a REST call; `?`: the header could not be read' }) sender!: string;
  @ApiProperty({ enum: ['new', 'steady', 'silent', 'gone'], description: 'new: too little is known to judge it; gone: nothing for four weeks' }) state!: SenderState;
  @ApiProperty({ type: String, format: 'date-time' }) firstMessageAt!: string;
  @ApiProperty({ type: String, format: 'date-time', description: 'The last one that was new: repeats are not counted' }) lastMessageAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Its last message, when its silence is more than twice the usual' }) silentSince!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Seconds: the silence that is usual in this hour of the week, or in general' }) usualGapSeconds!: number | null;
  @ApiProperty({ enum: ['hour-of-week', 'overall'], nullable: true }) usualGapBy!: string | null;
  @ApiProperty({ type: SenderCountsShape, description: 'New messages since midnight, by how they stand answered' }) today!: SenderCountsShape;
  @ApiProperty({ type: SenderCountsShape, description: 'Those of the last seven days' }) week!: SenderCountsShape;
  @ApiProperty({ type: Number, description: 'In quarantine now, however long' }) quarantined!: number;
}

class SenderPage extends PageOf(SenderShape) {
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Up to when messages are counted; every minute' })
  countedAt!: string | null;
}

@ApiTags('senders')
@Controller('senders')
export class SendersController {
  constructor(
    @Inject(SENDER_READS) private readonly reads: SenderReads,
    @Inject(SENDER_RULES) private readonly rules: SenderRules,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Who sends, how much, how it was answered, and who has fallen silent; by name, no content' })
  @ApiOkResponse({ type: SenderPage })
  @Allow('inbound:list')
  async list(@Query() query: PageQuery): Promise<Page<SenderShape> & { readonly countedAt: string | null }> {
    const [after] = decodeCursor(query.cursor, 1) ?? [];
    const { at, senders } = await this.reads.list(after == null ? undefined : String(after), query.limit + 1, this.rules.zone);
    return { ...toPage(senders, query.limit, ({ sender }) => [sender], (one) => this.#view(one, at!)), countedAt: at?.toISOString() ?? null };
  }

  #view(one: SenderSeen, at: Date): SenderShape {
    const { sender, rhythm, firstAt, lastAt, today, week, quarantined } = one;
    const state = senderState(one, at, this.rules);
    const lastMessageAt = lastAt.toISOString();
    const usual = rhythm.by === 'new' ? { usualGapSeconds: null, usualGapBy: null } : { usualGapSeconds: Math.round(rhythm.gap / 1_000), usualGapBy: rhythm.by };
    return { sender, state, firstMessageAt: firstAt.toISOString(), lastMessageAt, silentSince: state === 'silent' ? lastMessageAt : null, ...usual, today, week, quarantined };
  }
}
