import type { ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';

export interface KafkaConnection {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[];
  /** Names this process in the brokers' logs and quotas: the service. */
  readonly clientId: string;
  readonly ssl?: ConnectionOptions | boolean;
  readonly sasl?: SASLOptions;
  readonly logger?: Logger;
}

/** Said by kafkajs as errors although they pass by themselves: a broker that is starting, a group that is sharing out. */
const PASSING = /coordinator|rebalanc|re-joining|not aware of this member|leadership election|is loading|ECONNREFUSED|Connection (error|timeout)|closed connection|Response (Heartbeat|JoinGroup|SyncGroup|OffsetCommit|Metadata|FindCoordinator|GroupCoordinator)/i;
const FIELDS = ['groupId', 'topic', 'partition', 'broker', 'clientId', 'error', 'errorMessage', 'retryCount', 'retryTime', 'memberId'] as const;

/** Only fields known to hold no content of messages are passed on. */
const logTo = (logger: Logger) => ({ namespace, level, log }: LogEntry): void => {
  const fields: Record<string, unknown> = { part: namespace };
  for (const name of FIELDS) {
    const value = log[name];
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  const passes = PASSING.test(`${log.message} ${String(fields['error'] ?? '')}`);
  if (level > logLevel.WARN || passes) logger.debug(fields, log.message);
  else logger.warn(fields, log.message);
};

/** Few retries everywhere: a client that keeps knocking on a dead node is a zombie; the loops around it begin anew. */
export const FEW_RETRIES = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 } as const;

export const kafkaConfig = (connection: KafkaConnection): KafkaConfig => ({
  brokers: [...connection.brokers],
  clientId: connection.clientId,
  ssl: connection.ssl,
  sasl: connection.sasl,
  connectionTimeout: 3_000,
  requestTimeout: 10_000,
  retry: FEW_RETRIES,
  logLevel: connection.logger ? logLevel.INFO : logLevel.NOTHING,
  logCreator: () => (connection.logger ? logTo(connection.logger) : () => undefined),
});

export const kafkaClient = (connection: KafkaConnection): Kafka => new Kafka(kafkaConfig(connection));
