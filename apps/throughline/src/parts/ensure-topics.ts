import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import { KafkaBus, type KafkaBusOptions } from '@throughline/platform/bus/kafka-bus';

const PATIENCE_MS = 60_000;

/** Makes the topics that are missing. A broker that has just made one may not know it for a moment: what Kafka itself calls retriable is tried again. */
export const ensureTopics = async (options: Omit<KafkaBusOptions, 'clientId'>): Promise<void> => {
  for (const until = Date.now() + PATIENCE_MS; ; await delay(500)) {
    const bus = new KafkaBus({ ...options, clientId: 'throughline-topics' });
    try {
      return await bus.ensureTopics(SERVICES);
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || Date.now() > until) throw error;
    } finally {
      await bus.close();
    }
  }
};
