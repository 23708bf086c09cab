import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { Backoff } from './backoff.js';
import type { BatchConsumer, PartitionId, SeekBack, Subscription } from './bus.js';
import { KafkaAssignment } from './kafka-assignment.js';
import { FEW_RETRIES } from './kafka-client.js';
import { KafkaCollector } from './kafka-collector.js';
import { recordOf } from './kafka-record.js';

export interface KafkaSubscriptionOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  readonly consumer: BatchConsumer;
  readonly sessionMs: number;
  readonly askAgainMs: number;
  readonly logger: Logger | undefined;
}

const TICK_MS = 500;
/** How long a fetch waits for news at the broker; also the longest that `stop` waits for one. */
const FETCH_WAIT_MS = 500;
const COMMIT_MS = 5_000;

const within = async (ms: number, work: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work.catch(() => undefined), new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
};

/**
 * A group's membership for one topic, kept alive for as long as the subscription stands. The consumer says where each
 * partition begins; the offsets committed to Kafka are for dashboards and decide nothing.
 */
export class KafkaSubscription implements Subscription {
  readonly #collector: KafkaCollector;
  readonly #assignment: KafkaAssignment;
  readonly #backoff = new Backoff(500, 5_000);
  readonly #ticking: NodeJS.Timeout;
  readonly #done = new Map<number, number>();
  readonly #buried = new Set<Consumer>();
  readonly #goBack: (to: SeekBack) => void;
  #client: Consumer | undefined;
  #beginning: Promise<void> = Promise.resolve();
  #heartbeat: (() => Promise<void>) | undefined;
  #joined = false;
  #stopping = false;
  #lastSign = Date.now();
  #lastCommit = Date.now();
  #lastLook = Date.now();

  constructor(private readonly options: KafkaSubscriptionOptions) {
    const seek = ({ topic, partition, offset }: SeekBack): void => this.#client?.seek({ topic, partition, offset: String(offset) });
    this.#assignment = new KafkaAssignment({
      consumer: options.consumer,
      logger: options.logger,
      askAgainMs: options.askAgainMs,
      pause: (partitions) => this.#client?.pause(partitions.map(({ topic, partition }) => ({ topic, partitions: [partition] }))),
      begin: (from) => {
        seek(from);
        this.#client?.resume([{ topic: from.topic, partitions: [from.partition] }]);
      },
    });
    const refused = (error: unknown): void => options.logger?.warn({ err: error, group: options.group }, 'a batch was not taken, delivering it again');
    this.#goBack = (to) => (to.leave ? this.#assignment.leaveOut(to) : seek(to));
    this.#collector = new KafkaCollector({ deliver: (records) => options.consumer.deliver(records), seek: this.#goBack, refused });
    this.#ticking = setInterval(() => void this.#tick(), TICK_MS);
    this.#begin();
  }

  healthy(): boolean {
    return this.#joined && !this.#stopping && Date.now() - this.#lastSign < this.options.sessionMs;
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#ticking);
    this.#assignment.end();
    const beating = setInterval(() => void this.#heartbeat?.().catch(() => undefined), TICK_MS);
    await this.#collector.stop();
    clearInterval(beating);
    await within(2_000, this.#commit());
    await within(5_000, this.#assignment.giveUp());
    // A member in good standing says that it leaves; one that still joins is missed by the broker when its session ends.
    await within(5_000, this.#beginning);
    await within(5_000, this.#client?.disconnect() ?? Promise.resolve());
  }

  /** Joins with a client of its own. What goes wrong later, `#anew` puts right with another. */
  #begin(): void {
    const { kafka, group, topic, partitions, sessionMs } = this.options;
    const client = kafka.consumer({
      groupId: group, sessionTimeout: sessionMs, heartbeatInterval: Math.min(1_000, sessionMs / 4), rebalanceTimeout: 30_000,
      maxWaitTimeInMs: FETCH_WAIT_MS, maxBytesPerPartition: 262_144, maxBytes: 4_194_304, allowAutoTopicCreation: false,
      // Never kafkajs' own restart: a client that was given up meanwhile would come back as a second member, and the
      // partitions it is handed would be read by nobody.
      retry: { ...FEW_RETRIES, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#client = client;
    this.#lastSign = Date.now();
    this.#listen(client);
    const run = async (): Promise<void> => {
      await client.connect();
      await client.subscribe({ topics: [topic], fromBeginning: true });
      await client.run({
        autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: partitions,
        eachBatch: (payload) => this.#collect(client, payload),
      });
    };
    this.#beginning = run().catch((error: unknown) => {
      this.options.logger?.debug({ err: error, group }, 'the group could not be joined, trying again');
      setTimeout(() => this.#anew(client), this.#backoff.next()).unref();
    });
  }

  #anew(old: Consumer): void {
    if (this.#stopping || this.#client !== old) return;
    this.#lose();
    void within(5_000, old.disconnect());
    this.#begin();
  }

  /** A client that was given up and still lives holds partitions that nobody reads: it leaves the group, however often it takes. */
  #bury(client: Consumer): void {
    if (this.#buried.has(client)) return;
    this.#buried.add(client);
    const leave = (): void =>
      void client.disconnect().then(
        () => this.#buried.delete(client),
        () => void setTimeout(leave, 1_000).unref(),
      );
    // Not before it has finished joining, or it has nothing to leave yet.
    setTimeout(leave, 100).unref();
  }

  #lose(): void {
    this.#joined = false;
    this.#heartbeat = undefined;
    this.#done.clear();
    this.#assignment.lost();
  }

  #listen(client: Consumer): void {
    const { GROUP_JOIN, HEARTBEAT, REBALANCING, CRASH } = client.events;
    client.on(HEARTBEAT, () => {
      if (this.#client === client) this.#lastSign = Date.now();
      else this.#bury(client);
    });
    // Everything is given up before the group shares out anew: so the next reader finds partitions left in good order.
    client.on(REBALANCING, () => {
      if (this.#client === client) this.#lose();
    });
    client.on(GROUP_JOIN, ({ payload }) => {
      // It was still joining when it was given up.
      if (this.#stopping || this.#client !== client) return this.#bury(client);
      this.#joined = true;
      this.#lastSign = Date.now();
      this.#backoff.reset();
      this.#done.clear();
      this.#assignment.joined(Object.entries(payload.memberAssignment).flatMap(([topic, numbers]): PartitionId[] => numbers.map((partition) => ({ topic, partition }))));
    });
    client.on(CRASH, ({ payload }) => {
      if (this.#client !== client) return;
      this.#lose();
      if (!payload.restart) setTimeout(() => this.#anew(client), this.#backoff.next()).unref();
    });
  }

  #collect(client: Consumer, payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = payload.batch;
    const generation = this.#assignment.generation;
    this.#heartbeat = payload.heartbeat;
    const isCurrent = (): boolean =>
      this.#client === client && this.#assignment.reads({ topic, partition }, generation) && payload.isRunning() && !payload.isStale();
    return this.#collector.add({
      partition, isCurrent,
      records: messages.map((message) => recordOf(topic, partition, message)),
      resolve: (offset) => {
        payload.resolveOffset(String(offset));
        this.#done.set(partition, offset + 1);
      },
    });
  }

  async #tick(): Promise<void> {
    // Fetching, which heartbeats otherwise, waits for the batch in hand.
    if (this.#collector.busy) await this.#heartbeat?.().catch((error: unknown) => this.#collector.breakOff(error));
    if (Date.now() - this.#lastCommit > COMMIT_MS) await this.#commit();
    if (Date.now() - this.#lastLook > this.options.askAgainMs) await this.#look();
    const client = this.#client;
    if (client && Date.now() - this.#lastSign > 3 * this.options.sessionMs) {
      this.options.logger?.warn({ group: this.options.group }, 'no sign of life of the group for long, joining it anew');
      this.#anew(client);
    }
  }

  /** Positions that were put back are gone back to, also while nothing new comes. */
  async #look(): Promise<void> {
    this.#lastLook = Date.now();
    const { generation } = this.#assignment;
    if (!this.#joined) return;
    const seeks = await this.options.consumer.astray(this.options.topic).catch((error: unknown) => {
      this.options.logger?.warn({ err: error, group: this.options.group }, 'positions and topic could not be compared');
      return [];
    });
    for (const to of seeks) if (this.#assignment.reads(to, generation)) this.#goBack(to);
  }

  async #commit(): Promise<void> {
    this.#lastCommit = Date.now();
    if (this.#done.size === 0 || !this.#joined) return;
    const offsets = [...this.#done].map(([partition, offset]) => ({ topic: this.options.topic, partition, offset: String(offset) }));
    this.#done.clear();
    await this.#client?.commitOffsets(offsets).catch((error: unknown) => this.options.logger?.debug({ err: error }, 'offsets for dashboards were not committed'));
  }
}
