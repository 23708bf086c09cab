import { SERVICES } from '@throughline/contracts/define-event';
import { KafkaBus } from '@throughline/platform/bus/kafka-bus';
import type { System } from '@throughline/testing/system';
import pg from 'pg';
import { busySeconds, usageOf, type Usage } from './processes.js';
import { readCounts, type RowCounts, settleCounts } from './work/row-counts.js';

/** What a run wrote about itself. */
export interface Instance {
  readonly parts: readonly { readonly name: string; readonly pid: number }[];
  readonly services: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly kafkaBrokers?: string;
}

/** Counters of everything, at one moment. */
export interface Reading {
  readonly at: number;
  readonly usage: ReadonlyMap<string, Usage>;
  readonly busySeconds: number;
  readonly commits: number;
  readonly rowsWritten: number;
  readonly tableRows: RowCounts;
  readonly walBytes: number;
  readonly databaseBytes: number;
  /** On all topics; undefined without Kafka. */
  readonly kafkaMessages: number | undefined;
  /** Service -> messages and transactions of its runners, and statements it sent. */
  readonly batches: ReadonlyMap<string, { readonly messages: number; readonly transactions: number; readonly statements: number }>;
}

/** Longer than a busy system takes to answer. */
const PATIENCE_MS = 20_000;

const DATABASE = `
  select xact_commit::float8 as commits, (tup_inserted + tup_updated + tup_deleted)::float8 as rows,
         pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal, pg_database_size(current_database())::float8 as bytes
  from pg_stat_database where datname = current_database()`;

const sumOf = (page: string, name: string): number =>
  [...page.matchAll(new RegExp(`^throughline_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);

/** Reads counters of a running system from outside: /proc, the database's statistics, the brokers and /metrics. */
export class Gauges {
  readonly bus: KafkaBus | undefined;

  constructor(
    private readonly system: System,
    private readonly more: readonly { readonly name: string; readonly pid: number }[],
  ) {
    const brokers = this.instance.kafkaBrokers;
    this.bus = brokers === undefined ? undefined : new KafkaBus({ brokers: [brokers], clientId: 'throughline-bench' });
  }

  /** Read again each time: parts that were started again are other processes. */
  get instance(): Instance {
    return this.system.instance() as unknown as Instance;
  }

  async read(): Promise<Reading> {
    const [database, kafkaMessages, batches] = await Promise.all([this.#database(), this.#kafka(), this.#batches()]);
    const { commits, rows, tables, wal, bytes } = database;
    return {
      at: performance.now(),
      usage: this.#usage(),
      busySeconds: busySeconds(),
      commits, rowsWritten: rows, tableRows: tables, walBytes: wal, databaseBytes: bytes, kafkaMessages, batches,
    };
  }

  /** As `read`, once the database's statistics hold all that was written: they come late. */
  async settled(signal: AbortSignal): Promise<Reading> {
    await this.#connected((client) => settleCounts(client, signal));
    return this.read();
  }

  /** MB by name of the process. */
  memory(): ReadonlyMap<string, number> {
    return new Map([...this.#usage()].map(([name, { memoryMb }]) => [name, memoryMb]));
  }

  close(): Promise<void> {
    return this.bus?.close() ?? Promise.resolve();
  }

  #usage(): ReadonlyMap<string, Usage> {
    return usageOf([...this.instance.parts, ...this.more], new Set(['postgres']));
  }

  #database(): Promise<{ commits: number; rows: number; tables: RowCounts; wal: number; bytes: number }> {
    return this.#connected(async (client) => {
      const [whole] = (await client.query<{ commits: number; rows: number; wal: number; bytes: number }>(DATABASE)).rows;
      return { ...whole!, tables: await readCounts(client) };
    });
  }

  async #connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.instance.databaseUrl, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS });
    client.on('error', () => undefined);
    await client.connect();
    return work(client).finally(() => client.end());
  }

  async #kafka(): Promise<number | undefined> {
    if (!this.bus) return undefined;
    const spans = await Promise.all(SERVICES.map((topic) => this.bus!.spans(topic)));
    return spans.flat().reduce((sum, { high }) => sum + high, 0);
  }

  async #batches(): Promise<Reading['batches']> {
    const pages = await Promise.all(
      SERVICES.map(async (service) => {
        const url = this.instance.services[service];
        const page = url === undefined ? '' : await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(PATIENCE_MS) }).then((answer) => answer.text(), () => '');
        return [service, { messages: sumOf(page, 'batch_size_sum'), transactions: sumOf(page, 'batch_size_count'), statements: sumOf(page, 'sql_statements_total') }] as const;
      }),
    );
    return new Map(pages);
  }
}
