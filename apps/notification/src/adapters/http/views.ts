import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PageOf } from '@throughline/platform/http/page-view';
import type { NumberedNotice } from '../../application/ports.js';
import type { Message } from '../../domain/message.js';

/** As in the stream: ids, codes, times and the step's label. No name. */
export class NoticeView {
  @ApiProperty({ type: 'integer', description: 'Rises with every notice; the stream resumes by it' })
  number!: number;

  @ApiProperty({ description: 'Type of the event it tells of', example: 'care.task.overdue.v1' })
  type!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ format: 'uuid' })
  taskId!: string;

  @ApiProperty({ format: 'uuid' })
  episodeId!: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The discharge it is about; absent: it is about a referral' })
  dischargeId?: string | undefined;

  @ApiPropertyOptional({ format: 'uuid', description: 'The referral it is about' })
  referralId?: string | undefined;

  @ApiProperty({ format: 'uuid' })
  patientId!: string;

  @ApiProperty({ enum: ['open', 'overdue', 'completed', 'withdrawn', 'message-failed', 'message-unknown'] })
  status!: string;

  @ApiProperty({ format: 'date-time' })
  dueAt!: string;

  @ApiProperty({ description: "The protocol step's label" })
  label!: string;

  @ApiProperty()
  team!: string;

  @ApiPropertyOptional()
  assignee?: string | undefined;

  @ApiPropertyOptional()
  escalatedTo?: string | undefined;

  @ApiProperty()
  backdated!: boolean;

  @ApiProperty()
  correlationId!: string;
}

export class NoticePage extends PageOf(NoticeView, 'Give it as `after`; null when there is none newer') {}

export class MessageView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['email'] })
  channel!: 'email';

  @ApiProperty({ enum: ['planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled'], description: '`unknown`: the connection broke after sending began. It is never sent again by itself: a person decides.' })
  state!: Message['state'];

  @ApiProperty({ enum: ['task', 'digest'] })
  kind!: Message['kind'];

  @ApiProperty({ enum: ['opened', 'overdue', 'escalated'] })
  reason!: string;

  @ApiProperty({ format: 'uuid' })
  patientId!: string;

  @ApiProperty({ format: 'uuid' })
  taskId!: string;

  @ApiProperty()
  team!: string;

  @ApiProperty({ format: 'date-time' })
  plannedAt!: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'When it will be sent' })
  dueAt?: string | undefined;

  @ApiPropertyOptional({ format: 'date-time', description: 'When it came to rest' })
  at?: string | undefined;

  @ApiProperty({ type: 'integer', description: 'Times a connection was opened for it' })
  attempts!: number;

  @ApiPropertyOptional({ description: 'A code: why it failed or was cancelled' })
  why?: string | undefined;

  @ApiPropertyOptional({ format: 'uuid', description: 'First part of the Message-ID, to ask the mail server by' })
  envelopeId?: string | undefined;

  @ApiProperty()
  correlationId!: string;
}

export class MessagePage extends PageOf(MessageView) {}

export class ChannelView {
  @ApiProperty({ enum: ['in-app', 'email'] })
  channel!: string;

  @ApiProperty({ enum: ['on', 'off'] })
  state!: string;

  @ApiPropertyOptional({ description: 'Why it is off' })
  reason?: string;

  @ApiPropertyOptional({ type: [String], description: 'What the team is written to about' })
  on?: readonly string[];
}

export class ChannelList extends PageOf(ChannelView) {}

export const noticeView = ({ id: _id, traceparent: _traceparent, ...notice }: NumberedNotice): NoticeView => notice;

export const messageView = (message: Message): MessageView => ({
  id: message.id,
  channel: 'email',
  state: message.state,
  kind: message.kind,
  reason: message.reason,
  patientId: message.patientId,
  taskId: message.task.taskId,
  team: message.task.team,
  plannedAt: message.plannedAt,
  dueAt: message.state === 'planned' ? message.dueAt : undefined,
  at: 'at' in message ? message.at : undefined,
  attempts: message.attempts,
  why: 'why' in message ? message.why : undefined,
  envelopeId: 'envelopeId' in message ? message.envelopeId : undefined,
  correlationId: message.correlationId,
});
