import { Refused } from '@throughline/kernel/refused';
import type { Bus, BusRecord, OutgoingRecord } from '../bus/bus.js';
import type { Message } from '../runner/message.js';
import { type Traces, type TraceSpan, uuidOrNothing } from './traces.js';

const OUR_SOURCE = /^\/throughline\/[a-z-]+$/;

/** `kafka`; the embedded bus, and logs in tables, are our own. */
type System = 'kafka' | 'throughline';

export const systemOf = ({ kind }: Pick<Bus, 'kind'>): System => (kind === 'kafka' ? 'kafka' : 'throughline');

/** One handled message's span. */
export interface HandlingSpan {
  readonly traceparent: string;
  /** With the error that is the message's own, if it had one. */
  end(failure?: { readonly error: unknown }): void;
}

/**
 * Spans of messages, as OpenTelemetry's messaging conventions have them: a message is handled as a child of what made it, and
 * the transaction that many share links to all of them.
 */
export class MessageSpans {
  constructor(
    private readonly traces: Traces,
    private readonly service: string,
    private readonly system: System,
  ) {}

  /** One transaction; none when nothing in it is for this service. */
  batch(topic: string, messages: readonly Message[]): TraceSpan | undefined {
    if (messages.length === 0) return undefined;
    return this.traces.begin({
      name: `batch ${topic}`,
      kind: 'consumer',
      links: messages.map((message) => message.cause.traceparent),
      attributes: { ...this.#operation('batch', 'process', topic), 'messaging.consumer.group.name': this.service, 'messaging.batch.message_count': messages.length },
    });
  }

  handling({ topic, partition, offset, headers }: BusRecord, { id, type, cause }: Message, batch: TraceSpan | undefined): HandlingSpan {
    const span = this.traces.begin({
      name: `process ${topic}`,
      kind: 'consumer',
      parent: cause.traceparent,
      links: [batch?.traceparent],
      attributes: {
        ...this.#operation('process', 'process', topic),
        'messaging.destination.partition.id': String(partition),
        'messaging.consumer.group.name': this.service,
        'messaging.message.id': id,
        'messaging.message.conversation_id': uuidOrNothing(cause.correlationId),
        'messaging.kafka.offset': this.system === 'kafka' ? offset : undefined,
        ...(OUR_SOURCE.test(headers['ce_source'] ?? '') ? { 'cloudevents.event_id': id, 'cloudevents.event_source': headers['ce_source'], 'cloudevents.event_spec_version': '1.0', 'cloudevents.event_type': type } : {}),
      },
    });
    return {
      traceparent: span.traceparent,
      end: (failure) => {
        const refused = failure?.error instanceof Refused;
        span.set({ 'throughline.outcome': failure === undefined ? 'handled' : refused ? 'refused' : 'failed' });
        span.end(refused ? undefined : failure?.error);
      },
    };
  }

  /** One per handling whose events are sent: they share their parent. Answers how to end them. */
  sending(topic: string, records: readonly OutgoingRecord[]): (failure?: unknown) => void {
    const counts = new Map<string, number>();
    for (const { headers } of records) {
      const parent = headers['ce_traceparent'];
      if (parent !== undefined) counts.set(parent, (counts.get(parent) ?? 0) + 1);
    }
    const spans = [...counts].map(([parent, count]) =>
      this.traces.begin({ name: `send ${topic}`, kind: 'producer', parent, attributes: { ...this.#operation('send', 'send', topic), 'messaging.batch.message_count': count } }),
    );
    return (failure) => spans.forEach((span) => span.end(failure));
  }

  #operation(name: string, type: 'process' | 'send', topic: string) {
    return { 'messaging.system': this.system, 'messaging.operation.name': name, 'messaging.operation.type': type, 'messaging.destination.name': topic } as const;
  }
}
