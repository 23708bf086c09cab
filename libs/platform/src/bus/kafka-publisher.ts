import type { Message, Producer } from 'kafkajs';
import type { OutgoingRecord } from './bus.js';
import { kafkaClient, type KafkaConnection } from './kafka-client.js';
import { partitionOf } from './partitioner.js';

/** A broker refuses a partition's batch of more than 1 MB (`max.message.bytes`); headers and framing take the rest. */
const MOST_BYTES = 900_000;
const ALL_IN_SYNC = -1;
/** kafkajs' own retry of a send: none. See {@link KafkaPublisher}. */
export const NO_RETRY = { retries: 0 } as const;

/** What kafkajs answers about one partition. */
interface Written {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** @throws when a partition that was sent to is not among those that the brokers say they wrote */
export const assertWritten = (topic: string, partitions: readonly number[], answers: readonly Written[]): void => {
  const written = new Set(answers.filter((answer) => answer.topicName === topic && answer.errorCode === 0).map((answer) => answer.partition));
  for (const partition of partitions) {
    if (!written.has(partition)) throw new Error(`Kafka did not confirm partition ${partition} of ${topic}`);
  }
};

/** The relay holds a transaction open meanwhile. */
export const GIVE_UP_MS = 8_000;

const sizeOf = (record: OutgoingRecord): number =>
  Buffer.byteLength(record.value) + Buffer.byteLength(record.key) + Buffer.byteLength(JSON.stringify(record.headers)) + 64;

/** Runs of records that fit into one send. One that is too large alone is a run of its own, and the broker's to refuse. */
export const sendable = (records: readonly OutgoingRecord[], most = MOST_BYTES): OutgoingRecord[][] => {
  const runs: OutgoingRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const size = sizeOf(record);
    if (size > room || runs.length === 0) {
      runs.push([]);
      room = most;
    }
    runs.at(-1)!.push(record);
    room -= size;
  }
  return runs;
};

/**
 * Appends to Kafka, one send at a time, each on all in-sync copies or rejected. kafkajs' own producer retry is off: with it,
 * a broker that has answered is not asked again when it inherits a dead one's partitions, and messages are lost without an
 * error (tulios/kafkajs#1303). The caller repeats the whole publish; what then arrives twice, the inboxes drop.
 */
export class KafkaPublisher {
  #producer: Producer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: KafkaConnection,
    private readonly partitions: number,
    private readonly giveUpMs = GIVE_UP_MS,
  ) {}

  publish(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const mine = this.#last.then(() => this.#publish(topic, records));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#dropProducer();
  }

  async #publish(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Kafka did not take the records for ${topic} within ${this.giveUpMs} ms`)), this.giveUpMs);
    });
    const sending = (async () => {
      for (const run of sendable(records)) await this.#send(topic, run);
    })();
    sending.catch(() => undefined);
    try {
      await Promise.race([sending, tooLate]);
    } catch (error) {
      // A fresh connection for the next try: nothing of this one is then still on its way, and no stale metadata stays.
      void this.#dropProducer();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const messages = records.map((record): Message & { partition: number } => ({
      key: record.key, value: record.value, headers: { ...record.headers }, partition: partitionOf(record.key, this.partitions),
    }));
    const producer = await this.#connected();
    const answers = await producer.send({ topic, acks: ALL_IN_SYNC, timeout: this.giveUpMs, messages });
    assertWritten(topic, messages.map(({ partition }) => partition), answers);
  }

  async #connected(): Promise<Producer> {
    if (this.#producer) return this.#producer;
    const producer = kafkaClient(this.connection).producer({
      createPartitioner: () => ({ message }) => message.partition ?? partitionOf(String(message.key), this.partitions),
      allowAutoTopicCreation: false,
      retry: NO_RETRY,
    });
    this.#producer = producer;
    await producer.connect();
    return producer;
  }

  async #dropProducer(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}
