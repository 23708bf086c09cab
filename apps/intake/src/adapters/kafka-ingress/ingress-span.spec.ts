import type { BusRecord } from '@throughline/platform/bus/bus';
import { RecordedTraces } from '@throughline/testing/recorded-traces';
import type { Arrival } from '../../application/ports.js';
import { beginIngress, endIngress } from './ingress-span.js';

const PARENT = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
const INBOUND = '216e1483-0000-5000-8000-000000000001';
const record: BusRecord = { topic: 'ingress', partition: 3, offset: 7, key: 'patient-1', headers: {}, value: '{}', at: new Date(0) };
const arrival: Arrival = { protocol: 'cloudevents', raw: Buffer.from('{}'), sender: 'Marlow', controlId: 'Ada', trigger: 'discharge', receivedAt: '2026-11-20T21:00:00.000Z', traceparent: PARENT, content: { answer: 'AE', reasons: [] } };

describe('the span of an event from outside', () => {
  it("goes on from its sender's, and says where it stood and how it was answered, and nothing that the sender chose", () => {
    const traces = new RecordedTraces();
    const span = beginIngress(traces, record, { event: { source: 'Marlow', id: 'Ada', type: 't', data: undefined }, arrival });
    endIngress(span, { inboundId: INBOUND, answer: 'AE', repeat: false });
    expect(traces.spans).toHaveLength(1);
    expect(traces.spans[0]).toMatchObject({ name: 'receive ingress', kind: 'consumer', parent: PARENT, ended: true });
    expect(traces.spans[0]!.attributes).toMatchObject({ 'messaging.destination.partition.id': '3', 'messaging.kafka.offset': 7, 'messaging.message.id': INBOUND, 'throughline.hl7.acknowledgement': 'AE' });
    expect(JSON.stringify(traces.spans[0]!.attributes)).not.toMatch(/Ada|Marlow|patient-1/);
  });
});
