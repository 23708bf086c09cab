import type { PrescriptionSaid, Said } from '../../domain/said.js';
import { translate, type TranslationContext } from './translate.js';

const context: TranslationContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };

/** A made-up pharmacy's message about a made-up person. */
const pharmacy = (type: string, ...segments: readonly string[]): string =>
  [`MSH|^~\\&|PHARM|NORTHSHORE|U|H|20260305120000-0500||${type}|c1|P|2.5.1`, 'PID|1||700001^^^NSH^MR||Testperson^Avery||19510407|F||||||||||A1', 'PV1|1|I|4E||||||||||||||||V700001', ...segments, ''].join('\r');
const read = (type: string, ...segments: readonly string[]) => translate(Buffer.from(pharmacy(type, ...segments)), context);
const said = (type: string, ...segments: readonly string[]): Said & { what: 'prescription' } => {
  const found = read(type, ...segments);
  if (found.kind !== 'readable' || found.said.what !== 'prescription') throw new Error(JSON.stringify(found));
  return found.said;
};
const lines = (type: string, ...segments: readonly string[]): readonly PrescriptionSaid[] => {
  const { prescription, more = [] } = said(type, ...segments);
  return [prescription, ...more];
};
const reasons = (type: string, ...segments: readonly string[]): readonly string[] => {
  const found = read(type, ...segments);
  return found.kind === 'unreadable' ? found.reasons.map(({ code, where }) => `${code} ${where}`) : [found.kind];
};

describe('medicines in pharmacy messages', () => {
  it('are read with drug, dose, route, directions and timing, and with the stay', () => {
    const order = said(
      'RDE^O11^RDE_O11',
      'ORC|NW|P100^OE|F200^RX||||^BID^D10^20260305180000^20260315180000||20260305113000-0500',
      'RXE||860975^Testformin 500 MG Oral Tablet^RXNORM|1|2|TAB^tablet||^Take with food~^Not at night',
      'TQ1|1||BID|||7^D|20260305180000-0500|20260312180000-0500',
      'RXR|PO^Oral',
    );
    expect(order).toMatchObject({ what: 'prescription', stay: { visit: { value: 'V700001' }, account: { value: 'A1' } }, patient: { identifiers: [{ value: '700001' }] } });
    expect(order.prescription).toEqual({
      orderId: 'P100^OE', basis: 'ordered',
      medicine: { text: 'Testformin 500 MG Oral Tablet', code: '860975', system: 'RXNORM', display: 'Testformin 500 MG Oral Tablet' },
      dose: { value: '1-2', unit: 'TAB' }, route: 'PO', directions: 'Take with food; Not at night',
      timing: { code: 'BID', startsAt: '2026-03-05T23:00:00.000Z', endsAt: '2026-03-12T23:00:00.000Z' },
      prescribedAt: '2026-03-05T16:30:00.000Z',
    });
  });

  it('say nothing where a field is empty', () => {
    expect(lines('OMP^O09', 'ORC|NW|P1', 'RXO|^Testsartan')).toEqual([{ orderId: 'P1', basis: 'ordered', medicine: { text: 'Testsartan', display: 'Testsartan' } }]);
    expect(lines('OMP^O09', 'ORC|OP', 'RXO|0005^^NDC^^^^^^testamethasone 4 MG TABS')[0]).toEqual({ basis: 'ordered', medicine: { text: 'testamethasone 4 MG TABS', code: '0005', system: 'NDC' } });
  });

  it('take the pharmacist’s reading before the request, and the older timing where there is no TQ1', () => {
    expect(lines('RDE^O11', 'ORC|NW|P1|||||^Q6H^D5^20260305', 'RXO|A^Requested|1', 'RXR|IV', 'RXE|^Q8H|B^Encoded|2|2|43^mg/hr', 'RXR|PO')).toEqual([
      { orderId: 'P1', basis: 'ordered', medicine: { text: 'Encoded', code: 'B', display: 'Encoded' }, dose: { value: '2', unit: 'mg/hr' }, route: 'PO', timing: { code: 'Q8H', duration: 'D5', startsAt: '2026-03-05T05:00:00.000Z' } },
    ]);
    expect(lines('RDE^O25', 'ORC|NW|P1|||||^Q6H^D5^20260305', 'RXE||B^Encoded')[0]!.timing).toEqual({ code: 'Q6H', duration: 'D5', startsAt: '2026-03-05T05:00:00.000Z' });
  });

  it('take each part of the timing from the first place that has it', () => {
    expect(lines('RDE^O11', 'ORC|NW|P1|||||10^BID^D4', 'RXE|^^^20260306|B^Encoded')[0]!.timing).toEqual({ code: 'BID', duration: 'D4', startsAt: '2026-03-06T05:00:00.000Z' });
    expect(lines('RDE^O11', 'ORC|NW|P1', 'TQ1|1||TID', 'RXO|A^Requested', 'RXE||B^Encoded', 'TQ1|1|||0700~1500~2300')[0]!.timing).toEqual({ code: 'TID', text: '0700, 1500, 2300' });
  });

  it('tell several of one message apart, also under one order number or none', () => {
    const several = lines('OMP^O09', 'ORC|NW|P1', 'RXO|A^First', 'ORC|NW|P1', 'RXO|B^Second', 'ORC|NW', 'RXO|C^Third', 'ORC|NW', 'RXO|D^Fourth');
    expect(several.map(({ orderId, place, medicine }) => [orderId, place, medicine.text])).toEqual([['P1', undefined, 'First'], ['P1', 2, 'Second'], [undefined, undefined, 'Third'], [undefined, 2, 'Fourth']]);
  });

  it.each([['DC', '', 'stopped'], ['CA', '', 'cancelled'], ['HD', '', 'on-hold'], ['NW', 'CM', 'completed'], ['RE', 'DC', 'stopped'], ['NW', '', undefined], ['NW', 'ER', undefined]])('read control %s with status "%s" as %s', (control, status, wanted) => {
    expect(lines('RDE^O11', `ORC|${control}|P1|||${status}`, 'RXE||A^Testolol')[0]!.status).toBe(wanted);
  });

  it('of dispensings and doses given are told from orders', () => {
    expect(lines('RDS^O13', 'ORC|RE|P1', 'RXD|1|A^Testolol|20260305|30|TAB')[0]).toMatchObject({ basis: 'dispensed', medicine: { text: 'Testolol' } });
    expect(lines('RDS^O13', 'ORC|RE|P1', 'RXD|1|A^Testolol|20260305|30|TAB')[0]).not.toHaveProperty('dose');
    expect(lines('RAS^O17', 'ORC|RE|P1', 'RXA|0|1|20260305|20260305|A^Testolol|10|mg', 'RXA|0|2|20260305|20260305|B^Testipine|20|mg').map(({ basis, dose, medicine }) => [basis, medicine.text, dose])).toEqual([
      ['administered', 'Testolol', { value: '10', unit: 'mg' }], ['administered', 'Testipine', { value: '20', unit: 'mg' }],
    ]);
  });

  it('are asked for where none is named; other orders and events are said to be not handled', () => {
    expect(reasons('RDE^O11', 'ORC|NW|P1', 'RXE||')).toEqual(['101 RXE-2']);
    expect(reasons('OMS^O05', 'ORC|NW|P1', 'RQD|1|A^Testbandage')).toEqual(['200 MSH-9']);
    expect(reasons('RDE^O99', 'ORC|NW|P1', 'RXE||A^Testolol')).toEqual(['201 MSH-9']);
    expect(read('OMP^O09', 'ORC|NW|P1', 'RXO|A^First', 'ORC|NW|P2', 'NTE|1||no medicine')).toMatchObject({ kind: 'readable', said: { flags: ['order-without-medicine'] } });
  });
});
