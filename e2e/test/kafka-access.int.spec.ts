import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { SERVICES, type Service } from '@throughline/contracts/define-event';
import { topicsReadBy } from '@throughline/contracts/flow';
import { INGRESS_ANSWERS_TOPIC, INGRESS_TOPIC } from '@throughline/contracts/ingress';
import { groupOf, TOPIC_MAKER } from '@throughline/contracts/kafka-access';
import { startKafka, type LocalKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';
import { KafkaBus } from '@throughline/platform/bus/kafka-bus';
import { fixedClock } from '@throughline/testing/fixed-clock';
import { adt } from '@throughline/testing/hl7-builder';
import { MllpClient } from '@throughline/testing/mllp-client';
import { root } from '@throughline/testing/system';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes, type AclEntry } from 'kafkajs';
import { FiveServices } from '../src/proofs/five-services.js';

// Brokers that ask who one is, over TLS, with the rights of infra/kafka/acls.sh and no others. Not the run's own broker
// (TEST_KAFKA_BROKERS), which asks nobody; the database is the run's (TEST_POSTGRES_URL).
const TOOL = 'billing';
const SENDER = 'northshore';
const PRINCIPALS = [...SERVICES, TOPIC_MAKER, TOOL, SENDER];
const TOPICS = [...SERVICES, INGRESS_TOPIC, INGRESS_ANSWERS_TOPIC];
const SCRIPT = join(root, 'infra/kafka/acls.sh');
const passwordOf = (principal: string): string => `password-of-${principal}`;
const sasl = (principal: string, password = passwordOf(principal)) => ({ mechanism: 'plain', username: principal, password }) as const;

/** What the script would have had done: `kafka-acls.sh` on its PATH notes its arguments. */
const runScript = (folder: string, ...args: string[]): readonly string[][] => {
  const log = join(folder, 'asked');
  writeFileSync(join(folder, 'kafka-acls.sh'), `#!/bin/sh\necho "$@" >> ${log}\n`, { mode: 0o755 });
  rmSync(log, { force: true });
  const run = spawnSync('sh', [SCRIPT, ...args], { encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env['PATH']}`, KAFKA_BOOTSTRAP: 'kafka:9093', KAFKA_CONFIG: 'admin.properties' } });
  if (run.status !== 0) throw new Error(run.stderr);
  return readFileSync(log, 'utf8').trim().split('\n').map((line) => line.split(' '));
};

const OPERATIONS: Readonly<Record<string, AclOperationTypes>> = { Read: AclOperationTypes.READ, Write: AclOperationTypes.WRITE, Create: AclOperationTypes.CREATE, Describe: AclOperationTypes.DESCRIBE };

const entriesOf = (args: readonly string[]): AclEntry[] => {
  const all = (flag: string): string[] => args.flatMap((arg, at) => (arg === flag ? [args[at + 1]!] : []));
  expect(args.slice(0, 5)).toEqual(['--bootstrap-server', 'kafka:9093', '--command-config', 'admin.properties', '--add']);
  const resources = [...all('--topic').map((name) => [AclResourceTypes.TOPIC, name] as const), ...all('--group').map((name) => [AclResourceTypes.GROUP, name] as const)];
  const resourcePatternType = all('--resource-pattern-type').includes('prefixed') ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL;
  return resources.flatMap(([resourceType, resourceName]) =>
    all('--operation').map((operation) => ({ resourceType, resourceName, resourcePatternType, principal: all('--allow-principal')[0]!, host: '*', operation: OPERATIONS[operation]!, permissionType: AclPermissionTypes.ALLOW })),
  );
};

describe('brokers that ask who one is', () => {
  let folder: string;
  let kafka: LocalKafka;
  let secure: string;
  const buses: KafkaBus[] = [];
  const as = (principal: string, password?: string): KafkaBus => {
    const bus = new KafkaBus({ brokers: [secure], ssl: true, sasl: sasl(principal, password), clientId: `test-${principal}` });
    buses.push(bus);
    return bus;
  };
  const trusted = getCACertificates('default');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-access-'));
    const store = join(folder, 'keystore.p12');
    const keytool = (...args: string[]) => execFileSync('keytool', [...args, '-keystore', store, '-storetype', 'PKCS12', '-storepass', 'only-for-tests', '-alias', 'broker'], { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
    keytool('-genkeypair', '-keyalg', 'RSA', '-keysize', '2048', '-validity', '2', '-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1');
    writeFileSync(join(folder, 'ca.pem'), keytool('-exportcert', '-rfc'));
    setDefaultCACertificates([...trusted, readFileSync(join(folder, 'ca.pem'), 'utf8')]);
    const [port, controllerPort, securePort] = (await freePorts(3)) as [number, number, number];
    secure = `127.0.0.1:${securePort}`;
    kafka = await startKafka({
      folder: join(folder, 'kafka'), port, controllerPort,
      settings: {
        // The administrator's door stays open on loopback; services and tools come through the other.
        listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},SECURE://${secure}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURE://${secure}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
        'listener.name.secure.ssl.keystore.location': store,
        'listener.name.secure.ssl.keystore.type': 'PKCS12',
        'listener.name.secure.ssl.keystore.password': 'only-for-tests',
        'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.secure.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${PRINCIPALS.map((name) => `user_${name}="${passwordOf(name)}"`).join(' ')};`,
      },
    });
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createAcls({ acl: [...runScript(folder), ...runScript(folder, TOOL), ...runScript(folder, SENDER, 'sender')].flatMap(entriesOf) });
    await admin.disconnect();
    await as(TOPIC_MAKER).ensureTopics(TOPICS);
  }, 180_000);
  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await kafka?.stop();
    setDefaultCACertificates([...trusted]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('let a discharge through all five services, each signed in as itself', async () => {
    const envOf = (service: Service) => ({
      THROUGHLINE_KAFKA_TLS: 'true', THROUGHLINE_KAFKA_SASL_MECHANISM: 'plain', THROUGHLINE_KAFKA_SASL_USERNAME: service, THROUGHLINE_KAFKA_SASL_PASSWORD: passwordOf(service),
    });
    const five = await FiveServices.start(fixedClock('2026-11-20T20:00:00Z'), [secure], { connection: { ssl: true, sasl: sasl(TOPIC_MAKER) }, envOf });
    try {
      const hospital = await MllpClient.connect(five.mllpPort);
      expect((await hospital.send(adt('A03', { mrn: '810001', visit: 'V810001', dischargedAt: '20261120153000-0500' }))).code).toBe('AA');
      await hospital.close();
      await five.quiet();
      const count = async (service: Service, table: string): Promise<number> => (await five.rows<{ n: number }>(service, `select count(*)::int as n from ${table}`))[0]!.n;
      expect(await count('care-plan', 'task')).toBeGreaterThan(0);
      expect(await count('medication-reconciliation', 'reconciliation')).toBe(1);
      expect(await count('scheduling', 'follow_up')).toBe(1);
      expect(await count('notification', 'task_notice')).toBeGreaterThan(0);
      const hl7 = adt('A03', { mrn: '810002', visit: 'V810002', dischargedAt: '20261120153000-0500' });
      const headers = { ce_specversion: '1.0', ce_id: 'K-1', ce_source: 'NORTHSHORE', ce_type: 'care.ingress.hl7v2.v1', 'content-type': 'text/plain' };
      await as(SENDER).publish(INGRESS_TOPIC, [{ key: 'nobody', value: hl7, headers }]);
      await five.quiet();
      expect(await count('medication-reconciliation', 'reconciliation')).toBe(2);
      const spans = await as(SENDER).spans(INGRESS_ANSWERS_TOPIC);
      expect(spans.reduce((sum, { low, high }) => sum + high - low, 0)).toBe(1);
    } finally {
      await five.stop();
    }
  }, 180_000);

  const writable: readonly (readonly [string, readonly string[]])[] = [...SERVICES.map((service) => [service, service === 'intake' ? [service, INGRESS_ANSWERS_TOPIC] : [service]] as const), [SENDER, [INGRESS_TOPIC]], [TOOL, []]];
  it.each(writable)('let %s write %j and no other', async (principal, own) => {
    const bus = as(principal);
    const record = [{ key: 'nobody', value: '{}', headers: {} }];
    for (const topic of own) await bus.publish(topic, record);
    for (const topic of TOPICS.filter((other) => !own.includes(other))) await expect(bus.publish(topic, record)).rejects.toThrow(/not authorized/i);
  }, 60_000);

  const readable: Readonly<Record<string, readonly string[]>> = {
    ...Object.fromEntries(SERVICES.map((service) => [service, [service, ...topicsReadBy(service), ...(service === 'intake' ? [INGRESS_TOPIC] : [])]])),
    [SENDER]: [INGRESS_ANSWERS_TOPIC],
    [TOOL]: ['care-plan', 'medication-reconciliation', 'scheduling', 'notification'],
    [TOPIC_MAKER]: [],
  };
  it.each(Object.entries(readable))('let %s read %j and nothing else', async (principal, topics) => {
    const bus = as(principal);
    for (const topic of TOPICS) {
      const reading = bus.recordAt(topic, 0, 0).then(() => 'read', (error: unknown) => (/not authorized/i.test(String(error)) ? 'refused' : String(error)));
      expect([topic, await reading]).toEqual([topic, topics.includes(topic) ? 'read' : 'refused']);
    }
  }, 60_000);

  it('let nobody write or read a topic as somebody with a wrong password', async () => {
    await expect(as('care-plan', passwordOf('intake')).publish('care-plan', [{ key: 'nobody', value: '{}', headers: {} }])).rejects.toThrow(/authentication/i);
  });

  it('let a tool have groups of its own name, and no service\'s', async () => {
    await as('care-plan').publish('care-plan', [{ key: 'nobody', value: '{}', headers: {} }]);
    const client = new Kafka({ brokers: [secure], ssl: true, sasl: sasl(TOOL), logLevel: logLevel.NOTHING });
    const consumer = client.consumer({ groupId: `${TOOL}.tasks` });
    await consumer.connect();
    await consumer.subscribe({ topics: ['care-plan'], fromBeginning: true });
    const key = await new Promise<string>((heard, failed) => {
      consumer.on('consumer.crash', ({ payload }) => failed(payload.error));
      void consumer.run({ eachMessage: ({ message }) => Promise.resolve(heard(String(message.key))) });
    });
    expect(key).toMatch(/^nobody$|^[0-9a-f-]{36}$/);
    await consumer.disconnect();
    const admin = client.admin();
    await admin.connect();
    expect(await admin.fetchOffsets({ groupId: `${TOOL}.tasks`, topics: ['care-plan'] })).toHaveLength(1);
    // Who may not see a group is not told its coordinator either, and kafkajs says that.
    const refused = /not authorized|find group coordinator/i;
    for (const service of SERVICES) for (const topic of topicsReadBy(service)) await expect(admin.fetchOffsets({ groupId: groupOf(service, topic), topics: [topic] })).rejects.toThrow(refused);
    await admin.disconnect();
  }, 60_000);

  it.each([...SERVICES, TOPIC_MAKER, 'Billing', 'a b', '*'])('the script makes no tool called %s', (name) => {
    expect(() => runScript(folder, name)).toThrow(/is not one of ours/);
  });

  it('`throughline topics --acls` prints that script', () => {
    const { stdout } = spawnSync('node', [join(root, 'apps/throughline/bin/throughline.mjs'), 'topics', '--acls'], { encoding: 'utf8' });
    expect(stdout).toBe(readFileSync(SCRIPT, 'utf8'));
  });

  it('`throughline topics --apply` signs in as who makes the topics, and trusts no certificate that it was not told of', () => {
    const topics = (env: Record<string, string>) =>
      spawnSync('node', [join(root, 'apps/throughline/bin/throughline.mjs'), 'topics', '--apply'], {
        encoding: 'utf8', timeout: 90_000,
        env: { ...process.env, THROUGHLINE_KAFKA_BROKERS: secure, THROUGHLINE_KAFKA_TLS: 'true', THROUGHLINE_KAFKA_SASL_MECHANISM: 'plain', THROUGHLINE_KAFKA_SASL_USERNAME: TOPIC_MAKER, THROUGHLINE_KAFKA_SASL_PASSWORD: passwordOf(TOPIC_MAKER), ...env },
      });
    expect(topics({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }).stdout).toContain('all topics are there');
    const untrusting = topics({});
    expect(untrusting.status).not.toBe(0);
    expect(untrusting.stderr).toMatch(/certificate/i);
  }, 200_000);
});
