import { SERVICES } from '@throughline/contracts/define-event';
import { topicsReadBy } from '@throughline/contracts/flow';
import type { Logger } from 'pino';
import pg from 'pg';
import type { Sql } from '../persistence/sql.js';
import { Bell } from '../runner/bell.js';
import type { BatchConsumer, Bus, BusRecord, OutgoingRecord, PartitionSpan, SeekBack, Subscription } from './bus.js';
import { EmbeddedBusLock } from './embedded-bus-lock.js';
import { migrateBus } from './embedded-bus-schema.js';
import { EmbeddedReader } from './embedded-reader.js';
import { EmbeddedSubscription } from './embedded-subscription.js';
import { partitionOf } from './partitioner.js';
import { Wake } from './wake.js';

export interface EmbeddedBusOptions {
  readonly url: string;
  readonly logger?: Logger;
  /** Topic -> groups whose position holds records back from pruning; default: what `flow.ts` says (a group is named after its service). */
  readonly readers?: ReadonlyMap<string, readonly string[]>;
  /** How long another process may hold the bus before opening it fails. Default 3,000. */
  readonly patienceMs?: number;
  /** How often partitions that a consumer left out are offered to it again. Default 15,000. */
  readonly askAgainMs?: number;
}

const PARTITIONS = 3;
/** Connections besides the lock's: part of the process's budget. */
const POOL = 4;
const POLL_MS = 50;
const IDLE_POLL_MS = 250;
const NOTE_MS = 1_000;
const SESSION_MS = 10_000;
const PRUNE_MS = 3_600_000;
const KEEP_MS = 7 * 86_400_000;
const PRUNE_AT_ONCE = 5_000;

const readersByFlow = (): ReadonlyMap<string, readonly string[]> =>
  new Map(SERVICES.map((topic) => [topic, SERVICES.filter((service) => topicsReadBy(service).includes(topic))]));

type RecordRow = Omit<BusRecord, 'offset'> & { readonly offset: string };

/**
 * The bus of a single process on one machine: topics, partitions, offsets and groups kept in PostgreSQL (schema `bus`).
 * Records are appended in the relay's own transaction and read by one reader per group and topic.
 */
export class EmbeddedBus implements Bus {
  readonly kind = 'embedded';
  /** Its tables stand in the database of the positions. */
  readonly remakable = false;
  readonly partitions = PARTITIONS;
  readonly bell = new Bell();
  readonly #wake = new Wake();
  readonly #subscriptions = new Set<EmbeddedSubscription>();
  readonly #pruning: NodeJS.Timeout;
  readonly #watching: Promise<void>;
  #closed = false;
  #lastBeat = Date.now();
  #lastNote = 0;

  private constructor(
    private readonly options: EmbeddedBusOptions,
    private readonly lock: EmbeddedBusLock,
    private readonly pool: pg.Pool,
  ) {
    this.bell.listen(() => this.#wake.ring());
    this.#watching = this.#watch();
    this.#pruning = setInterval(() => void this.#pruneQuietly(), PRUNE_MS).unref();
    void this.#pruneQuietly();
  }

  /** Takes the bus for this process alone and brings its tables up to date. */
  static async open(options: EmbeddedBusOptions): Promise<EmbeddedBus> {
    const lock = await EmbeddedBusLock.take(options.url, options.patienceMs ?? 3_000);
    const pool = new pg.Pool({
      connectionString: options.url, max: POOL, application_name: 'throughline-bus', connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000, lock_timeout: 5_000, idle_in_transaction_session_timeout: 10_000,
    });
    pool.on('error', (error) => options.logger?.warn({ err: error }, 'the embedded bus lost a connection'));
    try {
      const client = await pool.connect();
      await migrateBus({ query: async (text, params) => (await client.query(text, params as unknown[])).rows as never }).finally(() => client.release());
      return new EmbeddedBus(options, lock, pool);
    } catch (error) {
      await pool.end();
      await lock.release();
      throw error;
    }
  }

  async clusterId(): Promise<string> {
    const [row] = await this.#query<{ id: string }>('select bus.cluster_id() as id');
    return row!.id;
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      const [row] = await this.#query<{ found: number }>('select bus.ensure_topic($1, $2) as found', [topic, PARTITIONS]);
      if (row!.found !== PARTITIONS) throw new Error(`Topic ${topic} has ${row!.found} partitions, not ${PARTITIONS}: the number never changes in a topic's life`);
    }
  }

  async publish(topic: string, records: readonly OutgoingRecord[], sql: Sql): Promise<void> {
    if (records.length === 0) return;
    this.lock.mustHold();
    await sql.query('select bus.append($1::text, $2::int[], $3::text[], $4::text[], $5::text[])', [
      topic,
      records.map((record) => partitionOf(record.key, PARTITIONS)),
      records.map((record) => record.key),
      records.map((record) => JSON.stringify(record.headers)),
      records.map((record) => record.value),
    ]);
  }

  async subscribe(group: string, topics: readonly string[], consumer: BatchConsumer): Promise<Subscription> {
    const read = (topic: string, from: readonly SeekBack[], limit: number): Promise<readonly BusRecord[]> => this.#read(topic, from, limit);
    const readers = topics.map((topic) => new EmbeddedReader(group, topic, consumer, read, this.options.logger));
    const subscription: EmbeddedSubscription = new EmbeddedSubscription(consumer, readers, PARTITIONS, {
      askAgainMs: this.options.askAgainMs ?? 15_000,
      logger: this.options.logger,
      isLive: () => this.lock.held && Date.now() - this.#lastBeat < SESSION_MS,
      ready: () => this.#wake.ring(),
      left: async () => {
        this.#subscriptions.delete(subscription);
        await this.#note([subscription]).catch(() => undefined);
      },
    });
    this.#subscriptions.add(subscription);
    await subscription.start();
    return subscription;
  }

  async spans(topic: string): Promise<readonly PartitionSpan[]> {
    return (await this.#allSpans()).filter((span) => span.topic === topic);
  }

  async recordAt(topic: string, partition: number, offset: number): Promise<BusRecord | null> {
    const [record] = await this.#read(topic, [{ topic, partition, offset }], 1);
    return record?.offset === offset ? record : null;
  }

  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly BusRecord[]> {
    return this.#read(topic, [{ topic, partition, offset }], limit);
  }

  /** Removes records older than seven days that every reader has behind it. Runs by itself each hour. Returns how many. */
  async prune(before = new Date(Date.now() - KEEP_MS)): Promise<number> {
    const readers = this.options.readers ?? readersByFlow();
    let total = 0;
    for (const topic of new Set((await this.#allSpans()).map((span) => span.topic))) {
      for (let removed = 1; removed > 0 && !this.#closed; total += removed) {
        const [row] = await this.#query<{ removed: number }>('select bus.prune($1, $2::text[], $3, $4) as removed', [topic, readers.get(topic) ?? [], before, PRUNE_AT_ONCE]);
        removed = row!.removed;
      }
    }
    return total;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    this.#closed = true;
    clearInterval(this.#pruning);
    this.#wake.ring();
    await this.#watching;
    await this.pool.end();
    await this.lock.release();
  }

  async #query<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query(text, params as unknown[])).rows as Row[];
  }

  async #allSpans(): Promise<readonly PartitionSpan[]> {
    const rows = await this.#query<{ topic: string; partition: number; low_offset: string; next_offset: string }>('select * from bus.spans()');
    return rows.map((row) => ({ topic: row.topic, partition: row.partition, low: Number(row.low_offset), high: Number(row.next_offset) }));
  }

  async #read(topic: string, from: readonly SeekBack[], limit: number): Promise<readonly BusRecord[]> {
    this.lock.mustHold();
    const rows = await this.#query<RecordRow>('select * from bus.read($1, $2::int[], $3::bigint[], $4)', [
      topic, from.map((seek) => seek.partition), from.map((seek) => seek.offset), limit,
    ]);
    return rows.map((row) => ({ ...row, offset: Number(row.offset) }));
  }

  /** One look at the ends of all partitions serves every reader: woken by the bell, else 20 times a second, 4 when idle. */
  async #watch(): Promise<void> {
    let pause = POLL_MS;
    while (!this.#closed) {
      try {
        if (this.#subscriptions.size > 0) {
          const spans = await this.#allSpans();
          this.#lastBeat = Date.now();
          const busy = [...this.#subscriptions].map((subscription) => subscription.offer(spans)).includes(true);
          pause = busy ? POLL_MS : Math.min(pause * 1.5, IDLE_POLL_MS);
          if (Date.now() - this.#lastNote >= NOTE_MS) await this.#note([...this.#subscriptions]);
        }
      } catch (error) {
        if (!this.#closed) this.options.logger?.warn({ err: error }, 'the embedded bus cannot reach its tables, trying again');
      }
      await this.#wake.wait(pause);
    }
  }

  /** Groups' positions are noted for pruning only: the truth is the row in the service's own schema. */
  async #note(subscriptions: readonly EmbeddedSubscription[]): Promise<void> {
    this.#lastNote = Date.now();
    for (const { group, topic, positions } of subscriptions.flatMap((subscription) => subscription.takeUnnoted())) {
      await this.#query('select bus.note_positions($1, $2, $3::int[], $4::bigint[])', [
        group, topic, positions.map((position) => position.partition), positions.map((position) => position.offset),
      ]);
    }
  }

  async #pruneQuietly(): Promise<void> {
    await this.prune().catch((error: unknown) => {
      if (!this.#closed) this.options.logger?.warn({ err: error }, 'pruning the embedded bus failed, trying again in an hour');
    });
  }
}
