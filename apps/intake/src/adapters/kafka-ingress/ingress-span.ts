import type { BusRecord } from '@throughline/platform/bus/bus';
import { type Traces, type TraceSpan, uuidOrNothing } from '@throughline/platform/telemetry/traces';
import type { Receipt } from '../../application/ports.js';
import type { EventRead } from './read-event.js';

/** The span of one record, from its reading to its answer: where the trace of an event begins, or goes on where its sender has one. */
export const beginIngress = (traces: Traces, { topic, partition, offset }: BusRecord, { arrival }: EventRead): TraceSpan =>
  traces.begin({
    name: `receive ${topic}`,
    kind: 'consumer',
    parent: arrival.traceparent,
    attributes: {
      'messaging.system': 'kafka', 'messaging.operation.name': 'receive', 'messaging.operation.type': 'receive',
      'messaging.destination.name': topic, 'messaging.destination.partition.id': String(partition), 'messaging.kafka.offset': offset,
    },
  });

export const endIngress = (span: TraceSpan, { inboundId, answer, repeat }: Receipt): void => {
  span.set({ 'throughline.hl7.acknowledgement': answer, 'throughline.repeat': repeat, 'messaging.message.id': inboundId, 'messaging.message.conversation_id': uuidOrNothing(inboundId) });
  span.end();
};
