import { Controller, Inject, Logger, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientKafka, Ctx, EventPattern, KafkaContext, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { DataSource } from 'typeorm';
import { FreshValues } from '../work/fresh-values.js';
import { Portion } from '../work/portion.js';
import { Arrivals } from './arrivals.js';
import { entityOf, NaiveTable } from './naive-tables.js';
import { type Peer, type PeerSetup, serve } from './peer-protocol.js';

/**
 * The usual first way to build it: Nest's own Kafka transport with a handler per message, and TypeORM's `save()` for each
 * row, which looks whether the row is there and writes it in a transaction of its own.
 */
class Naive implements Peer {
  readonly #tables: readonly NaiveTable[];
  readonly #messages: Portion;
  readonly #arrivals: Arrivals;
  #turn = 0;
  #target = 0;
  #complete: () => void = () => undefined;

  constructor(
    private readonly setup: PeerSetup,
    private readonly dataSource: DataSource,
    private readonly client: ClientKafka,
  ) {
    const fresh = new FreshValues();
    this.#tables = setup.work.tables.map((table) => new NaiveTable(dataSource.getRepository(table.table), table, fresh));
    this.#messages = new Portion(setup.work.topic.messages);
    this.#arrivals = new Arrivals(setup.reads);
  }

  async seed(): Promise<void> {
    await this.client.connect();
    for (const table of this.#tables) await table.seed();
    await this.#tell();
  }

  async go(discharges: number): Promise<void> {
    const from = this.#target;
    this.#target += discharges;
    if (this.setup.reads.length > 0) await new Promise<void>((resolve) => (this.#complete = resolve));
    else for (let done = from + 1; done <= this.#target; done += 1) await this.#write(done, done);
    await this.#tell();
  }

  /** One message. */
  async take(topic: string): Promise<void> {
    this.#arrivals.add(topic, 1);
    const complete = this.#arrivals.complete(this.#target);
    await this.#write(complete ? this.#target : this.#arrivals.discharges, complete ? this.#target : this.#arrivals.begun);
    if (complete) this.#complete();
  }

  async end(): Promise<void> {
    await this.client.close();
    await this.dataSource.destroy();
  }

  async #write(rowsUpTo: number, messagesUpTo: number): Promise<void> {
    for (const table of this.#tables) await table.writeUpTo(rowsUpTo);
    const { topic: { samples } } = this.setup.work;
    for (let count = this.#messages.upTo(messagesUpTo); count > 0; count -= 1) {
      const { key, value, headers } = samples[this.#turn++ % samples.length]!;
      await lastValueFrom(this.client.emit(this.setup.topic, { key, value, headers: { ...headers } }), { defaultValue: undefined });
    }
  }

  /** Has the database count at once what this session wrote. */
  async #tell(): Promise<void> {
    await this.dataSource.query('select pg_stat_force_next_flush()');
  }
}

const NAIVE = Symbol('naive');

const moduleOf = (naive: Naive, topics: readonly string[]): DynamicModule => {
  @Controller()
  class EventsController {
    constructor(@Inject(NAIVE) private readonly target: Naive) {}

    @EventPattern([...topics])
    handle(@Ctx() context: KafkaContext): Promise<void> {
      return this.target.take(context.getTopic());
    }
  }

  @Module({})
  class NaiveModule {}

  return { module: NaiveModule, controllers: [EventsController], providers: [{ provide: NAIVE, useValue: naive }] };
};

const prepare = async (setup: PeerSetup): Promise<Peer> => {
  const { databaseUrl, schema, brokers, sessionOptions, work, reads } = setup;
  const dataSource = new DataSource({
    type: 'postgres', url: databaseUrl, schema, entities: work.tables.map((table) => entityOf(schema, table)), synchronize: false, logging: false, installExtensions: false,
    extra: { options: sessionOptions },
  });
  await dataSource.initialize();
  const client = new ClientKafka({ client: { clientId: schema, brokers: [brokers] }, producer: { allowAutoTopicCreation: false }, producerOnlyMode: true });
  const naive = new Naive(setup, dataSource, client);
  await naive.seed();
  if (reads.length === 0) {
    const application = await NestFactory.createApplicationContext(moduleOf(naive, []), { logger: ['error'] });
    return { go: (discharges) => naive.go(discharges), end: async () => (await application.close(), naive.end()) };
  }
  const application = await NestFactory.createMicroservice(moduleOf(naive, reads.map(({ topic }) => topic)), {
    transport: Transport.KAFKA, logger: ['error'],
    options: { client: { clientId: schema, brokers: [brokers] }, consumer: { groupId: schema, allowAutoTopicCreation: false }, subscribe: { fromBeginning: true } },
  });
  await application.listen();
  return { go: (discharges) => naive.go(discharges), end: async () => (await application.close(), naive.end()) };
};

// Partitioner and timer warnings of kafkajs are nobody's news here.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1';
Logger.overrideLogger(['error', 'fatal']);
serve(prepare);
