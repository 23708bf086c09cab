import type { Service } from '@throughline/contracts/define-event';
import type { INestApplication } from '@nestjs/common';
import { consumedBy } from '@throughline/contracts/flow';
import { tokenVerifier } from '../auth/verifier.js';
import { EmbeddedBus } from '../bus/embedded-bus.js';
import { KafkaBus } from '../bus/kafka-bus.js';
import type { Bus } from '../bus/bus.js';
import type { PlatformConfig } from '../config/platform-config.js';
import { createParking } from '../runner/parking.js';
import type { Commands } from '../http/commands.js';
import type { Unit } from '../persistence/unit.js';
import { listPositions, type Mismatch } from '../runner/positions.js';
import { Recovery } from '../recovery/recovery.js';
import { resetPositions } from '../runner/reset-positions.js';
import { createLogger } from '../telemetry/logger.js';
import type { Traces } from '../telemetry/traces.js';
import { CareServer, type HandleEvent } from '../transport/care-server.js';
import { eventsController, type EventHandlers } from '../transport/events-controller.js';
import { createApplication } from './application.js';
import type { BootOptions, RunningService } from './boot-ports.js';
import { createGround, type Ground } from './create-runtime.js';
import type { ServiceDefinition } from './definition.js';
import { createJobWork } from './job-work.js';
import { observeTables } from './observe.js';
import { positionsView } from './positions-view.js';
import { quietOf } from './quiet.js';
import { Reading } from './reading.js';
import { republish } from './republish.js';
import { ServiceWork } from './service-work.js';
import { readSettings } from './settings.js';

const openBus = async (service: Service, { bus, databaseUrl }: PlatformConfig, logger: ReturnType<typeof createLogger>): Promise<Bus> =>
  bus.kind === 'embedded'
    ? EmbeddedBus.open({ url: databaseUrl, logger })
    : new KafkaBus({ brokers: bus.brokers, clientId: `throughline-${service}`, logger, ...(bus.tls ? { ssl: true } : {}), ...(bus.sasl ? { sasl: bus.sasl } : {}) });

/** Loaded only where an exporter is configured: without one neither its code nor a span is in the process. */
const openTraces = async (service: Service, { traces }: PlatformConfig, logger: ReturnType<typeof createLogger>): Promise<Traces | undefined> => {
  if (traces === undefined) return undefined;
  const { openTelemetry } = await import('../telemetry/open-telemetry.js');
  return openTelemetry(service, traces, logger);
};

/** The transport that Nest binds the handlers to; reading itself begins when the bus is there. */
const transport = (service: Service): { readonly server: CareServer; readonly handleEvent: HandleEvent } => {
  let handle: HandleEvent | undefined;
  const server = new CareServer({
    types: consumedBy(service),
    open: (found) => {
      handle = found;
      return Promise.resolve(() => Promise.resolve());
    },
  });
  return { server, handleEvent: (type, event, tx) => handle!(type, event, tx) };
};

const listen = async (app: INestApplication, server: CareServer, { http }: PlatformConfig): Promise<string> => {
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  await app.listen(http.port, http.host);
  return app.getUrl();
};

const recoveryOf = <S extends Service, Tx, Config>({ recovers }: ServiceDefinition<S, Tx, Config>, { runtime, tx }: Ground<S, Tx>, reading: Reading<S, Tx>, { databaseUrl }: PlatformConfig): Recovery<S, Tx> =>
  new Recovery({ ...runtime, tx, recovers, databaseUrl, catchUp: (bus, progress) => reading.catchUp(bus, recovers.passesOver, progress) });

/**
 * Starts one service in this process. A wrong setting, an unfenced route or a missing handler rejects; a server that is away
 * does not: the HTTP side answers, `/readyz` says what is missing, and each part comes up by itself.
 */
export const bootService = async <S extends Service, Tx, Config>(
  definition: ServiceDefinition<S, Tx, Config>,
  options: BootOptions,
): Promise<RunningService> => {
  const { name: service } = definition;
  const [settings, config] = readSettings(definition, options.env);
  const logger = options.logger ?? createLogger({ service, level: settings.logLevel });
  const traces = await openTraces(service, settings, logger);
  const ground = createGround(definition, config, settings, logger, { ...options, traces });
  const { runtime, tx, health, degraded, ledger, ownTopics, backlogs } = ground;
  const { dataSource, clock, metrics, bell } = runtime;
  const { server, handleEvent } = transport(service);
  const jobs = createJobWork<Tx>(runtime as never, definition.jobsWanted?.(config) === false ? {} : definition.jobs, settings, options);
  const reading = new Reading<S, Tx>({ service, dataSource, clock, bell, logger, metrics, tx, handleEvent, logs: definition.logs?.(config) ?? [], traces });
  const parking = createParking({ dataSource, clock, logger, handlingOf: (topic) => reading.handlingOf(topic) as never, ...(jobs ? { wakeJob: jobs.wake } : {}) });
  const recovery = recoveryOf(definition, ground, reading, settings);
  const work = new ServiceWork({
    ground,
    recovery,
    settings,
    migrations: definition.migrations,
    reading,
    parking,
    jobs,
    openBus: options.bus ? undefined : () => openBus(service, settings, logger),
    bus: options.bus,
  });
  ownTopics.useBus(() => work.bus);
  const { bus } = ownTopics;
  const topics = (): readonly string[] => [...reading.topics, ...ownTopics.names];
  const mismatches = (): readonly Mismatch[] => [...reading.mismatches(), ...ownTopics.mismatches()];
  const quiet = { read: runtime.read, bus, topics, logs: reading.logNames, backlogs };
  observeTables({ ...quiet, metrics, parking, health, mismatches });
  work.registerHealth();

  const app = await createApplication({
    runtime,
    platform: {
      health,
      degraded,
      metrics,
      ledger,
      parking,
      quiet: () => quietOf(quiet),
      positions: async () => positionsView(await listPositions(dataSource), mismatches()),
      topics,
      resetPositions: (sql, topic, to, partition) => resetPositions(sql, ownTopics.logOf(topic), topic, to, partition),
      factTypes: [...new Set(definition.facts.flatMap((source) => source.types))],
      republish: (cause, type, after, limit) => republish({ dataSource, transactions: runtime.transactions, facts: definition.facts }, cause, type, after, limit),
      recovery,
      read: runtime.read,
      commands: ground.commands as unknown as Commands<Unit>,
      shut: () => work.shut,
    },
    verifier: tokenVerifier(settings.issuer),
    module: definition.module(runtime, config),
    events: eventsController(definition.consumes as unknown as EventHandlers),
  });
  try {
    await work.foundation();
    const url = await listen(app, server, settings);
    work.start();
    logger.info({ url, mode: settings.mode }, 'service is up');
    return { name: service, url, ready: () => health.report(), stop: () => work.stop(app) };
  } catch (error) {
    await work.stop(app).catch(() => undefined);
    throw error;
  }
};

export { migrateService } from './migrate.js';
