import { type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import { recovers } from './adapters/events/recovers.js';
import { facts } from './adapters/postgres/facts.js';
import { answerFrames } from './adapters/hl7v2/answer-frame.js';
import { MAX_MESSAGE_BYTES } from './adapters/hl7v2/er7.js';
import { MllpListener } from './adapters/hl7v2/mllp-listener.js';
import { readAgain } from './adapters/hl7v2/read-again.js';
import { InboundController } from './adapters/http/inbound.controller.js';
import { PatientsController } from './adapters/http/patients.controller.js';
import { RECEIVER, SEND_SETTINGS, SendController, type SendSettings } from './adapters/http/send.controller.js';
import { DischargeRow } from './adapters/postgres/discharge.row.js';
import { DocumentRow } from './adapters/postgres/document.row.js';
import { EncounterRow } from './adapters/postgres/encounter.row.js';
import { IdentifierRow } from './adapters/postgres/identifier.row.js';
import { IdentityResolver } from './adapters/postgres/identity-resolver.js';
import { INBOUND, inboundMessage, readInbound, undecided } from './adapters/postgres/inbound-log.js';
import { inboundLedger } from './adapters/postgres/inbound-ledger.js';
import { InboundOutcomeRow } from './adapters/postgres/inbound-outcome.row.js';
import { PostgresIntakeTx } from './adapters/postgres/intake-tx.js';
import { CreateIntake1767225600001 } from './adapters/postgres/migrations/create-intake.migration.js';
import { InboundTraceparent1767225600010 } from './adapters/postgres/migrations/inbound-traceparent.migration.js';
import { Document1767225600020 } from './adapters/postgres/migrations/document.migration.js';
import { InboundReplayedAs1767225600021 } from './adapters/postgres/migrations/inbound-replayed-as.migration.js';
import { PatientRow } from './adapters/postgres/patient.row.js';
import { PostgresReads } from './adapters/postgres/postgres-reads.js';
import { PostgresReceiver } from './adapters/postgres/postgres-receiver.js';
import { PrescriptionRow } from './adapters/postgres/prescription.row.js';
import { decideInbound } from './application/decide-inbound.js';
import { READ_AGAIN, type Accepted, type IntakeTx } from './application/ports.js';
import { READS } from './application/reads.js';
import { readIntakeConfig, type IntakeConfig } from './config.js';

type Runtime = ServiceRuntime<'intake', IntakeTx>;

/** Listens when the service is up, and stops before the database goes: what was read whole is still answered. */
class Mllp implements OnModuleInit, OnApplicationShutdown {
  readonly #listener: MllpListener;

  constructor(
    private readonly runtime: Runtime,
    private readonly config: IntakeConfig,
    private readonly receiver: PostgresReceiver,
  ) {
    const { logger, clock, metrics, traces } = runtime;
    const { facilityZone: defaultZone } = config;
    const rules = { senders: config.senders ?? {}, onlyKnown: config.onlyKnownSenders };
    // From 0 on: an alert on a rise does not see the step with which a series begins.
    for (const answer of ['AA', 'AE', 'AR', 'not-stored']) metrics.accepted.inc({ channel: 'mllp', answer }, 0);
    const answer = answerFrames({
      receiver, clock, defaultZone, rules, traces,
      told: ({ inboundId, tookMs, trigger, ...read }, error) => {
        // `ADT_A03`: a caret does not pass as a code.
        const line = { ...read, ...(trigger === undefined ? {} : { trigger: trigger.replace('^', '_') }) };
        metrics.accepted.inc({ channel: 'mllp', answer: line.answer });
        metrics.mllpAckSeconds.observe(tookMs / 1_000);
        if (error === undefined) logger.info({ ...line, inboundId, correlationId: inboundId }, 'message answered');
        else logger.error({ ...line, err: error }, 'message not stored');
      },
    });
    const { mllpTlsKey: key, mllpTlsCert: cert, mllpTlsClientCa: ca } = config;
    this.#listener = new MllpListener(
      {
        host: config.mllpHost, port: config.mllpPort, maxConnections: config.mllpConnections, maxFrameBytes: MAX_MESSAGE_BYTES,
        idleMs: config.mllpIdleSeconds * 1_000, stallMs: config.mllpStallSeconds * 1_000, frameMs: config.mllpFrameSeconds * 1_000,
        tls: key && cert ? { key, cert, ...(ca ? { ca, requestCert: true, rejectUnauthorized: true } : {}) } : undefined,
      },
      answer,
      {
        refused: (why) => logger.warn({ why }, 'MLLP connection refused or cut'),
        failed: (error) => logger.error({ err: error }, 'MLLP listener failed'),
      },
    );
    runtime.health.register('mllp', () => (this.#listener.listening ? null : 'the MLLP listener does not listen'));
  }

  async onModuleInit(): Promise<void> {
    const port = await this.#listener.start();
    this.runtime.logger.info({ host: this.config.mllpHost, port, tls: this.config.mllpTlsKey !== undefined }, 'listening for HL7 v2 over MLLP');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#listener.stop();
    await this.receiver.idle();
  }
}

class IntakeModule {}

/** What hospitals send: kept to the byte, read, and stated as facts about patients, stays, discharges and medicines. */
export const intake: ServiceDefinition<'intake', IntakeTx, IntakeConfig> = {
  name: 'intake',
  entities: [PatientRow, IdentifierRow, EncounterRow, DischargeRow, PrescriptionRow, DocumentRow, InboundOutcomeRow],
  migrations: [CreateIntake1767225600001, InboundTraceparent1767225600010, Document1767225600020, InboundReplayedAs1767225600021],
  config: readIntakeConfig,
  tx: (unit, config) => new PostgresIntakeTx(unit, config.followUp, config.followUp.summaryKinds),
  consumes: {},
  recovers,
  facts,
  jobs: {},
  logs: (config) => {
    const resolver = new IdentityResolver(config.namespace);
    return [
      {
        name: INBOUND,
        read: readInbound,
        message: inboundMessage,
        resolver,
        handle: ({ id, payload }, tx) => decideInbound(payload as Accepted, resolver.resolutionOf(id), tx),
      },
    ];
  },
  module: (runtime, config) => {
    runtime.ledger.register('inbound', inboundLedger);
    runtime.ledger.backlog(undecided);
    const receiver = new PostgresReceiver(runtime.dataSource, runtime.commands, () => runtime.bell.ring());
    const settings: SendSettings = { clock: runtime.clock, defaultZone: config.facilityZone, senders: config.senders ?? {} };
    return {
      module: IntakeModule,
      controllers: [SendController, PatientsController, InboundController],
      providers: [
        { provide: READS, useFactory: () => new PostgresReads(runtime.read) },
        { provide: RECEIVER, useValue: receiver },
        { provide: SEND_SETTINGS, useValue: settings },
        { provide: READ_AGAIN, useValue: readAgain(config.facilityZone, { senders: config.senders ?? {}, onlyKnown: config.onlyKnownSenders }) },
        { provide: Mllp, useFactory: () => new Mllp(runtime, config, receiver) },
      ],
    };
  },
};
