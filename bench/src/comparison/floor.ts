import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import pg from 'pg';
import { FreshValues } from '../work/fresh-values.js';
import { Portion } from '../work/portion.js';
import type { SampleRecord } from '../work/work.js';
import { Arrivals } from './arrivals.js';
import { FloorTable, type Statement } from './floor-tables.js';
import { type Peer, type PeerSetup, serve } from './peer-protocol.js';

/**
 * The least that could be done: the rows a discharge writes into one service's tables and the messages it publishes, in
 * batches, by hand, and nothing else. No rule, no check, nothing is looked up, nothing could be repeated or replayed.
 */
const DISCHARGES_AT_ONCE = 100;
const FEWEST_MESSAGES = 100;
const MOST_MESSAGES = 1_000;
/** A batch that does not fill up goes as it is after this. */
const LINGER_MS = 20;
const TICK_MS = 2;
const ALL_IN_SYNC = -1;

class Floor implements Peer {
  readonly #tables: readonly FloorTable[];
  readonly #messages: Portion;
  readonly #taken: Arrivals;
  #turn = 0;
  #target = 0;

  private constructor(
    private readonly setup: PeerSetup,
    private readonly client: pg.Client,
    private readonly producer: Producer,
    private readonly unread: ReadonlyMap<string, { messages: number }>,
    private readonly leave: () => Promise<void>,
  ) {
    const fresh = new FreshValues();
    this.#tables = setup.work.tables.map((table) => new FloorTable(setup.schema, table, fresh));
    this.#messages = new Portion(setup.work.topic.messages);
    this.#taken = new Arrivals(setup.reads);
  }

  static async prepare(setup: PeerSetup): Promise<Floor> {
    const client = new pg.Client({ connectionString: setup.databaseUrl, options: setup.sessionOptions, pipeline: true } as pg.ClientConfig);
    await client.connect();
    const kafka = new Kafka({ brokers: [setup.brokers], clientId: setup.schema, logLevel: logLevel.ERROR });
    const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const unread = new Map(setup.reads.map(({ topic }) => [topic, { messages: 0 }]));
    const consumer = kafka.consumer({ groupId: setup.schema, maxWaitTimeInMs: 100 });
    if (setup.reads.length > 0) {
      await consumer.connect();
      await consumer.subscribe({ topics: setup.reads.map(({ topic }) => topic), fromBeginning: true });
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.run({
        autoCommit: false,
        partitionsConsumedConcurrently: 100,
        eachBatch: async ({ batch }) => {
          unread.get(batch.topic)!.messages += batch.messages.length;
        },
      });
      await joined;
    }
    const floor = new Floor(setup, client, producer, unread, async () => {
      await Promise.all([consumer.disconnect(), producer.disconnect(), client.end()]);
    });
    await floor.#transaction(floor.#tables.flatMap((table) => table.seed()));
    await floor.#tell();
    return floor;
  }

  async go(discharges: number): Promise<void> {
    const from = this.#target;
    this.#target += discharges;
    if (this.setup.reads.length > 0) while (!this.#taken.complete(this.#target)) await this.#batch();
    else for (let done = from; done < this.#target; await this.#write(done, done)) done = Math.min(done + DISCHARGES_AT_ONCE, this.#target);
    // What is left over of fractions.
    await this.#write(this.#target, this.#target);
    await this.#tell();
  }

  end(): Promise<void> {
    return this.leave();
  }

  /** As many messages as are there, over all partitions. */
  async #batch(): Promise<void> {
    const ready = (): number => [...this.unread.values()].reduce((sum, { messages }) => sum + messages, 0);
    for (const late = performance.now() + LINGER_MS; ready() < FEWEST_MESSAGES && (ready() === 0 || performance.now() < late); ) await delay(TICK_MS);
    const share = Math.min(1, MOST_MESSAGES / ready());
    for (const [topic, there] of this.unread) {
      const messages = Math.ceil(there.messages * share);
      there.messages -= messages;
      this.#taken.add(topic, messages);
    }
    await this.#write(this.#taken.discharges, this.#taken.begun);
  }

  async #write(rowsUpTo: number, messagesUpTo: number): Promise<void> {
    await this.#transaction(this.#tables.flatMap((table) => table.upTo(rowsUpTo)));
    const count = this.#messages.upTo(messagesUpTo);
    if (count === 0) return;
    const { samples } = this.setup.work.topic;
    const messages = Array.from({ length: count }, (): SampleRecord => samples[this.#turn++ % samples.length]!);
    await this.producer.send({ topic: this.setup.topic, acks: ALL_IN_SYNC, messages: messages.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })) });
  }

  async #transaction(statements: readonly Statement[]): Promise<void> {
    if (statements.length === 0) return;
    const texts = [{ text: 'begin' }, ...statements, { text: 'commit' }];
    await Promise.all(texts.map((statement) => this.client.query(statement)));
  }

  /** Has the database count at once what this session wrote. */
  async #tell(): Promise<void> {
    await this.client.query('select pg_stat_force_next_flush()');
  }
}

serve((setup) => Floor.prepare(setup));
