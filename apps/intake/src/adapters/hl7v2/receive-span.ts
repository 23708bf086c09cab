import { createHash } from 'node:crypto';
import { type Traces, uuidOrNothing } from '@throughline/platform/telemetry/traces';
import type { Header } from './header.js';

/** What became of a frame. Ids and codes only. */
interface Answered {
  readonly header?: Header;
  readonly answer: string;
  readonly inboundId?: string;
  readonly repeat?: boolean;
}

export interface ReceiveSpan {
  readonly traceparent: string;
  readonly end: (answered: Answered, failure?: unknown) => void;
}

/** Message types as HL7 writes them. Anything else that stands there is a sender's own text. */
const MESSAGE_TYPE = /^[A-Z]{3}\^[A-Z]\d{2}$/;

/** The sender's own id can be looked for by whoever has it, and read by nobody. */
const hashed = (controlId: string): string => createHash('sha256').update(controlId).digest('hex').slice(0, 16);

/** The span of one frame, from its last byte to its answer: where the trace of an MLLP message begins. */
export const receiveSpan = (traces: Traces): ReceiveSpan => {
  const span = traces.begin({ name: 'mllp receive', kind: 'server', attributes: { 'network.protocol.name': 'mllp' } });
  return {
    traceparent: span.traceparent,
    end: ({ header, answer, inboundId, repeat }, failure) => {
      span.set({
        'throughline.hl7.message_type': header === undefined ? undefined : MESSAGE_TYPE.test(header.trigger) ? header.trigger : 'other',
        'throughline.hl7.control_id_hash': header?.controlId ? hashed(header.controlId) : undefined,
        'throughline.hl7.acknowledgement': answer,
        'throughline.repeat': repeat,
        'messaging.message.id': inboundId,
        'messaging.message.conversation_id': uuidOrNothing(inboundId),
      });
      span.end(failure);
    },
  };
};
