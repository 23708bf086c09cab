import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { KAFKA_VERSION, kafkaJars } from './kafka-jars.js';
import { claim, OwnedProcess } from './owned-process.js';
import { portIsFree } from './ports.js';

export interface KafkaOptions {
  /** Holds the log, the cluster's id, the settings, the broker's own log and who runs it. */
  readonly folder: string;
  readonly port: number;
  readonly controllerPort: number;
  /** One of several brokers that are one cluster; default: alone. */
  readonly member?: ClusterMember;
  /** Where the jars are or go; default `~/.cache/throughline/kafka-<version>`. */
  readonly jars?: string;
  /** More lines of server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Largest heap in MB; default 512. */
  readonly heapMb?: number;
  readonly progress?: (line: string) => void;
}

export interface ClusterMember {
  /** From 1. */
  readonly node: number;
  /** Controller port of every member, by node, its own included. */
  readonly controllerPorts: readonly number[];
  readonly clusterId: string;
}

export interface LocalKafka {
  readonly pid: number;
  readonly port: number;
  readonly brokers: readonly string[];
  readonly clusterId: string;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** With several brokers each record is on three of them, and taken once two have it: one may be away. */
const copiesOf = ({ member }: KafkaOptions): Record<string, string> => {
  const copies = String(Math.min(3, member?.controllerPorts.length ?? 1));
  const least = copies === '3' ? '2' : '1';
  return {
    'default.replication.factor': copies,
    'min.insync.replicas': least,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': least,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': least,
  };
};

const properties = (folder: string, options: KafkaOptions): string => {
  const { node, controllerPorts } = options.member ?? { node: 1, controllerPorts: [options.controllerPort] };
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(node),
    'controller.quorum.voters': controllerPorts.map((port, at) => `${at + 1}@127.0.0.1:${port}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '4',
    ...copiesOf(options),
    'group.initial.rebalance.delay.ms': '0',
    // A broker killed with -9 comes back when its old session has run out. Shorter sessions made a starved broker, alone on a busy
    // machine, fence itself off from everybody.
    'broker.session.timeout.ms': '9000',
    'broker.heartbeat.interval.ms': '1000',
    ...options.settings,
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join('');
};

/** 16 random bytes in Kafka's notation; one that begins with `-` reads as an option on its command line. */
const newClusterId = (): string => {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
};

/** The id of the cluster whose log is kept in this folder; made when there is none. */
export const keptClusterId = (folder: string): string => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'cluster-id');
  if (!existsSync(path)) writeFileSync(path, newClusterId());
  return readFileSync(path, 'utf8').trim();
};

/** Ready = the broker names itself and coordinates groups: the first asks after a fresh start are refused. */
const answers = (port: number) => async (): Promise<boolean> => {
  const kafka = new Kafka({ clientId: 'throughline-start', brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, connectionTimeout: 1_000, retry: { retries: 0 } });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) return false;
    await admin.describeGroups(['throughline-start']);
    return true;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

/** Starts one Apache Kafka process (KRaft: broker and controller) on loopback; the log survives stops and `kill -9`. */
export const startKafka = async (options: KafkaOptions): Promise<LocalKafka> => {
  const { port, controllerPort, progress = () => undefined } = options;
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  const run = { name: 'Kafka', runFile: join(folder, 'run.json'), logFile: join(folder, 'kafka.log'), stopSignal: 'SIGTERM' } as const;
  await claim(run);
  for (const wanted of [port, controllerPort]) if (!(await portIsFree(wanted))) throw new Error(`Port ${wanted} is taken: Kafka cannot listen there`);
  const classPath = join(await kafkaJars(options.jars, progress), '*');
  const clusterId = options.member?.clusterId ?? keptClusterId(folder);
  const config = join(folder, 'server.properties');
  writeFileSync(config, properties(folder, options));
  // Also on stderr, so that one log file holds both the broker's words and the JVM's.
  const logging = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];
  if (!existsSync(join(folder, 'data', 'meta.properties'))) {
    progress(`Kafka ${KAFKA_VERSION}: making the log folder`);
    await promisify(execFile)('java', [...logging, '-cp', classPath, 'kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', clusterId, '-c', config]);
  }
  progress('Kafka: starting');
  // One small broker beside everything else: the collector and compiler that cost the machine least.
  const heap = ['-Xms256m', `-Xmx${options.heapMb ?? 512}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const server = await OwnedProcess.start({ ...run, command: 'java', args: [...heap, ...logging, '-cp', classPath, 'kafka.Kafka', config], cwd: folder });
  await server.waitUntil(answers(port), 120_000);
  progress(`Kafka: ready on port ${port}`);
  return { pid: server.pid, port, brokers: [`127.0.0.1:${port}`], clusterId, exited: server.exited, stop: () => server.stop() };
};
