import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Parking } from '../runner/parking.js';
import { statementsOf } from '../persistence/database.js';
import { outboxState } from '../runner/relay.js';
import type { Sql } from '../persistence/sql.js';
import type { Mismatch } from '../runner/positions.js';
import type { Health } from '../telemetry/health.js';
import { observePool, type Metrics } from '../telemetry/metrics.js';
import { lagByPartition, lagOfLogs, type QuietParts } from './quiet.js';

export interface ObservedParts extends Pick<QuietParts, 'bus' | 'topics' | 'logs'> {
  readonly metrics: Metrics;
  readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  readonly parking: Parking;
  readonly health: Health;
  readonly mismatches: () => readonly Mismatch[];
}

const REASONS = ['other-cluster', 'other-record', 'outside', 'gap'] as const satisfies readonly Mismatch['reason'][];

/** Gauges whose truth is a table or the log: read when they are scraped. */
export const observeTables = (parts: ObservedParts): void => {
  const { metrics, read, parking, health, logs, mismatches } = parts;
  metrics.onScrape(async () => metrics.ready.set((await health.report()).ok ? 1 : 0));
  metrics.onScrape(() => {
    const unread = mismatches();
    for (const reason of REASONS) metrics.unreadPartitions.set({ reason }, unread.filter((one) => one.reason === reason).length);
  });
  metrics.onScrape(async () => {
    const { rows, oldestAgeMs } = await read(outboxState);
    metrics.outboxRows.set(rows);
    metrics.outboxOldestAgeSeconds.set(oldestAgeMs / 1000);
  });
  metrics.onScrape(async () => {
    const counts = await parking.counts();
    for (const state of ['parked', 'waiting', 'behind']) metrics.parkedMessages.set({ state }, counts[state] ?? 0);
  });
  metrics.onScrape(async () => {
    for (const { topic, partition, lag } of await lagByPartition(parts)) metrics.consumerLag.set({ topic, partition: String(partition) }, lag);
  });
  metrics.onScrape(async () => {
    for (const { log, lag } of await read((sql) => lagOfLogs(sql, logs))) metrics.consumerLag.set({ topic: log, partition: '0' }, lag);
  });
};

/** Once the data source is up: its pool exists from then on. */
export const observeConnections = (metrics: Metrics, dataSource: DataSource): void => {
  observePool(metrics, (dataSource.driver as unknown as { readonly master: pg.Pool }).master);
  metrics.onScrape(() => {
    metrics.sqlStatements.reset();
    metrics.sqlStatements.inc(statementsOf(dataSource));
  });
};
