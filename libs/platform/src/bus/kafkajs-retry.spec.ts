import { createRequire } from 'node:module';
import { assertWritten, NO_RETRY } from './kafka-publisher.js';

/**
 * kafkajs' own send loop, driven with two brokers of ours: the second dies while it is asked, and the first inherits its
 * partition. This is what the row `kill -9 three brokers in turn` of the fault stories would lose messages by.
 */
const inside = createRequire(import.meta.url);
const createRetry = inside('kafkajs/src/retry/index.js') as (retry: object) => unknown;
const sendMessages = inside('kafkajs/src/producer/sendMessages.js') as (parts: object) => (send: object) => Promise<{ topicName: string; partition: number; errorCode: number }[]>;
const { KafkaJSProtocolError } = inside('kafkajs/src/errors.js') as { KafkaJSProtocolError: new (error: Error) => Error };

interface TopicData {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly messages: readonly { readonly value: string }[] }[];
}

/** Two partitions, a broker each, until the second dies. */
class TwoBrokers {
  /** Partition -> values that a broker has written. */
  readonly log: string[][] = [[], []];
  #leaders = [1, 2];
  readonly #brokers = new Map([1, 2].map((nodeId) => [nodeId, { nodeId, produce: ({ topicData }: { topicData: readonly TopicData[] }) => this.#produce(nodeId, topicData) }]));

  async #produce(nodeId: number, topicData: readonly TopicData[]): Promise<object> {
    if (nodeId === 2) {
      this.#leaders = [1, 1];
      throw new KafkaJSProtocolError(Object.assign(new Error('its leader has gone'), { type: 'LEADER_NOT_AVAILABLE', code: 5, retriable: true }));
    }
    for (const { partitions } of topicData) for (const { partition, messages } of partitions) this.log[partition]!.push(...messages.map(({ value }) => value));
    return { topics: topicData.map(({ topic, partitions }) => ({ topicName: topic, partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0, baseOffset: '0' })) })) };
  }

  /** As kafkajs knows a cluster. */
  readonly cluster = {
    isConnected: () => true,
    refreshMetadata: () => Promise.resolve(),
    refreshMetadataIfNecessary: () => Promise.resolve(),
    addMultipleTargetTopics: () => Promise.resolve(),
    findTopicPartitionMetadata: () => [0, 1].map((partitionId) => ({ partitionId, leader: this.#leaders[partitionId] })),
    findLeaderForPartitions: (_topic: string, partitions: readonly (number | string)[]) => Object.groupBy(partitions.map(Number), (partition) => this.#leaders[partition]!),
    findBroker: ({ nodeId }: { nodeId: number | string }) => Promise.resolve(this.#brokers.get(Number(nodeId))),
  };

  send(retry: object): Promise<{ topicName: string; partition: number; errorCode: number }[]> {
    const nothing = (): undefined => undefined;
    const eosManager = { acquireBrokerLock: nothing, releaseBrokerLock: nothing, isTransactional: () => false, getSequence: () => 0, updateSequence: nothing, getTransactionalId: nothing, getProducerId: nothing, getProducerEpoch: nothing };
    const logger = { debug: nothing, error: nothing };
    const partitioner = ({ message }: { message: { partition: number } }): number => message.partition;
    const send = sendMessages({ logger, cluster: this.cluster, partitioner, eosManager, retrier: createRetry({ initialRetryTime: 1, maxRetryTime: 1, ...retry }) });
    return send({ acks: -1, timeout: 1_000, topicMessages: [{ topic: 'care-plan', messages: [0, 1].map((partition) => ({ key: 'k', value: `for ${partition}`, partition })) }] });
  }
}

test("with kafkajs' own retry a message is lost without an error, and only our look at the answer notices", async () => {
  const brokers = new TwoBrokers();
  const answers = await brokers.send({ retries: 5 });
  expect(brokers.log).toEqual([['for 0'], []]);
  expect(() => assertWritten('care-plan', [0, 1], answers)).toThrow('did not confirm partition 1');
});

test('without it the send fails, and the whole of it again writes everything, some of it twice', async () => {
  const brokers = new TwoBrokers();
  await expect(brokers.send(NO_RETRY)).rejects.toThrow();
  assertWritten('care-plan', [0, 1], await brokers.send(NO_RETRY));
  expect(brokers.log).toEqual([['for 0', 'for 0'], ['for 1']]);
});
