import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import type { Tx } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import { recordContact } from '../../application/record-contact.js';
import { RecordContactBody } from './bodies.js';
import { ContactRecordedShape } from './shapes.js';

interface ContactRecorded {
  readonly id: string;
  readonly version: number;
  readonly patientId: string;
  readonly outcome: string;
}

@ApiTags('contacts')
@Controller('contacts')
export class ContactsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'care-plan', Tx>,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: 'Attest that the patient or a caregiver was, or could not be, reached' })
  @ApiCreatedResponse({ type: ContactRecordedShape })
  @Allow('contact:record')
  @AuditedChange('contact')
  async record(@Body() body: RecordContactBody, @Command() command: CommandRequest): Promise<Answer<ContactRecorded>> {
    if (!(await this.reads.patient(body.patientId))) throw notFound('patient');
    const { patientId, episodeId, at, mode, outcome, note } = body;
    return this.runtime.commands.run(command, { patientIds: [patientId], subject: command.id }, async (tx) => {
      const contact = await recordContact({ patientId, ...(episodeId ? { episodeId } : {}), at, mode, with: body.with, outcome, ...(note ? { note } : {}) }, tx);
      return answer({ id: contact.contactId, version: contact.version, patientId: contact.patientId, outcome }, { status: 201, version: contact.version });
    });
  }
}
