import { Module } from '@nestjs/common';
import { PatientFactRow } from '@throughline/platform/patients/patient-fact.row';
import { PatientTable1767225599000 } from '@throughline/platform/patients/patient-table.migration';
import { Bell } from '@throughline/platform/runner/bell';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { EmailChannel } from './adapters/email/email-channel.js';
import { consumes } from './adapters/events/consumes.js';
import { recovers } from './adapters/events/recovers.js';
import { facts } from './adapters/postgres/facts.js';
import { NoticeFeed } from './adapters/http/notice-feed.js';
import { EMAIL_POLICY, NoticesController } from './adapters/http/notices.controller.js';
import { STREAM_LIMITS, StreamController } from './adapters/http/stream.controller.js';
import { jobs } from './adapters/jobs/jobs.js';
import { messageLedger, noticeLedger } from './adapters/postgres/ledger.js';
import { MessageRow } from './adapters/postgres/message.row.js';
import { CreateNotice1767225600003 } from './adapters/postgres/migrations/create-notice.js';
import { NoticeTraceparent1767225600010 } from './adapters/postgres/migrations/notice-traceparent.js';
import { NoticeRow } from './adapters/postgres/notice.row.js';
import { postgresReads } from './adapters/postgres/reads.js';
import { postgresTx } from './adapters/postgres/tx.js';
import { READS, type Tx } from './application/ports.js';
import { readServiceConfig, type Config } from './config.js';

@Module({})
class NotificationModule {}

/** Rung by the job of a message whose time has come; the sender of this process listens. A ring too many is one empty look. */
const knock = new Bell();

/** Tells coordinators: the numbered stream in the app, and e-mail to the team where a mail server is configured. */
export const notification: ServiceDefinition<'notification', Tx, Config> = {
  name: 'notification',
  entities: [PatientFactRow, NoticeRow, MessageRow],
  migrations: [PatientTable1767225599000, CreateNotice1767225600003, NoticeTraceparent1767225600010],
  config: readServiceConfig,
  tx: (unit, config) => postgresTx(unit, config.email, () => knock.ring()),
  consumes,
  recovers,
  facts,
  jobs,
  module: (runtime, config) => {
    const reads = postgresReads(runtime.read);
    const feed = new NoticeFeed(reads, (error) => runtime.logger.warn({ err: error }, 'the notice stream could not be read; it is tried again'));
    runtime.bell.listen(() => feed.ring());
    runtime.ledger.register('notice', noticeLedger);
    runtime.ledger.register('message', messageLedger);
    return {
      module: NotificationModule,
      controllers: [NoticesController, StreamController],
      providers: [
        { provide: READS, useValue: reads },
        { provide: NoticeFeed, useValue: feed },
        { provide: EMAIL_POLICY, useValue: config.email },
        { provide: STREAM_LIMITS, useValue: config.stream },
        ...(config.smtp ? [{ provide: EmailChannel, useValue: new EmailChannel(runtime, reads, knock, { ...config.smtp, consoleUrl: config.consoleUrl }) }] : []),
      ],
    };
  },
};
