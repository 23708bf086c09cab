import { setTimeout as delay } from 'node:timers/promises';
import { GIVE_UP_MS, KafkaPublisher } from '@throughline/platform/bus/kafka-publisher';
import type { System } from '@throughline/testing/system';
import { Kafka, logLevel } from 'kafkajs';
import { onCluster } from './on-cluster.js';
import { instanceOf } from './strikes.js';

const PARTITIONS = 12;
const PAUSE_MS = 20;
const OURS = 'sent-as-we-do';
const THEIRS = 'sent-with-kafkajs-retry';

/** Sends the whole of it, or rejects; who calls it then sends the whole of it again. */
type Send = (values: readonly string[]) => Promise<unknown>;

export interface Told {
  /** Records that the sender was told are written. */
  readonly confirmed: number;
  /** Of these, not in the log. */
  readonly missing: number;
}

/** Senders beside the stack, several at once: a record for each partition with every send, until they are stopped. */
class Senders {
  readonly #confirmed = new Set<string>();
  #goesOn = true;
  readonly #ended: Promise<unknown>;

  constructor(
    readonly topic: string,
    sends: readonly Send[],
  ) {
    this.#ended = Promise.all(sends.map((send, at) => this.#run(send, at)));
  }

  async #run(send: Send, at: number): Promise<void> {
    for (let n = 0; this.#goesOn; n++) {
      const values = Array.from({ length: PARTITIONS }, (_, partition) => `${at}/${n}/${partition}`);
      if (await this.#sent(send, values)) for (const value of values) this.#confirmed.add(value);
      await delay(PAUSE_MS);
    }
  }

  async #sent(send: Send, values: readonly string[]): Promise<boolean> {
    while (this.#goesOn) {
      try {
        await send(values);
        return true;
      } catch {
        await delay(PAUSE_MS);
      }
    }
    return false;
  }

  /** They end with the send that is under way. */
  stop(): Promise<unknown> {
    this.#goesOn = false;
    return this.#ended;
  }

  async told(system: System): Promise<Told> {
    const written = await valuesIn(system, this.topic);
    return { confirmed: this.#confirmed.size, missing: [...this.#confirmed].filter((value) => !written.has(value)).length };
  }
}

const kafkaOf = (system: System): Kafka => new Kafka({ clientId: 'faults', brokers: instanceOf(system).kafkaBrokers.split(','), logLevel: logLevel.NOTHING });

/** Everything that the topic holds, to the end that it has now. */
const valuesIn = async (system: System, topic: string): Promise<ReadonlySet<string>> => {
  const spans = await onCluster(system, (admin) => admin.fetchTopicOffsets(topic));
  const open = new Set(spans.filter(({ low, high }) => Number(high) > Number(low)).map(({ partition }) => partition));
  const values = new Set<string>();
  const consumer = kafkaOf(system).consumer({ groupId: `faults-${topic}-${Date.now()}` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((done, fail) => {
      if (open.size === 0) return done();
      const eachMessage = ({ partition, message }: { partition: number; message: { value: Buffer | null; offset: string } }): Promise<void> => {
        if (message.value) values.add(message.value.toString());
        if (Number(message.offset) >= Number(spans.find((span) => span.partition === partition)!.high) - 1) open.delete(partition);
        if (open.size === 0) done();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(fail);
    });
    return values;
  } finally {
    await consumer.disconnect();
  }
};

interface Client {
  readonly send: Send;
  readonly close: () => Promise<unknown>;
}

const asTheRelay = (system: System): Client => {
  const publisher = new KafkaPublisher({ brokers: instanceOf(system).kafkaBrokers.split(','), clientId: 'faults' }, PARTITIONS);
  return { send: (values) => publisher.publish(OURS, values.map((value) => ({ key: value, value, headers: {} }))), close: () => publisher.close() };
};

/** kafkajs as it comes: five repeats of what it takes for not sent. */
const withItsOwnRetry = async (system: System): Promise<Client> => {
  const producer = kafkaOf(system).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const send: Send = (values) => producer.send({ topic: THEIRS, acks: -1, timeout: GIVE_UP_MS, messages: values.map((value, partition) => ({ value, partition })) });
  return { send, close: () => producer.disconnect() };
};

/** As many as are likely to be in the middle of a send when a broker dies. */
const AT_ONCE = [1, 2, 3, 4];

/**
 * Two groups of senders that do the same work through the same loss of brokers: some as the outbox relay publishes, some that
 * leave the repeating to kafkajs.
 */
export class RetriedSends {
  private constructor(
    private readonly system: System,
    private readonly clients: readonly Client[],
    private readonly ours: Senders,
    private readonly theirs: Senders,
  ) {}

  static async begin(system: System): Promise<RetriedSends> {
    const replicated = (topic: string) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 3, configEntries: [{ name: 'min.insync.replicas', value: '2' }] });
    await onCluster(system, (admin) => admin.createTopics({ topics: [OURS, THEIRS].map(replicated), waitForLeaders: true }));
    const ours = AT_ONCE.map(() => asTheRelay(system));
    const theirs = await Promise.all(AT_ONCE.map(() => withItsOwnRetry(system)));
    const sends = (clients: readonly Client[]): readonly Send[] => clients.map(({ send }) => send);
    return new RetriedSends(system, [...ours, ...theirs], new Senders(OURS, sends(ours)), new Senders(THEIRS, sends(theirs)));
  }

  async stop(): Promise<void> {
    await Promise.all([this.ours.stop(), this.theirs.stop()]);
    await Promise.all(this.clients.map(({ close }) => close()));
  }

  /** What each was told is written, held against what is there. */
  async told(): Promise<{ readonly ours: Told; readonly theirs: Told }> {
    const [ours, theirs] = await Promise.all([this.ours.told(this.system), this.theirs.told(this.system)]);
    return { ours, theirs };
  }
}
