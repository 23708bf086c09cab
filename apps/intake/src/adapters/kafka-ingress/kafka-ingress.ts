import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Bus, BusRecord, Subscription } from '@throughline/platform/bus/bus';
import type { Sql } from '@throughline/platform/persistence/sql';
import { PositionReader } from '@throughline/platform/runner/position-reader';
import { listPositions, movePositions } from '@throughline/platform/runner/positions';
import { BringUp } from '@throughline/platform/service/bring-up';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import type { TraceSpan } from '@throughline/platform/telemetry/traces';
import type { Arrival, IntakeTx, Receipt, Receiver } from '../../application/ports.js';
import { beginIngress, endIngress } from './ingress-span.js';
import { IngressBatch, markedLog, NotAnswered, type IngressPositions } from './ingress-batch.js';
import type { EventRead, EventReading } from './read-event.js';

export interface IngressTopics {
  readonly topic: string;
  readonly answers: string;
}

const PART = 'ingress';
/** A try and the pause before it, at their longest. */
const TRIED_WITHIN_MS = 30_000;
/** Kafka appends in no transaction of ours. */
const NO_SQL: Sql = { query: () => Promise.reject(new Error('Nothing is asked of the database here')) };

/**
 * Takes what systems put on a topic of Kafka. How far it has read stands in intake's own database, beside what it stored: a
 * database that is put back to an older copy takes the position along, and what came since is read again. The offsets
 * committed to Kafka are for dashboards.
 */
export class KafkaIngress implements OnModuleInit, OnApplicationShutdown {
  readonly #bringUp: BringUp;
  /** Of what is in hand. One that is tried again begins anew; the span of the try before is never told. */
  readonly #spans = new WeakMap<Arrival, TraceSpan>();
  #starting: Promise<unknown> = Promise.resolve();
  #reader: PositionReader | undefined;
  #subscription: Subscription | undefined;
  #trouble: { readonly what: string; readonly at: number } | undefined;

  constructor(
    private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    private readonly topics: IngressTopics,
    private readonly receiver: Pick<Receiver, 'receive'>,
    private readonly events: EventReading,
  ) {
    this.#bringUp = new BringUp(runtime.logger);
    // From 0 on: an alert on a rise does not see the step with which a series begins.
    for (const answer of ['AA', 'AE', 'AR', 'not-stored']) runtime.metrics.accepted.inc({ channel: 'kafka', answer }, 0);
    // MLLP and HTTP go on without it.
    runtime.health.degraded(PART, () => this.unwell());
  }

  /** Why events are not taken, or null. */
  unwell(): string | null {
    const waiting = this.#bringUp.waiting.get(PART);
    if (waiting !== undefined) return waiting;
    const [mismatch] = this.#reader?.mismatches() ?? [];
    if (mismatch) return `${mismatch.topic}/${mismatch.partition} ${mismatch.reason}: not read until an operator decides`;
    return this.#present ?? (this.#subscription?.healthy() === false ? 'no sign of life from the topic' : null);
  }

  onModuleInit(): void {
    // A copy of the database may be an old one: what it has to catch up with comes first.
    void this.runtime.whenOpen.then(() => {
      this.#starting = this.#bringUp.part(PART, () => this.#start());
    });
  }

  /** Takes nothing more, brings to its end what is in hand, leaves. */
  async onApplicationShutdown(): Promise<void> {
    this.#bringUp.stop();
    await this.#starting;
    await this.#subscription?.stop();
    await this.#reader?.stop();
  }

  async #start(): Promise<void> {
    const { topic, answers } = this.topics;
    const bus = this.runtime.topics.bus();
    await bus.ensureTopics([topic, answers]);
    this.#reader ??= this.#readerOf(bus);
    this.#subscription ??= await bus.subscribe('intake', [topic], this.#reader);
    this.runtime.logger.info({ topic }, 'listening for CloudEvents on Kafka');
  }

  #readerOf(bus: Bus): PositionReader {
    const { dataSource, logger, clock, topics } = this.runtime;
    const { topic, answers } = this.topics;
    const log = markedLog(bus);
    const positions: IngressPositions = {
      all: async () => new Map((await listPositions(dataSource)).filter((row) => row.topic === topic).map((row) => [row.partition, row.nextOffset])),
      move: (steps) => movePositions(dataSource, topic, steps),
    };
    const batch = new IngressBatch({
      topic, positions, log, receiver: this.receiver, read: (record, receivedAt) => this.#read(record, receivedAt), now: () => clock.now(),
      publish: (records) => bus.publish(answers, records, NO_SQL),
      told: (read, receipt) => this.#tell(read, receipt),
    });
    const reader = new PositionReader({ dataSource, logger, log }, (_stopping, onBelow) => async (records) => {
      try {
        const gaps = await batch.settle(records, onBelow);
        this.#trouble = undefined;
        return gaps;
      } catch (error) {
        throw this.#note(error);
      }
    });
    topics.register({ topic, log, mismatches: () => reader.mismatches() });
    return reader;
  }

  async #read(record: BusRecord, receivedAt: string): Promise<EventRead> {
    const read = await this.events.record(record, receivedAt);
    if (!this.runtime.traces) return read;
    const span = beginIngress(this.runtime.traces, record, read);
    const spanned = { ...read, arrival: { ...read.arrival, traceparent: span.traceparent } };
    this.#spans.set(spanned.arrival, span);
    return spanned;
  }

  #tell({ arrival }: EventRead, receipt: Receipt): void {
    const { metrics, logger } = this.runtime;
    const { inboundId, answer, repeat } = receipt;
    const span = this.#spans.get(arrival);
    if (span) endIngress(span, receipt);
    metrics.accepted.inc({ channel: 'kafka', answer });
    const reasons = answer === 'AA' || 'said' in arrival.content ? [] : arrival.content.reasons.map(({ code }) => code);
    logger.info({ answer, repeat, inboundId, correlationId: inboundId, trigger: arrival.trigger.replace('^', '_'), reasons }, 'message answered');
  }

  /** The trouble of now: what is not tried any more is another copy's. */
  get #present(): string | undefined {
    return this.#trouble && performance.now() - this.#trouble.at < TRIED_WITHIN_MS ? this.#trouble.what : undefined;
  }

  /** Told once an outage, and counted at each try. */
  #note(error: unknown): unknown {
    const { metrics, logger } = this.runtime;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const stored = error instanceof NotAnswered;
    const what = stored ? 'events cannot be answered, and wait' : 'events cannot be stored, and wait';
    if (!stored) metrics.accepted.inc({ channel: 'kafka', answer: 'not-stored' });
    if (this.#present !== what) logger.error({ err: cause, topic: this.topics.topic }, stored ? 'events not answered, trying again' : 'events not stored, trying again');
    this.#trouble = { what, at: performance.now() };
    return cause;
  }
}
