import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import { INGRESS_ANSWERS_TOPIC, INGRESS_TOPIC } from '@throughline/contracts/ingress';
import { KafkaBus, type KafkaBusOptions } from '@throughline/platform/bus/kafka-bus';

const PATIENCE_MS = 60_000;

/** What systems send to and are answered on, as intake has them by its settings; none where it takes nothing. */
export const ingressTopics = (env: NodeJS.ProcessEnv): readonly string[] => {
  const of = (name: string, initial: string): string => env[name]?.trim() || initial;
  const topic = of('THROUGHLINE_INGRESS_TOPIC', INGRESS_TOPIC);
  return topic === 'off' ? [] : [topic, of('THROUGHLINE_INGRESS_ANSWERS_TOPIC', INGRESS_ANSWERS_TOPIC)];
};

/** Makes the topics that are missing. A broker that has just made one may not know it for a moment: what Kafka itself calls retriable is tried again. */
export const ensureTopics = async (options: Omit<KafkaBusOptions, 'clientId'>, env: NodeJS.ProcessEnv): Promise<void> => {
  for (const until = Date.now() + PATIENCE_MS; ; await delay(500)) {
    const bus = new KafkaBus({ ...options, clientId: 'throughline-topics' });
    try {
      return await bus.ensureTopics([...SERVICES, ...ingressTopics(env)]);
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || Date.now() > until) throw error;
    } finally {
      await bus.close();
    }
  }
};
