import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';

export interface KafkaForTests {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/** The test run's broker (`TEST_KAFKA_BROKERS`), else one of our own. */
export const kafkaForTests = async (): Promise<KafkaForTests> => {
  const given = process.env['TEST_KAFKA_BROKERS'];
  if (given) return { brokers: given.split(','), stop: () => Promise.resolve() };
  const folder = mkdtempSync(join(tmpdir(), 'throughline-kafka-'));
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  const server = await startKafka({ folder, port, controllerPort });
  return {
    brokers: server.brokers,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
