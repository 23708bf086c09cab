import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import type { BusRecord } from './bus.js';
import { kafkaConfig, type KafkaConnection } from './kafka-client.js';
import { LoggableError } from '../telemetry/safe-error.js';
import { recordOf } from './kafka-record.js';

/** The parts of kafkajs 2.2.4 that its public face does not offer: one fetch request, without joining a group. */
interface RawBroker {
  fetch(request: {
    maxWaitTime: number; minBytes: number; maxBytes: number; isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
  }): Promise<{ responses: { topicName: string; partitions: { partition: number; messages: (KafkaMessage & { isControlRecord?: boolean })[] }[] }[] }>;
}

interface RawCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(of: { nodeId: string }): Promise<RawBroker>;
}

const load = createRequire(import.meta.url);
const Cluster = load('kafkajs/src/cluster') as new (options: Record<string, unknown>) => RawCluster;
const { createLogger } = load('kafkajs/src/loggers') as { createLogger(options: Record<string, unknown>): unknown };
const socketFactory = load('kafkajs/src/network/socketFactory') as () => unknown;

const READ_COMMITTED = 1;
const TRIES = 3;

/** One record: the broker answers with one whole batch of records, however large, when that is all that fits. */
const ONE = 1;
const MANY = 1_048_576;

/** Reads by offset, on a connection of its own: single records at assignment, stretches when a service recovers. */
export class KafkaLogReader {
  #cluster: RawCluster | undefined;

  constructor(private readonly connection: KafkaConnection) {}

  async recordAt(topic: string, partition: number, offset: number): Promise<BusRecord | null> {
    const found = await this.#patiently(() => this.#fetch(topic, partition, offset, ONE));
    return found?.find((record) => record.offset === offset) ?? null;
  }

  /** An offset that the log does not hold is an error here. */
  async read(topic: string, partition: number, offset: number, limit: number): Promise<readonly BusRecord[]> {
    const found = await this.#patiently(() => this.#fetch(topic, partition, offset, MANY));
    if (!found) throw new LoggableError(`${topic}/${partition} does not hold offset ${offset}`);
    return found.slice(0, limit);
  }

  /** Undefined: outside the log. A moved leader or a lost connection: begun anew with fresh metadata. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if ((error as Error).name === 'KafkaJSOffsetOutOfRange') return undefined;
        await this.close();
        if (tries === TRIES) throw error;
      }
    }
  }

  async close(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await cluster?.disconnect().catch(() => undefined);
  }

  async #connected(topic: string): Promise<RawCluster> {
    if (!this.#cluster) {
      const { logLevel: level, logCreator, ...config } = kafkaConfig(this.connection);
      this.#cluster = new Cluster({
        ...config, socketFactory: socketFactory(), logger: createLogger({ level, logCreator }),
        metadataMaxAge: 300_000, allowAutoTopicCreation: false, enforceRequestTimeout: true, isolationLevel: READ_COMMITTED,
      });
      await this.#cluster.connect();
    }
    await this.#cluster.addTargetTopic(topic);
    return this.#cluster;
  }

  async #fetch(topic: string, partition: number, offset: number, maxBytes: number): Promise<readonly BusRecord[]> {
    const cluster = await this.#connected(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new Error(`Kafka knows no leader of partition ${partition} of ${topic}`);
    const broker = await cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      maxWaitTime: 0, minBytes: 1, maxBytes, isolationLevel: READ_COMMITTED,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
    });
    const messages = responses.flatMap((response) => response.partitions.flatMap((found) => found.messages));
    // A batch of records may begin before the offset that was asked for.
    return messages.filter((found) => Number(found.offset) >= offset && !found.isControlRecord).map((found) => recordOf(topic, partition, found));
  }
}
