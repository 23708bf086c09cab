import { createHash } from 'node:crypto';
import type { Clock } from '@throughline/kernel/clock';
import { RecordedTraces } from '@throughline/testing/recorded-traces';
import { NotStored, type Arrival, type Receipt } from '../../application/ports.js';
import { answerFrames } from './answer-frame.js';

const clock: Clock = { now: () => new Date('2026-03-05T16:20:00Z') };
const INBOUND = '216e1483-0000-5000-8000-000000000001';
const A01 = 'MSH|^~\\&|WARDS|N|US|HERE|20260305||ADT^A01^ADT_A01|c 1|P|2.5.1\rEVN|A01|20260305\rPID|1||77^^^N^MR||Quillonfex^Robin\rPV1|1|I|||||||||||||||||V1\r';

describe('the span of a frame', () => {
  const receive = async (text: string, receipt: Partial<Receipt> | Error = {}) => {
    const traces = new RecordedTraces();
    const arrivals: Arrival[] = [];
    const take = (arrival: Arrival): Promise<Receipt> => {
      arrivals.push(arrival);
      return receipt instanceof Error ? Promise.reject(receipt) : Promise.resolve({ inboundId: INBOUND, answer: 'said' in arrival.content ? 'AA' : arrival.content.answer, repeat: false, ...receipt });
    };
    const answer = answerFrames({ receiver: { receive: take } as never, clock, defaultZone: 'America/New_York', rules: { senders: {}, onlyKnown: false }, traces, told: () => undefined });
    await answer({ kind: 'message', bytes: Buffer.from(text, 'latin1') }, { address: '127.0.0.1', names: [] });
    return { span: traces.spans[0]!, count: traces.spans.length, arrival: arrivals[0] };
  };

  it('says what kind of message it was and how it was answered, and goes with it into the log', async () => {
    const { span, count, arrival } = await receive(A01);
    expect(count).toBe(1);
    expect(span).toMatchObject({ name: 'mllp receive', kind: 'server', ended: true });
    expect(span.attributes).toEqual({
      'network.protocol.name': 'mllp', 'throughline.hl7.message_type': 'ADT^A01', 'throughline.hl7.acknowledgement': 'AA', 'throughline.repeat': false,
      'throughline.hl7.control_id_hash': createHash('sha256').update('c 1').digest('hex').slice(0, 16), 'messaging.message.id': INBOUND, 'messaging.message.conversation_id': INBOUND,
    });
    expect(arrival?.traceparent).toBe(span.traceparent);
  });

  it.each([
    ['a type that is a word', A01.replace('ADT^A01^ADT_A01', 'Quillonfex^Zanzi'), 'AR'],
    ['no patient', A01.replace(/PID.*?\r/, ''), 'AE'],
  ])('repeats nothing of the message: %s', async (_what, text, answer) => {
    const { span } = await receive(text);
    expect(span.attributes).toMatchObject({ 'throughline.hl7.acknowledgement': answer });
    expect(JSON.stringify(span)).not.toMatch(/Quillonfex|Zanzi|WARDS|c 1/);
  });

  it('ends with an acknowledgement that came as a message', async () => {
    const { span, arrival } = await receive('MSH|^~\\&|WARDS|N|US|HERE|20260305||ACK^A01|c 1|P|2.5.1\rMSA|AA|1\r');
    expect([span.ended, span.attributes['throughline.hl7.acknowledgement'], arrival]).toEqual([true, 'none', undefined]);
  });

  it('fails with what kept the message from being stored', async () => {
    const cause = new Error('away');
    const { span } = await receive(A01, new NotStored('not stored', { cause }));
    expect([span.failure, span.attributes['throughline.hl7.acknowledgement']]).toEqual([cause, 'not-stored']);
  });
});
