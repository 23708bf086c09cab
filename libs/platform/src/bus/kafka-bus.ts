import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Sql } from '../persistence/sql.js';
import { LoggableError } from '../telemetry/safe-error.js';
import type { BatchConsumer, Bus, BusRecord, OutgoingRecord, PartitionSpan, Subscription } from './bus.js';
import { FEW_RETRIES, kafkaClient, type KafkaConnection } from './kafka-client.js';
import { KafkaLogReader } from './kafka-log-reader.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { KafkaSubscription } from './kafka-subscription.js';

export interface KafkaBusOptions extends KafkaConnection {
  /** Copies of each topic that is made; default: what the brokers are set to. */
  readonly replication?: number;
  /** A member that has not been heard of for so long loses its partitions. Default 6,000 (the brokers' least). */
  readonly sessionMs?: number;
  /** How often partitions that a consumer left out are offered to it again. Default 15,000. */
  readonly askAgainMs?: number;
}

const PARTITIONS = 12;
const TOPIC_SETTINGS = [
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: String(30 * 86_400_000) },
  { name: 'max.message.bytes', value: '8388608' },
];
const TOPIC_EXISTS = 'TOPIC_ALREADY_EXISTS';
/** Made, and not yet known to the broker that was asked, or without a leader. */
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);
const NOT_YET_PATIENCE_MS = 30_000;

/** Waits for topics that were made a moment ago: kafkajs' own wait gives up at a broker that has not heard of one. */
const metadataOf = async (admin: Admin, topics: readonly string[]): ReturnType<Admin['fetchTopicMetadata']> => {
  for (const until = performance.now() + NOT_YET_PATIENCE_MS; ; await delay(100)) {
    try {
      return await admin.fetchTopicMetadata({ topics: [...topics] });
    } catch (error) {
      if (!NOT_YET.has((error as { type?: string }).type ?? '') || performance.now() > until) throw error;
    }
  }
};

/** A leader that was just named may not have opened the partition yet, and refuses until it has. */
const untilOpen = async (admin: Admin, topic: string): Promise<void> => {
  for (const until = performance.now() + NOT_YET_PATIENCE_MS; ; await delay(100)) {
    try {
      return void (await admin.fetchTopicOffsets(topic));
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
};

/** The bus over Apache Kafka, through kafkajs 2.2.4 (classic group protocol; tried with brokers 4.1.0 and 4.3.1). */
export class KafkaBus implements Bus {
  readonly kind = 'kafka';
  readonly partitions = PARTITIONS;
  readonly remakable = true;
  readonly #publisher: KafkaPublisher;
  readonly #reader: KafkaLogReader;
  readonly #subscriptions = new Set<KafkaSubscription>();
  #admin: Promise<Admin> | undefined;

  constructor(private readonly options: KafkaBusOptions) {
    this.#publisher = new KafkaPublisher(options, PARTITIONS);
    this.#reader = new KafkaLogReader(options);
  }

  async clusterId(): Promise<string> {
    return (await this.#withAdmin((admin) => admin.describeCluster())).clusterId;
  }

  /** Another service may be making the same topics at this moment: that is no error. */
  async ensureTopics(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#withAdmin(async (admin) => {
      const there = new Set(await admin.listTopics());
      const missing = topics.filter((topic) => !there.has(topic));
      for (const topic of missing) {
        await admin
          .createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: this.options.replication ?? -1, configEntries: TOPIC_SETTINGS }] })
          .catch((error: { type?: string }) => {
            if (error.type !== TOPIC_EXISTS) throw error;
          });
      }
      const { topics: found } = await metadataOf(admin, topics);
      for (const topic of missing) await untilOpen(admin, topic);
      for (const { name, partitions } of found) {
        if (partitions.length !== PARTITIONS) throw new LoggableError(`Topic ${name} has ${partitions.length} partitions, not ${PARTITIONS}: the number never changes in a topic's life, since it decides where a key is filed`);
      }
    });
  }

  publish(topic: string, records: readonly OutgoingRecord[], _sql?: Sql): Promise<void> {
    return this.#publisher.publish(topic, records);
  }

  /**
   * One membership per topic, in Kafka's group `<group>.<topic>`: within one, kafkajs fetches nothing more until all that it
   * has fetched is handled, so that one topic's backlog would hold up the others.
   */
  subscribe(group: string, topics: readonly string[], consumer: BatchConsumer): Promise<Subscription> {
    const { sessionMs = 6_000, askAgainMs = 15_000, logger } = this.options;
    const kafka = kafkaClient(this.options);
    const members = topics.map((topic) => new KafkaSubscription({ kafka, group: `${group}.${topic}`, topic, partitions: PARTITIONS, consumer, sessionMs, askAgainMs, logger }));
    for (const member of members) this.#subscriptions.add(member);
    return Promise.resolve({
      healthy: () => members.every((member) => member.healthy()),
      stop: async () => {
        await Promise.all(members.map((member) => member.stop()));
        for (const member of members) this.#subscriptions.delete(member);
      },
    });
  }

  async spans(topic: string): Promise<readonly PartitionSpan[]> {
    const found = await this.#withAdmin((admin) => admin.fetchTopicOffsets(topic));
    return found
      .map(({ partition, low, high }) => ({ topic, partition, low: Number(low), high: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  recordAt(topic: string, partition: number, offset: number): Promise<BusRecord | null> {
    return this.#reader.recordAt(topic, partition, offset);
  }

  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly BusRecord[]> {
    return this.#reader.read(topic, partition, offset, limit);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.#publisher.close();
    await this.#reader.close();
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.then((one) => one.disconnect()).catch(() => undefined);
  }

  /** One connection for all questions; after a failure the next question makes a new one. */
  async #withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    this.#admin ??= (async () => {
      const admin = kafkaClient(this.options).admin({ retry: FEW_RETRIES });
      await admin.connect();
      return admin;
    })();
    const mine = this.#admin;
    try {
      return await work(await mine);
    } catch (error) {
      if (this.#admin === mine) this.#admin = undefined;
      void mine.then((admin) => admin.disconnect()).catch(() => undefined);
      throw error;
    }
  }
}
