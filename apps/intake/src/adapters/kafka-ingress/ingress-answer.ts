import { ANSWERED, type Answered } from '@throughline/contracts/ingress';
import { idOf } from '@throughline/kernel/ids';
import type { BusRecord, OutgoingRecord } from '@throughline/platform/bus/bus';
import type { Receipt } from '../../application/ports.js';
import type { EventRead } from './read-event.js';

/**
 * What a record is answered: a CloudEvent under the record's own key, so that a sender finds its answers in its own order. Its
 * id is made from the message and the record: read again after a crash, the record gets an answer of the same id.
 */
export const answerTo = (record: BusRecord, { event, arrival }: EventRead, receipt: Receipt, now: Date): OutgoingRecord => {
  const { inboundId, answer, repeat } = receipt;
  const reasons = answer === 'AA' || 'said' in arrival.content ? undefined : arrival.content.reasons;
  const data: Answered = { source: event.source, id: event.id, answer, inboundId, correlationId: inboundId, repeat, ...(reasons === undefined ? {} : { reasons: [...reasons] }) };
  return {
    key: record.key ?? event.source,
    headers: {
      ce_specversion: '1.0',
      ce_id: idOf('ingress-answer', inboundId, record.topic, record.partition, record.offset),
      ce_source: '/throughline/intake',
      ce_type: ANSWERED,
      ce_subject: inboundId,
      ce_time: now.toISOString(),
      ce_correlationid: inboundId,
      ...(arrival.traceparent === undefined ? {} : { ce_traceparent: arrival.traceparent }),
      'content-type': 'application/json',
    },
    value: JSON.stringify(data),
  };
};
