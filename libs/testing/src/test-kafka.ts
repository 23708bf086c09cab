import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';

export interface TestKafka {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/** A broker of the test's own: for services that publish on their real topics, which one run's tests would share. */
export const ownKafka = async (): Promise<TestKafka> => {
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
