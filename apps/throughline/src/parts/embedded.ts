import { join } from 'node:path';
import { SERVICES } from '@throughline/contracts/define-event';
import { startPostgres } from '@throughline/local-servers/postgres';
import { EmbeddedBus } from '@throughline/platform/bus/embedded-bus';
import { createLogger } from '@throughline/platform/telemetry/logger';
import pino from 'pino';
import { startFront } from '../front/front.js';
import { ASYNCAPI_FILE, CONSOLE_FOLDER, limitsOf, readSessionConfig } from '../front/front-config.js';
import { forgetInstance, type Instance, plainly, selfPart, takeHome, writeInstance, partOf } from '../home/home.js';
import { chosenPort, Installation } from '../home/installation.js';
import { FRONT_CLIENT, startIssuer } from '../issuer/issuer.js';
import { issuerKeys } from '../issuer/issuer-keys.js';
import { checkSettings, refuseOtherDatabases } from './check-settings.js';
import { bootOne, migrateOne } from './one-service.js';
import { embeddedEnvironment, PLACEHOLDER } from './service-environment.js';
import { Started } from './started.js';
import { untilReady } from './until-ready.js';

export interface StartOptions {
  readonly home: string;
  readonly port: number;
  readonly mllpPort: number;
  readonly say: (line: string) => void;
}

export interface RunningSystem {
  readonly instance: Instance;
  readonly installation: Installation;
  /** Resolves when something it cannot do without ended by itself; says what. */
  readonly broken: Promise<string>;
  stop(): Promise<readonly string[]>;
}

const AUDIENCE = 'throughline';
/** Five services with 4 connections and 3 for jobs each, the bus with 5, and room for migrations and a look by hand. */
const MAX_CONNECTIONS = 60;

/** Everything in this process, behind one private PostgreSQL. What fails on the way up is taken down again. */
export const startEmbedded = async (options: StartOptions): Promise<RunningSystem> => {
  const { home, say } = options;
  const started = new Started();
  started.add('the home', takeHome(home));
  try {
    return await bringUp(options, started);
  } catch (error) {
    say('Something failed; stopping what had started.');
    await started.stopAll();
    throw error;
  }
};

const bringUp = async ({ home, say, ...wanted }: StartOptions, started: Started): Promise<RunningSystem> => {
  const port = await chosenPort(wanted.port, 'the console and the HTTP interface', '--port');
  const mllpPort = await chosenPort(wanted.mllpPort, 'HL7 v2 over MLLP', '--mllp-port');
  const installation = new Installation(home);
  await checkSettings(embeddedEnvironment(installation, { ...PLACEHOLDER, mllpPort }), () => refuseOtherDatabases(process.env), () => readSessionConfig(process.env));
  const logFile = pino.destination({ dest: join(home, 'throughline.log'), append: true, sync: false, mode: 0o600 });
  started.add('the log', () => logFile.end());
  const ports = await installation.ports('postgres', 'issuer');
  const log = (service: string) => createLogger({ service, level: process.env['THROUGHLINE_LOG_LEVEL'] ?? 'info', to: logFile });

  const postgres = await plainly(startPostgres({ folder: join(home, 'postgres'), port: ports.postgres, maxConnections: MAX_CONNECTIONS, database: 'throughline', progress: (line) => say(`  ${line}`) }));
  started.add('PostgreSQL', () => postgres.stop());
  const databaseUrl = postgres.url();

  const url = `http://127.0.0.1:${port}`;
  const keys = await issuerKeys(home);
  const issuer = await startIssuer({ host: '127.0.0.1', port: ports.issuer, audience: AUDIENCE, frontUrl: url, keys });
  started.add('the issuer', () => issuer.stop());
  say(`  issuer: ${issuer.url} (demo users)`);

  const env = embeddedEnvironment(installation, { databaseUrl, url, issuerUrl: issuer.url, audience: AUDIENCE, mllpPort });
  for (const service of SERVICES) {
    const ran = await migrateOne(service, env);
    if (ran.length > 0) say(`  ${service}: tables brought up to date (${ran.length} migrations)`);
  }
  const bus = await EmbeddedBus.open({ url: databaseUrl, logger: log('bus') });
  started.add('the bus', () => bus.close());
  await bus.ensureTopics(SERVICES);

  const services: Record<string, string> = {};
  for (const service of SERVICES) {
    const running = await bootOne(service, { env, bus, logger: log(service) });
    started.add(service, () => running.stop());
    services[service] = running.url;
    say(`  ${service}: up`);
  }
  const front = await startFront({
    host: '127.0.0.1', port, upstreams: Object.fromEntries(Object.entries(services).map(([service, at]) => [service, [at]])), issuer: { url: issuer.url, clientId: FRONT_CLIENT, clientSecret: keys.frontSecret },
    consoleFolder: CONSOLE_FOLDER, asyncApiFile: ASYNCAPI_FILE, logger: log('front'), ...limitsOf(readSessionConfig(process.env)),
  });
  started.add('front', () => front.stop());
  await untilReady(url, 120_000);

  const instance: Instance = {
    mode: 'embedded', ...selfPart('throughline'), startedAt: new Date().toISOString(), url, mllp: { host: '127.0.0.1', port: mllpPort },
    issuer: { url: issuer.url, kind: 'embedded', audience: AUDIENCE }, services, databaseUrl,
    parts: [selfPart('throughline', port), partOf('postgres', postgres.pid, postgres.port)],
  };
  writeInstance(home, instance);
  started.add('the instance', () => forgetInstance(home));
  return { instance, installation, broken: postgres.exited.then(() => 'PostgreSQL'), stop: () => started.stopAll() };
};
