import { SERVICES } from '@throughline/contracts/define-event';
import { KafkaBus } from '@throughline/platform/bus/kafka-bus';
import type { System } from '@throughline/testing/system';
import pg from 'pg';
import { busySeconds, usageOf, type Usage } from './processes.js';

interface Instance {
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
  /** Schema and table -> rows inserted, updated and deleted. */
  readonly tableRows: ReadonlyMap<string, number>;
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

const TABLES = `select schemaname || '.' || relname as name, (n_tup_ins + n_tup_upd + n_tup_del)::float8 as rows from pg_stat_user_tables`;

const sumOf = (page: string, name: string): number =>
  [...page.matchAll(new RegExp(`^throughline_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);

/** Reads counters of a running system from outside: /proc, the database's statistics, the brokers and /metrics. */
export class Gauges {
  readonly #instance: Instance;
  readonly #bus: KafkaBus | undefined;

  constructor(
    system: System,
    private readonly more: readonly { readonly name: string; readonly pid: number }[],
  ) {
    this.#instance = system.instance() as unknown as Instance;
    const brokers = this.#instance.kafkaBrokers;
    this.#bus = brokers === undefined ? undefined : new KafkaBus({ brokers: [brokers], clientId: 'throughline-bench' });
  }

  async read(): Promise<Reading> {
    const [database, kafkaMessages, batches] = await Promise.all([this.#database(), this.#kafka(), this.#batches()]);
    const { commits, rows, tables, wal, bytes } = database;
    return {
      at: performance.now(),
      usage: usageOf([...this.#instance.parts, ...this.more], new Set(['postgres'])),
      busySeconds: busySeconds(),
      commits, rowsWritten: rows, tableRows: tables, walBytes: wal, databaseBytes: bytes, kafkaMessages, batches,
    };
  }

  close(): Promise<void> {
    return this.#bus?.close() ?? Promise.resolve();
  }

  async #database(): Promise<{ commits: number; rows: number; tables: ReadonlyMap<string, number>; wal: number; bytes: number }> {
    const client = new pg.Client({ connectionString: this.#instance.databaseUrl, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS });
    await client.connect();
    try {
      const [whole] = (await client.query<{ commits: number; rows: number; wal: number; bytes: number }>(DATABASE)).rows;
      const { rows } = await client.query<{ name: string; rows: number }>(TABLES);
      return { ...whole!, tables: new Map(rows.map((row) => [row.name, row.rows])) };
    } finally {
      await client.end();
    }
  }

  async #kafka(): Promise<number | undefined> {
    if (!this.#bus) return undefined;
    const spans = await Promise.all(SERVICES.map((topic) => this.#bus!.spans(topic)));
    return spans.flat().reduce((sum, { high }) => sum + high, 0);
  }

  async #batches(): Promise<Reading['batches']> {
    const pages = await Promise.all(
      SERVICES.map(async (service) => {
        const url = this.#instance.services[service];
        const page = url === undefined ? '' : await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(PATIENCE_MS) }).then((answer) => answer.text(), () => '');
        return [service, { messages: sumOf(page, 'batch_size_sum'), transactions: sumOf(page, 'batch_size_count'), statements: sumOf(page, 'sql_statements_total') }] as const;
      }),
    );
    return new Map(pages);
  }
}
