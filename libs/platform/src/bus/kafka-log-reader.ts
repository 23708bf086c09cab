import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import type { BusRecord } from './bus.js';
import { kafkaConfig, type KafkaConnection } from './kafka-client.js';
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

/** Reads single records by their offset: two requests on a connection of its own. Used at assignment only. */
export class KafkaLogReader {
  #cluster: RawCluster | undefined;

  constructor(private readonly connection: KafkaConnection) {}

  async recordAt(topic: string, partition: number, offset: number): Promise<BusRecord | null> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#fetch(topic, partition, offset);
      } catch (error) {
        if ((error as Error).name === 'KafkaJSOffsetOutOfRange') return null;
        // A moved leader or a lost connection: begin anew with fresh metadata.
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

  async #fetch(topic: string, partition: number, offset: number): Promise<BusRecord | null> {
    const cluster = await this.#connected(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new Error(`Kafka knows no leader of partition ${partition} of ${topic}`);
    const broker = await cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      maxWaitTime: 0, minBytes: 1, maxBytes: 1, isolationLevel: READ_COMMITTED,
      // The broker answers with one whole batch of records, however large, when that is all that fits.
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 1 }] }],
    });
    const messages = responses.flatMap((response) => response.partitions.flatMap((found) => found.messages));
    const message = messages.find((found) => Number(found.offset) === offset && !found.isControlRecord);
    return message ? recordOf(topic, partition, message) : null;
  }
}
