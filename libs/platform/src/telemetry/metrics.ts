import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One monitor for the process: five services share its event loop, and each is scraped on its own. */
const LOOP_WINDOW_MS = 1_000;
let loop: ReturnType<typeof monitorEventLoopDelay> | undefined;
let seen = { at: -LOOP_WINDOW_MS, p50: 0, p99: 0, max: 0 };

const observeLoop = (): void => {
  if (loop !== undefined) return;
  loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
};

/** The delays since the last reading; who reads within a second of another is told the same. */
const loopDelay = (): typeof seen => {
  if (loop !== undefined && performance.now() - seen.at >= LOOP_WINDOW_MS) {
    seen = { at: performance.now(), p50: loop.percentile(50) / 1e9, p99: loop.percentile(99) / 1e9, max: loop.max / 1e9 };
    loop.reset();
  }
  return seen;
};

/** What every Prometheus client says of its process, under the usual names, so that one dashboard serves all roles. */
const observeProcess = (registry: Registry): void => {
  new Gauge({
    name: 'process_resident_memory_bytes', help: 'Resident memory of the process', registers: [registry],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: 'process_cpu_seconds_total', help: 'Processor time of the process, user and system', registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({ name: 'process_start_time_seconds', help: 'When the process began', registers: [registry] }).set(performance.timeOrigin / 1000);
};

/** Labels are codes from closed lists and the senders that are known, never ids of people or messages: each value is a time series. */
const createInstruments = (registry: Registry) => {
  const named = (name: string, help: string) => ({ name: `throughline_${name}`, help, registers: [registry] });
  const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  return {
    accepted: new Counter({ ...named('accepted_total', 'Inbound messages answered, by channel and answer'), labelNames: ['channel', 'answer'] as const }),
    mllpAckSeconds: new Histogram({ ...named('mllp_ack_seconds', 'Last byte of an MLLP frame to its answer'), buckets: seconds }),
    senderAgeSeconds: new Gauge({ ...named('sender_last_message_age_seconds', 'Since the last new message of a sender'), labelNames: ['sender'] as const }),
    senderSilent: new Gauge({ ...named('sender_silent', '1 while a sender is silent for more than twice as long as is usual'), labelNames: ['sender'] as const }),
    senderMessages: new Gauge({ ...named('sender_messages', 'New messages of the last 24 hours, by sender and answer'), labelNames: ['sender', 'answer'] as const }),
    outboxRows: new Gauge(named('outbox_rows', 'Events committed and not yet on the bus')),
    outboxOldestAgeSeconds: new Gauge(named('outbox_oldest_age_seconds', 'Age of the oldest event not yet on the bus')),
    inboxDuplicates: new Counter(named('inbox_duplicates_total', 'Messages dropped because they were handled before')),
    handled: new Counter({ ...named('handled_total', 'Messages handled, by type and outcome'), labelNames: ['type', 'outcome'] as const }),
    batchSize: new Histogram({ ...named('batch_size', 'Messages per transaction'), buckets: [1, 2, 5, 10, 20, 50, 100, 200] }),
    parkedMessages: new Gauge({ ...named('parked_messages', 'Parked messages, by state'), labelNames: ['state'] as const }),
    ready: new Gauge(named('ready', '1 while the service is ready, 0 while /readyz names a reason')),
    consumerLag: new Gauge({ ...named('consumer_lag', 'Records behind the end of the log'), labelNames: ['topic', 'partition'] as const }),
    unreadPartitions: new Gauge({ ...named('unread_partitions', 'Partitions that are not read because log and position disagree'), labelNames: ['reason'] as const }),
    notifications: new Counter({ ...named('notification_total', 'Outbound messages, by the state they reached'), labelNames: ['state'] as const }),
    jobs: new Counter({ ...named('job_total', 'Jobs woken, by name and outcome'), labelNames: ['job', 'outcome'] as const }),
    jobLatenessSeconds: new Histogram({ ...named('job_lateness_seconds', 'Due time of a job to the end of its handling'), buckets: [...seconds, 30, 60, 300, 3600] }),
    sweepRepairs: new Counter({ ...named('sweep_repairs_total', 'Due rows that the sweep ran because no alarm had'), labelNames: ['job'] as const }),
    sweepLastSuccess: new Gauge(named('sweep_last_success_timestamp_seconds', 'When due rows were last compared with the alarms; 0 where there are no jobs')),
    httpRequestSeconds: new Histogram({ ...named('http_request_seconds', 'HTTP requests'), labelNames: ['method', 'route', 'status'] as const, buckets: seconds }),
    eventLoopLagSeconds: new Gauge({ ...named('eventloop_lag_seconds', 'Event loop delay since the last scrape'), labelNames: ['quantile'] as const }),
    pgPool: new Gauge({ ...named('pg_pool_connections', 'Connections of the service\'s pool'), labelNames: ['state'] as const }),
    sqlStatements: new Counter(named('sql_statements_total', 'Statements sent to the database by transactions and their reads')),
    scrapeFailures: new Counter(named('scrape_failures_total', 'Readings that failed while metrics were collected')),
  };
};

export type Instruments = ReturnType<typeof createInstruments>;

export interface Metrics extends Instruments {
  readonly registry: Registry;
  /** A reading taken at every scrape, for gauges whose truth is a table. A failure is counted and spoils nothing else. */
  onScrape(read: () => void | Promise<void>): void;
  /** The page of `/metrics`; `contentType` belongs to it. */
  page(): Promise<string>;
  readonly contentType: string;
}

/** pg's own pool: sizes that it counts itself. */
export interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** One registry per service, so that five in one process keep apart; every series carries the service's name. */
export const createMetrics = (service: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  observeProcess(registry);
  const instruments = createInstruments(registry);
  const readings: (() => void | Promise<void>)[] = [];
  observeLoop();
  readings.push(() => {
    const { p50, p99, max } = loopDelay();
    for (const [quantile, value] of [['0.5', p50], ['0.99', p99], ['1', max]] as const) instruments.eventLoopLagSeconds.set({ quantile }, value);
  });
  return {
    ...instruments,
    registry,
    contentType: registry.contentType,
    onScrape: (read) => void readings.push(read),
    page: async () => {
      await Promise.all(
        readings.map(async (read) => {
          try {
            await read();
          } catch {
            instruments.scrapeFailures.inc();
          }
        }),
      );
      return registry.metrics();
    },
  };
};

export const observePool = (metrics: Metrics, pool: PoolCounts): void =>
  metrics.onScrape(() => {
    metrics.pgPool.set({ state: 'total' }, pool.totalCount);
    metrics.pgPool.set({ state: 'idle' }, pool.idleCount);
    metrics.pgPool.set({ state: 'waiting' }, pool.waitingCount);
  });
