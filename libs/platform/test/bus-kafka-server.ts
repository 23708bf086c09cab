import { ownKafka, type TestKafka } from '@throughline/testing/test-kafka';

/** The test run's broker (`TEST_KAFKA_BROKERS`), else one of our own. */
export const kafkaForTests = async (): Promise<TestKafka> => {
  const given = process.env['TEST_KAFKA_BROKERS'];
  if (given) return { brokers: given.split(','), stop: () => Promise.resolve() };
  return ownKafka();
};
