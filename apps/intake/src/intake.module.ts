import { type OnApplicationShutdown, type OnModuleInit, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import { Bell } from '@throughline/platform/runner/bell';
import { readInside } from './adapters/ccda/inside-message.js';
import { readCcda } from './adapters/ccda/read-ccda.js';
import { recovers } from './adapters/events/recovers.js';
import { readFhir } from './adapters/fhir/read-fhir.js';
import { resourceValidation } from './adapters/fhir/resource-validation.js';
import { systemsOf, tokensOf } from './adapters/fhir-source/source-settings.js';
import { SummaryChaser } from './adapters/fhir-source/summary-chaser.js';
import { facts } from './adapters/postgres/facts.js';
import { answerFrames } from './adapters/hl7v2/answer-frame.js';
import { MAX_MESSAGE_BYTES } from './adapters/hl7v2/er7.js';
import { MllpListener } from './adapters/hl7v2/mllp-listener.js';
import { readAgain } from './adapters/hl7v2/read-again.js';
import { CcdaController, READ_CCDA } from './adapters/http/ccda.controller.js';
import { FhirErrors } from './adapters/http/fhir-errors.filter.js';
import { FhirController, READ_FHIR } from './adapters/http/fhir.controller.js';
import { DUPLICATES } from './application/duplicates.js';
import { PostgresDuplicates } from './adapters/postgres/postgres-duplicates.js';
import { TwoPersons1767225600025 } from './adapters/postgres/migrations/two-persons.migration.js';
import { DuplicatesController } from './adapters/http/duplicates.controller.js';
import { readBody } from './adapters/http/read-body.js';
import { KafkaIngress } from './adapters/kafka-ingress/kafka-ingress.js';
import { readEvents, type EventReading } from './adapters/kafka-ingress/read-event.js';
import { InboundController } from './adapters/http/inbound.controller.js';
import { PatientsController } from './adapters/http/patients.controller.js';
import { RECEIVER, SEND_SETTINGS, SendController, type SendSettings } from './adapters/http/send.controller.js';
import { SummaryChasesController } from './adapters/http/summary-chases.controller.js';
import { jobs } from './adapters/jobs/jobs.js';
import { chaseReads } from './adapters/postgres/chase-reads.js';
import { NOT_CHASING } from './adapters/postgres/chase-tx.js';
import { SendersController } from './adapters/http/senders.controller.js';
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
import { Statement1767225600022 } from './adapters/postgres/migrations/statement.migration.js';
import { Sender1767225600023 } from './adapters/postgres/migrations/sender.migration.js';
import { SummaryChase1767225600024 } from './adapters/postgres/migrations/summary-chase.migration.js';
import { PatientRow } from './adapters/postgres/patient.row.js';
import { PostgresReads } from './adapters/postgres/postgres-reads.js';
import { PostgresReceiver } from './adapters/postgres/postgres-receiver.js';
import { PrescriptionRow } from './adapters/postgres/prescription.row.js';
import { senderProviders } from './adapters/postgres/sender-providers.js';
import { referralLedger } from './adapters/postgres/referral-ledger.js';
import { StatementRow } from './adapters/postgres/statement.row.js';
import { TwoPersonsRow } from './adapters/postgres/two-persons.row.js';
import { SummaryChaseRow } from './adapters/postgres/summary-chase.row.js';
import { CHASE_READS } from './application/chase-ports.js';
import { decideInbound } from './application/decide-inbound.js';
import { READ_AGAIN, type Accepted, type IntakeTx, type ReadAgain } from './application/ports.js';
import { READS } from './application/reads.js';
import { ingressOf, readIntakeConfig, type IntakeConfig } from './config.js';

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
      receiver, clock, defaultZone, rules, traces, readInside: readInside({ defaultZone, senders: rules.senders }),
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

/** Rung by the alarm of a search for a summary; who asks in this process listens. A ring too many is one empty look. */
const knock = new Bell();

const chaserOf = (runtime: Runtime, config: IntakeConfig, receiver: PostgresReceiver): readonly Provider[] => {
  const { summarySource: base, summarySourceTimeoutSeconds: seconds, followUp, facilityZone: defaultZone, senders = {} } = config;
  if (!base) return [];
  const parts = { base, tokens: tokensOf(config, runtime.clock), timeoutMs: seconds * 1_000, kinds: followUp.summaryKinds, systems: systemsOf(senders), reads: chaseReads(runtime.read), receiver, readInside: readInside({ defaultZone, senders }), knock };
  return [{ provide: SummaryChaser, useFactory: () => new SummaryChaser(runtime, parts) }];
};

const UNKNOWN_SOURCE = { code: 204, where: 'source', text: 'This sender is not known here; its operator has to be told' } as const;

const ingressFrom = (runtime: Runtime, config: IntakeConfig, receiver: PostgresReceiver, events: EventReading): readonly Provider[] => {
  const topics = ingressOf(config);
  return topics ? [{ provide: KafkaIngress, useFactory: () => new KafkaIngress(runtime, topics, receiver, events) }] : [];
};

/** What hospitals send: kept to the byte, read, and stated as facts about patients, stays, discharges and medicines. */
export const intake: ServiceDefinition<'intake', IntakeTx, IntakeConfig> = {
  name: 'intake',
  entities: [PatientRow, IdentifierRow, EncounterRow, DischargeRow, PrescriptionRow, DocumentRow, StatementRow, SummaryChaseRow, InboundOutcomeRow, TwoPersonsRow],
  migrations: [CreateIntake1767225600001, InboundTraceparent1767225600010, Document1767225600020, InboundReplayedAs1767225600021, Statement1767225600022, Sender1767225600023, SummaryChase1767225600024, TwoPersons1767225600025],
  config: readIntakeConfig,
  tx: (unit, config) => new PostgresIntakeTx(unit, config.followUp, config.followUp.summaryKinds, config.summarySource ? { ladder: config.summaryChase, wake: () => knock.ring() } : NOT_CHASING),
  consumes: {},
  recovers,
  facts,
  jobs,
  jobsWanted: (config) => config.summarySource !== undefined,
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
    runtime.ledger.register('referral', referralLedger);
    runtime.ledger.backlog(undecided);
    const receiver = new PostgresReceiver(runtime.dataSource, runtime.commands, () => runtime.bell.ring());
    const senders = config.senders ?? {};
    const ccda = readCcda({ defaultZone: config.facilityZone, senders });
    const hl7 = readAgain(config.facilityZone, { senders, onlyKnown: config.onlyKnownSenders }, readInside({ defaultZone: config.facilityZone, senders }));
    const fhir = readFhir({ defaultZone: config.facilityZone, senders, validate: resourceValidation() });
    const events = readEvents({
      body: readBody({ defaultZone: config.facilityZone, senders }),
      message: {
        hl7v2: (raw, from) => hl7({ raw, ...from }),
        fhir: async (raw, from) => (await fhir({ raw, ...from })).arrival,
        ccda: (raw, from) => ccda({ raw, ...from }),
      },
      refused: (source) => (config.onlyKnownSenders && senders[source] === undefined ? UNKNOWN_SOURCE : undefined),
    });
    // A call in our own words that cannot be read is answered with an error, and not kept.
    const again: ReadAgain = async (kept) => {
      if (kept.protocol === 'cloudevents') return events.again(kept);
      if (kept.protocol === 'ccda') return ccda(kept);
      return kept.protocol === 'fhir' ? (await fhir(kept)).arrival : hl7(kept);
    };
    const settings: SendSettings = { clock: runtime.clock, defaultZone: config.facilityZone, senders };
    return {
      module: IntakeModule,
      controllers: [SendController, FhirController, CcdaController, PatientsController, InboundController, SummaryChasesController, DuplicatesController, SendersController],
      providers: [
        { provide: READS, useFactory: () => new PostgresReads(runtime.read) },
        { provide: DUPLICATES, useFactory: () => new PostgresDuplicates(runtime.read) },
        { provide: RECEIVER, useValue: receiver },
        { provide: SEND_SETTINGS, useValue: settings },
        { provide: READ_AGAIN, useValue: again },
        { provide: READ_FHIR, useValue: fhir },
        { provide: READ_CCDA, useValue: ccda },
        { provide: APP_FILTER, useFactory: () => new FhirErrors(runtime.logger) },
        { provide: CHASE_READS, useValue: chaseReads(runtime.read) },
        ...chaserOf(runtime, config, receiver),
        ...senderProviders(runtime, Object.keys(senders), { minimumMs: config.senderSilenceMinutes * 60_000, zone: config.facilityZone }),
        ...ingressFrom(runtime, config, receiver, events),
        { provide: Mllp, useFactory: () => new Mllp(runtime, config, receiver) },
      ],
    };
  },
};
