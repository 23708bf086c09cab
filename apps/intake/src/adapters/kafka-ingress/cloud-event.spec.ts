import type { BusRecord } from '@throughline/platform/bus/bus';
import { readRecord, readStructured } from './cloud-event.js';

const HEADERS = { ce_specversion: '1.0', ce_id: 'E-1', ce_source: 'NORTHSHORE-EHR', ce_type: 'care.ingress.discharge.v1', 'content-type': 'application/json' };
const record = (headers: Record<string, string>, value: string | null, more: Partial<BusRecord> = {}): BusRecord => ({ topic: 'ingress', partition: 0, offset: 1, key: 'k', headers, value, at: new Date(0), ...more });
const structured = (event: object, media = 'application/cloudevents+json; charset=UTF-8'): BusRecord => record({ 'content-type': media }, JSON.stringify(event));
const EVENT = { specversion: '1.0', id: 'E-1', source: 'NORTHSHORE-EHR', type: 'care.ingress.discharge.v1' };

describe('a record of Kafka as a CloudEvent', () => {
  it('in the binary mode: attributes in headers, data in the value', () => {
    const { event, reasons } = readRecord(record({ ...HEADERS, ce_time: '2026-11-20T20:00:00Z' }, '{"a":1}'));
    expect(reasons).toEqual([]);
    expect(event).toMatchObject({ source: 'NORTHSHORE-EHR', id: 'E-1', type: 'care.ingress.discharge.v1', time: '2026-11-20T20:00:00Z' });
    expect(event.data?.toString()).toBe('{"a":1}');
  });

  it.each(['application/cloudevents+json', 'APPLICATION/CloudEvents+JSON; charset=UTF-8', 'application/cloudevents'])('in the structured mode, said by %s', (media) => {
    const { event, reasons } = readRecord(structured({ ...EVENT, data: { a: 1 } }, media));
    expect(reasons).toEqual([]);
    expect(event.data?.toString()).toBe('{"a":1}');
  });

  it('takes text and base64 in the structured mode as they stand', () => {
    expect(readRecord(structured({ ...EVENT, data: 'MSH|^~\\&|A\rPID|1' })).event.data?.toString()).toBe('MSH|^~\\&|A\rPID|1');
    expect(readRecord(structured({ ...EVENT, data_base64: Buffer.from([0xe9, 0x0d]).toString('base64') })).event.data).toEqual(Buffer.from([0xe9, 0x0d]));
  });

  it('keeps the binary mode so that it reads the same without its headers, its data to the byte', () => {
    const sent = '{ "dose" : 1.50 }';
    const read = readRecord(record(HEADERS, sent));
    expect(read.raw.toString()).toContain(sent);
    expect(readStructured(read.raw)).toMatchObject({ reasons: [], event: { source: 'NORTHSHORE-EHR', id: 'E-1' } });
    const latin = Buffer.from([0x4d, 0xe9]);
    const other = readRecord(record({ ...HEADERS, 'content-type': 'text/plain' }, null, { raw: latin.toString('base64') }));
    expect(readStructured(other.raw).event.data).toEqual(latin);
  });

  it('keeps the same of the same event, under whatever trace it travelled', () => {
    const under = (trace: string) => readRecord(record({ ...HEADERS, ce_traceparent: trace }, '{"a":1}')).raw.toString();
    expect(under('00-1')).toBe(under('00-2'));
    expect(under('00-1')).not.toBe(readRecord(record({ ...HEADERS, ce_time: '2026-11-20T20:00:00Z' }, '{"a":1}')).raw.toString());
  });

  it('says of a record that is none what to do, and keeps its bytes', () => {
    const { raw, reasons } = readRecord(record({}, 'just some text'));
    expect(raw.toString()).toBe('just some text');
    expect(reasons).toEqual([{ code: 100, where: 'headers', text: expect.stringContaining('application/cloudevents+json') }]);
    expect(readRecord(record({}, null)).raw).toHaveLength(0);
  });

  it('names every attribute that is missing at once, and a version that is not 1.0', () => {
    expect(readRecord(record({ ce_specversion: '0.3' }, '{}')).reasons.map(({ where }) => where)).toEqual(['specversion', 'source', 'id', 'type']);
    expect(readRecord(structured({ ...EVENT, id: 'x'.repeat(200) })).reasons).toEqual([{ code: 102, where: 'id', text: 'The attribute is longer than 199' }]);
  });

  it('quotes nothing of a value that is not JSON', () => {
    const { reasons } = readRecord(record({ 'content-type': 'application/cloudevents+json' }, '{"name": Ada Marlow}'));
    expect(reasons).toHaveLength(1);
    expect(JSON.stringify(reasons)).toMatch(/line 1, column 10/);
    expect(JSON.stringify(reasons)).not.toMatch(/Marlow/);
    expect(readRecord(record({ 'content-type': 'application/cloudevents+json' }, '[1]')).reasons).toMatchObject([{ code: 102 }]);
  });
});
