import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import { forgetInstance, type Instance, isAlive, readInstance, selfPart, takeHome, writeInstance } from '../home/home.js';
import { chosenPort, Installation } from '../home/installation.js';
import { issuerKeys } from '../issuer/issuer-keys.js';
import { readSessionConfig } from '../front/front-config.js';
import { checkSettings, refuseOtherDatabases } from './check-settings.js';
import { startControl } from './control.js';
import { copiesIn, ONE_EACH, type Copies } from './copies.js';
import type { RunningSystem, StartOptions } from './embedded.js';
import { ensureTopics } from './ensure-topics.js';
import { LiveParts } from './live-part.js';
import { migrateOne } from './one-service.js';
import { startRole } from './role-process.js';
import { startServers } from './servers.js';
import { distributedEnvironment, PLACEHOLDER } from './service-environment.js';
import { grantServiceRoles } from './service-roles.js';
import { Started } from './started.js';
import { untilReady } from './until-ready.js';

const AUDIENCE = 'throughline';
const upper = (service: string): string => service.toUpperCase().replaceAll('-', '_');

/** The servers know their own leftovers and end them; the roles' processes notice by themselves that the stack has gone. */
const SERVERS = /^(?:postgres|kafka(?:-\d+)?|redis|stack)$/;

/** Processes of an earlier stack on this home that outlived it (it was killed) are stopped first: two would fight. */
const endLeftovers = async (home: string, say: (line: string) => void): Promise<void> => {
  for (const part of readInstance(home)?.parts ?? []) {
    if (SERVERS.test(part.name) || !isAlive(part)) continue;
    say(`  ${part.name} (process ${part.pid}) was left over from a stack that did not stop in good order: stopping it`);
    process.kill(part.pid, 'SIGTERM');
    for (const until = Date.now() + 20_000; isAlive(part); await delay(50)) if (Date.now() > until) process.kill(part.pid, 'SIGKILL');
  }
};

export interface StackOptions extends StartOptions {
  readonly copies?: Copies;
  /** Of Kafka. */
  readonly brokers?: number;
}

/** Kafka, PostgreSQL and Redis on ports and folders of their own, the issuer, front, and a process per service. */
export const startDistributed = async (options: StackOptions): Promise<RunningSystem> => {
  const started = new Started();
  started.add('the home', takeHome(options.home));
  try {
    return await bringUp(options, started);
  } catch (error) {
    options.say('Something failed; stopping what had started.');
    await started.stopAll();
    throw error;
  }
};

const bringUp = async ({ home, say, ...wanted }: StackOptions, started: Started): Promise<RunningSystem> => {
  await endLeftovers(home, say);
  const port = await chosenPort(wanted.port, 'the console and the HTTP interface', '--port');
  const mllpPort = await chosenPort(wanted.mllpPort, 'HL7 v2 over MLLP', '--mllp-port');
  const installation = new Installation(home);
  const notUpYet = distributedEnvironment(installation, { ...PLACEHOLDER, mllpPort }, { kafkaBrokers: 'not-up-yet.invalid:1', redisUrl: 'redis://not-up-yet.invalid/0' }, 0);
  await checkSettings(notUpYet, () => refuseOtherDatabases(process.env), () => readSessionConfig(process.env));
  const copies = copiesIn(wanted.copies ?? ONE_EACH);
  const ports = await installation.ports('issuer', ...copies.flatMap(({ name, mllp }) => (mllp === undefined ? [name] : [name, mllp])));
  let instance: Instance | undefined;
  const parts: LiveParts = new LiveParts(say, () => {
    if (instance) writeInstance(home, (instance = { ...instance, parts: [selfPart('stack'), ...parts.parts] }));
  });
  started.add('the parts', async () => {
    const failures = await parts.stop();
    if (failures.length > 0) throw new Error(failures.join('; '));
  });
  const servers = await startServers(home, installation, wanted.brokers ?? 1, parts, say);

  const url = `http://127.0.0.1:${port}`;
  const issuerUrl = `http://127.0.0.1:${ports['issuer']}`;
  const addresses = { databaseUrl: servers.adminUrl, url, issuerUrl, audience: AUDIENCE, mllpPort };
  say('  tables, roles and topics');
  const migrateEnv = distributedEnvironment(installation, addresses, servers, 0);
  for (const service of SERVICES) await migrateOne(service, { ...migrateEnv, [`THROUGHLINE_${upper(service)}_DATABASE_URL`]: servers.adminUrl });
  const databaseUrls = await grantServiceRoles(home, servers.adminUrl);
  await ensureTopics({ brokers: servers.kafkaBrokers.split(',') }, process.env);

  const role = (name: string, rolePort: number, env: Record<string, string | undefined>, ofRole = name) =>
    parts.add(name, () => startRole({ role: ofRole, name, home, port: rolePort, env, logFile: join(home, 'log', `${name}.log`) }));
  const keys = await issuerKeys(home);
  await role('issuer', ports['issuer']!, { ...process.env, THROUGHLINE_ISSUER: issuerUrl, THROUGHLINE_ISSUER_HTTP_PORT: String(ports['issuer']), THROUGHLINE_AUDIENCE: AUDIENCE, THROUGHLINE_PUBLIC_URL: url });
  const mllpPorts: number[] = [];
  for (const { name, service, mllp } of copies) {
    const own = { ...addresses, databaseUrl: databaseUrls[service], mllpPort: mllp === undefined ? mllpPort : ports[mllp]! };
    if (service === 'intake') mllpPorts.push(own.mllpPort);
    // Each process gets its own role's password and nobody else's.
    await role(name, ports[name]!, distributedEnvironment(installation, own, servers, ports[name]!), service);
  }
  const urlsOf = (service: string): readonly string[] => copies.filter((copy) => copy.service === service).map(({ name }) => `http://127.0.0.1:${ports[name]}`);
  const upstreams = Object.fromEntries(SERVICES.map((service) => [`THROUGHLINE_${upper(service)}_URL`, urlsOf(service).join(',')]));
  await role('front', port, { ...process.env, ...upstreams, THROUGHLINE_ISSUER: issuerUrl, THROUGHLINE_FRONT_HTTP_PORT: String(port), THROUGHLINE_HTTP_HOST: '127.0.0.1', THROUGHLINE_PUBLIC_URL: url, THROUGHLINE_FRONT_CLIENT_SECRET: keys.frontSecret });
  await untilReady(url, 120_000);

  const control = await startControl(parts);
  started.add('the control', () => control.stop());
  instance = {
    mode: 'distributed', ...selfPart('stack'), startedAt: new Date().toISOString(), url, mllp: { host: '127.0.0.1', port: mllpPort }, ...(mllpPorts.length > 1 ? { mllpPorts } : {}),
    issuer: { url: issuerUrl, kind: 'embedded', audience: AUDIENCE }, services: Object.fromEntries(SERVICES.map((service) => [service, urlsOf(service)[0]!])), parts: [selfPart('stack'), ...parts.parts],
    databaseUrl: servers.adminUrl, kafkaBrokers: servers.kafkaBrokers, redisUrl: servers.redisUrl, control: { url: control.url, secret: control.secret },
  };
  writeInstance(home, instance);
  started.add('the instance', () => forgetInstance(home));
  return { instance, installation, broken: new Promise(() => undefined), stop: () => started.stopAll() };
};
