import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiHeader, ApiProperty, ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@throughline/kernel/clock';
import { AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { Answer } from '@throughline/platform/http/answer';
import { canonicalJson } from '@throughline/platform/http/canonical-json';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import type { CommandShare } from '@throughline/platform/http/commands';
import { badField } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { NotStored, type IntakeTx, type Receiver } from '../../application/ports.js';
import type { Said } from '../../domain/said.js';
import { DischargeBody } from './discharge-body.js';
import { PrescriptionBody } from './prescription-body.js';
import { ReferralBody } from './referral-body.js';
import { dischargeSaid, NoIdentifier, prescriptionSaid, referralSaid, type BodyContext } from './translate-body.js';
import { unavailable } from './unavailable.js';

export const RECEIVER = Symbol('intake:receiver');
export const SEND_SETTINGS = Symbol('intake:send-settings');
export interface SendSettings extends Pick<BodyContext, 'defaultZone' | 'senders'> {
  readonly clock: Clock;
}

export class ReceivedBody {
  @ApiProperty({ description: 'Id of the message here: `GET /api/intake/inbound/{id}`', type: String, format: 'uuid' })
  inboundId!: string;
  @ApiProperty({ description: 'On every event and log line that follows from it', type: String, format: 'uuid' })
  correlationId!: string;
  @ApiProperty({ description: 'True when the same message was accepted before: nothing new comes of it', type: Boolean })
  repeat!: boolean;
}

@ApiTags('sending')
@Controller()
export class SendController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    @Inject(RECEIVER) private readonly receiver: Receiver<CommandShare, Answer<unknown>>,
    @Inject(SEND_SETTINGS) private readonly settings: SendSettings,
  ) {}

  /** A patient left hospital. Answered when it is durable; decided right after. */
  @Post('discharges')
  @HttpCode(202)
  @Allow('discharge:send')
  @AuditedChange('discharge')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Required from systems (role sender)' })
  @ApiAcceptedResponse({ type: ReceivedBody })
  discharge(@Body() body: DischargeBody, @Command() command: CommandRequest): Promise<Answer<ReceivedBody>> {
    return this.#send('discharge', body, (context) => dischargeSaid(body, context), command);
  }

  /** The patient takes, or shall take, a medicine. */
  @Post('prescriptions')
  @HttpCode(202)
  @Allow('prescription:send')
  @AuditedChange('prescription')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Required from systems (role sender)' })
  @ApiAcceptedResponse({ type: ReceivedBody })
  prescription(@Body() body: PrescriptionBody, @Command() command: CommandRequest): Promise<Answer<ReceivedBody>> {
    return this.#send('prescription', body, (context) => prescriptionSaid(body, context), command);
  }

  /** Somebody asks that a patient be looked after, without a discharge. */
  @Post('referrals')
  @HttpCode(202)
  @Allow('referral:send')
  @AuditedChange('referral')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Required from systems (role sender)' })
  @ApiAcceptedResponse({ type: ReceivedBody })
  referral(@Body() body: ReferralBody, @Command() command: CommandRequest): Promise<Answer<ReceivedBody>> {
    return this.#send('referral', body, (context) => referralSaid(body, context), command);
  }

  async #send(trigger: string, body: DischargeBody | PrescriptionBody | ReferralBody, translate: (context: BodyContext) => Said, command: CommandRequest): Promise<Answer<ReceivedBody>> {
    const { clock, ...settings } = this.settings;
    const receivedAt = clock.now().toISOString();
    const controlId = body.messageId ?? command.key ?? '';
    const said = this.#said(() => translate({ ...settings, receivedAt, controlId }));
    const arrival = { protocol: 'json' as const, raw: Buffer.from(canonicalJson(body), 'utf8'), sender: body.sender, controlId, trigger, receivedAt, traceparent: command.cause.traceparent, content: { said } };
    const { inboundId } = this.receiver.nameOf(arrival);
    try {
      const target = { patientIds: [], subject: inboundId, correlationId: inboundId };
      const answer = await this.runtime.commands.shared<ReceivedBody>(
        command,
        target,
        (share) => this.receiver.receiveOnce(share, arrival, ({ repeat }) => new Answer({ inboundId, correlationId: inboundId, repeat }, { status: 202 })) as Promise<Answer<ReceivedBody>>,
      );
      this.runtime.metrics.accepted.inc({ channel: 'rest', answer: 'AA' });
      return answer;
    } catch (error) {
      if (error instanceof NotStored) {
        this.runtime.metrics.accepted.inc({ channel: 'rest', answer: 'not-stored' });
        throw unavailable();
      }
      throw error;
    }
  }

  #said(translate: () => Said): Said {
    try {
      return translate();
    } catch (error) {
      if (error instanceof NoIdentifier) throw badField('patient.identifiers', 'none of them says who the patient is; send a medical record number (type MR)');
      throw error;
    }
  }
}
