import type { System } from '@throughline/testing/system';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { instanceOf } from './strikes.js';

export const onCluster = async <T>(system: System, work: (admin: Admin) => Promise<T>): Promise<T> => {
  const kafka = new Kafka({ clientId: 'faults', brokers: instanceOf(system).kafkaBrokers.split(','), logLevel: logLevel.NOTHING, retry: { retries: 2 } });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};
