import type { BusRecord } from '@throughline/platform/bus/bus';
import { readBody } from '../http/read-body.js';
import { readEvents } from './read-event.js';

const RECEIVED = '2026-11-20T21:00:00.000Z';
const BODY = {
  sender: 'NORTHSHORE-EHR',
  patient: { identifiers: [{ value: '700001', authority: 'NSH', type: 'MR' }], family: 'Marlow', given: 'Ada' },
  encounter: { visitNumber: 'V700001', class: 'I', facility: { code: 'NORTH' } },
  dischargedAt: '2026-11-20T15:30:00-05:00',
};

const events = readEvents({
  body: readBody({ defaultZone: 'America/New_York', senders: {} }),
  message: {
    hl7v2: (raw, { receivedAt }) => ({ protocol: 'hl7v2', raw, sender: 'EHR|NSH', controlId: 'M-1', trigger: 'ADT^A03', receivedAt, content: { answer: 'AE', reasons: [] } }),
    fhir: () => Promise.reject(new Error('a defect of ours')),
    ccda: (raw, { sender, controlId, receivedAt }) => ({ protocol: 'ccda', raw, sender, controlId, trigger: '34133-9', receivedAt, content: { answer: 'AE', reasons: [] } }),
  },
  refused: (source) => (source === 'STRANGER' ? { code: 204, where: 'source', text: 'not known' } : undefined),
});

const read = (value: string | null, headers: Record<string, string> = {}) => {
  const all = { ce_specversion: '1.0', ce_id: 'E-1', ce_source: 'NORTHSHORE-EHR', ce_type: 'care.ingress.discharge.v1', 'content-type': 'application/json', ...headers };
  const record: BusRecord = { topic: 'ingress', partition: 0, offset: 1, key: 'k', headers: all, value, at: new Date(0) };
  return events.record(record, RECEIVED).then(({ arrival }) => arrival);
};
const reasonsFor = async (body: object, headers?: Record<string, string>) => {
  const { content } = await read(JSON.stringify(body), headers);
  if ('said' in content) throw new Error('It was read');
  return content;
};

describe('an event for intake', () => {
  it('says what the same body says over HTTP; source and id are sender and control id', async () => {
    const arrival = await read(JSON.stringify(BODY));
    expect(arrival).toMatchObject({ protocol: 'cloudevents', sender: 'NORTHSHORE-EHR', controlId: 'E-1', trigger: 'discharge', receivedAt: RECEIVED });
    expect(arrival.content).toMatchObject({ said: { what: 'discharge', controlId: 'E-1', at: RECEIVED, atSource: 'received', discharge: { at: '2026-11-20T20:30:00.000Z' } } });
  });

  it('is ordered by its time, where it states one', async () => {
    expect((await read(JSON.stringify(BODY), { ce_time: '2026-11-20T15:34:00-05:00' })).content).toMatchObject({ said: { at: '2026-11-20T20:34:00.000Z', atSource: 'timestamp' } });
    expect((await read(JSON.stringify(BODY), { ce_time: 'yesterday' })).content).toMatchObject({ said: { at: RECEIVED, atSource: 'received' } });
  });

  it.each([
    ['another sender', { ...BODY, sender: 'SOMEBODY' }, 'sender', 'AE'],
    ['another message id', { ...BODY, messageId: 'E-2' }, 'messageId', 'AE'],
    ['no time of leaving', { ...BODY, dischargedAt: undefined }, 'dischargedAt', 'AE'],
    ['no number that says who', { ...BODY, patient: { identifiers: [{ value: '1', type: 'SS' }] } }, 'patient.identifiers', 'AE'],
  ])('with %s is answered with the place', async (_what, body, where, answer) => {
    expect(await reasonsFor(body)).toMatchObject({ answer, reasons: [{ where }] });
  });

  it('names the object that a strange field stands in, and not the field', async () => {
    const told = await reasonsFor({ ...BODY, patient: { ...BODY.patient, 'Ada Marlow': true } });
    expect(told.reasons).toEqual([{ code: 102, where: 'patient', text: expect.stringContaining('remove it') }]);
    expect(JSON.stringify(told)).not.toContain('Marlow');
  });

  it('of another type is rejected, whatever it says', async () => {
    expect(await reasonsFor(BODY, { ce_type: 'care.task.opened.v1' })).toMatchObject({ answer: 'AR', reasons: [{ code: 200, where: 'type' }] });
  });

  it('of a sender that is not taken waits for an operator', async () => {
    expect(await reasonsFor(BODY, { ce_source: 'STRANGER' })).toMatchObject({ answer: 'AE', reasons: [{ code: 204, where: 'source' }] });
  });

  it('without data, or with other data than JSON, is told so', async () => {
    expect((await read(null)).content).toMatchObject({ answer: 'AE', reasons: [{ where: 'data', code: 101 }] });
    expect((await read('{')).content).toMatchObject({ answer: 'AE', reasons: [{ where: 'data', code: 102 }] });
  });

  it('with HL7 v2 inside is that message, as if it had come over MLLP', async () => {
    expect(await read('MSH|', { ce_type: 'care.ingress.hl7v2.v1', 'content-type': 'text/plain' })).toMatchObject({ protocol: 'hl7v2', sender: 'EHR|NSH', controlId: 'M-1' });
  });

  it('with a document inside is that document, of the same sender', async () => {
    expect(await read('<ClinicalDocument/>', { ce_type: 'care.ingress.ccda.v1', 'content-type': 'application/xml' })).toMatchObject({ protocol: 'ccda', sender: 'NORTHSHORE-EHR', controlId: 'E-1' });
  });

  it('that we fail to read by our own fault is kept whole', async () => {
    const arrival = await read('{"resourceType":"Patient"}', { ce_type: 'care.ingress.fhir.v1' });
    expect(arrival).toMatchObject({ protocol: 'cloudevents', content: { answer: 'AR', reasons: [{ code: 207 }] } });
    expect(Buffer.from(arrival.raw).toString()).toContain('"resourceType":"Patient"');
  });

  it('out of quarantine says what it said, without its headers', async () => {
    const first = await read(JSON.stringify(BODY), { ce_time: '2026-11-20T15:34:00-05:00' });
    expect(await events.again(first)).toEqual(first);
  });

  it('carries its trace on, where it is one', async () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    expect((await read(JSON.stringify(BODY), { ce_traceparent: traceparent })).traceparent).toBe(traceparent);
    expect((await read(JSON.stringify(BODY), { ce_traceparent: 'Ada' })).traceparent).toBeUndefined();
  });
});
