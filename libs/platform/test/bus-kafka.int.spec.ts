import { busContract } from '@throughline/testing/bus-contract';
import { Kafka, logLevel } from 'kafkajs';
import { KafkaBus } from '../src/bus/kafka-bus.js';
import type { Sql } from '../src/persistence/sql.js';
import { kafkaForTests } from './bus-kafka-server.js';

/** Kafka takes no part in the publisher's transaction. */
const noSql: Sql = { query: () => Promise.reject(new Error('the Kafka bus touches no database')) };

busContract('Apache Kafka', async () => {
  const server = await kafkaForTests();
  const open = (): KafkaBus => new KafkaBus({ brokers: server.brokers, clientId: 'contract', askAgainMs: 500 });
  const bus = open();
  return {
    bus,
    second: () => Promise.resolve(open()),
    inTransaction: (work) => work(noSql),
    stop: async () => {
      await bus.close();
      await server.stop();
    },
  };
});

test('a topic with another number of partitions is an error', async () => {
  const server = await kafkaForTests();
  const bus = new KafkaBus({ brokers: server.brokers, clientId: 'odd' });
  const admin = new Kafka({ brokers: [...server.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = `odd-${process.pid}-${Date.now()}`;
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 5 }] });
    await expect(bus.ensureTopics([topic])).rejects.toThrow(`Topic ${topic} has 5 partitions, not 12`);
  } finally {
    await admin.disconnect();
    await bus.close();
    await server.stop();
  }
}, 120_000);
