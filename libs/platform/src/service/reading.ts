import type { Service } from '@throughline/contracts/define-event';
import { topicsReadBy } from '@throughline/contracts/flow';
import type { Clock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Bus, Subscription } from '../bus/bus.js';
import type { Unit } from '../persistence/unit.js';
import { catchUp } from '../recovery/catch-up.js';
import type { Bell } from '../runner/bell.js';
import type { Handling } from '../runner/handling.js';
import { messageKey } from '../runner/key-resolver.js';
import { createLogSource, type LogSource } from '../runner/log-source.js';
import type { Settled } from '../runner/message-batch.js';
import type { Mismatch } from '../runner/positions.js';
import { readEventsOf } from '../runner/read-event.js';
import { createTableLog } from '../runner/table-log.js';
import { createTopicRunner, type TopicRunner } from '../runner/topic-runner.js';
import { MessageSpans, systemOf } from '../telemetry/message-spans.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import type { HandleEvent } from '../transport/care-server.js';
import type { TableLogDefinition } from './definition.js';

export interface ReadingParts<S extends Service, Tx> {
  readonly service: S;
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly bell: Bell;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tx: (unit: Unit<S>) => Tx;
  readonly handleEvent: HandleEvent;
  readonly logs: readonly TableLogDefinition<Tx>[];
  readonly traces?: Traces | undefined;
}

interface OwnLog<S extends Service> {
  readonly name: string;
  readonly runner: TopicRunner<S>;
  readonly source: LogSource;
}

/** Everything that a service reads: the topics that `flow.ts` routes to it, and logs in its own tables. */
export class Reading<S extends Service, Tx> {
  readonly topics: readonly string[];
  readonly #own: readonly OwnLog<S>[];
  #topicRunner: TopicRunner<S> | undefined;
  #subscription: Subscription | undefined;

  constructor(private readonly parts: ReadingParts<S, Tx>) {
    this.topics = topicsReadBy(parts.service);
    this.#own = parts.logs.map((log) => this.#ownLog(log));
  }

  get logNames(): readonly string[] {
    return this.#own.map((own) => own.name);
  }

  /** How parked messages of a topic are handled again. */
  handlingOf(topic: string): Handling<S> | undefined {
    if (this.topics.includes(topic)) return this.#topicRunner?.handling;
    return this.#own.find((own) => own.name === topic)?.runner.handling;
  }

  startLogs(): void {
    for (const { source } of this.#own) source.start();
  }

  async startTopics(bus: Bus): Promise<void> {
    if (this.topics.length === 0) return;
    this.#topicRunner ??= this.#runnerOf(bus, false);
    this.#subscription ??= await bus.subscribe(this.parts.service, this.topics, this.#topicRunner);
  }

  /** Reads the topics to where they end now, with nothing else of the service at work. Answers what could not be read. */
  async catchUp(bus: Bus, passesOver: readonly string[], progress: (left: number) => void): Promise<readonly Mismatch[]> {
    if (this.topics.length === 0) return [];
    return catchUp({ dataSource: this.parts.dataSource, bus, topics: this.topics, runner: this.#runnerOf(bus, true) as unknown as TopicRunner, passesOver, progress });
  }

  #runnerOf(bus: Bus, catchingUp: boolean): TopicRunner<S> {
    const { service, tx, handleEvent, logger, traces } = this.parts;
    return createTopicRunner<S>({
      ...this.#shared(),
      logger,
      log: bus,
      read: readEventsOf(service),
      resolver: messageKey,
      dispatch: (message, unit) => handleEvent(message.type, message.payload, tx(unit)),
      catchingUp,
      spans: traces && new MessageSpans(traces, service, systemOf(bus)),
    });
  }

  mismatches(): readonly Mismatch[] {
    return [...(this.#topicRunner?.mismatches() ?? []), ...this.#own.flatMap((own) => own.runner.mismatches())];
  }

  /** Why reading does not go on, or null. */
  unwell(): string | null {
    if (this.#subscription && !this.#subscription.healthy()) return 'no sign of life from the topics that are read';
    const log = this.#own.find((own) => !own.source.healthy());
    return log ? `the log ${log.name} cannot be read` : null;
  }

  /** Takes nothing more, waits for the batch in hand, leaves the positions in good order. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#subscription?.stop(), ...this.#own.map((own) => own.source.stop())]);
    await Promise.allSettled([this.#topicRunner?.stop(), ...this.#own.map((own) => own.runner.stop())]);
  }

  #shared() {
    const { service, dataSource, clock, bell } = this.parts;
    return { service, dataSource, clock, bell, onSettled: (settled: readonly Settled[]) => this.#count(settled) };
  }

  #ownLog({ name, read, message, resolver, handle }: TableLogDefinition<Tx>): OwnLog<S> {
    const { service, dataSource, tx, logger, bell, traces } = this.parts;
    const spans = traces && new MessageSpans(traces, service, 'throughline');
    const log = createTableLog({ dataSource, log: name, read });
    const runner = createTopicRunner<S>({ ...this.#shared(), logger, log, read: message, resolver, dispatch: (one, unit) => handle(one, tx(unit)), spans });
    return { name, runner, source: createLogSource({ log, consumer: runner, bell, logger }) };
  }

  #count(settled: readonly Settled[]): void {
    const { metrics, logger } = this.parts;
    metrics.batchSize.observe(settled.length);
    for (const one of settled) {
      const { type, outcome } = one;
      // The thread of a message through the services: one line in each that heard of it.
      logger.info(one, 'message settled');
      metrics.handled.inc({ type, outcome });
      if (outcome === 'repeat') metrics.inboxDuplicates.inc();
    }
  }
}
