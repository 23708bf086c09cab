import type { StatementSaid } from '../../domain/statement.js';
import { translate, type TranslationContext } from './translate.js';

const context: TranslationContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };

const PID = 'PID|1||700001^^^NSH^MR||Testperson^Avery||19510407|F';
/** A made-up ward's order for a made-up person. */
const order = (type: string, ...segments: readonly string[]): string =>
  [`MSH|^~\\&|OE|NORTHSHORE|U|H|20260305120000-0500||${type}|c1|P|2.5.1`, PID, 'PV1|1|I|4E||||||||||||||||V700001', ...segments, ''].join('\r');
const read = (type: string, ...segments: readonly string[]) => translate(Buffer.from(order(type, ...segments)), context);
type Order = StatementSaid & { kind: 'test-order' };
const orders = (type: string, ...segments: readonly string[]): readonly Order[] => {
  const found = read(type, ...segments);
  if (found.kind !== 'readable' || found.said.what !== 'statements') throw new Error(JSON.stringify(found));
  return found.said.statements as readonly Order[];
};
const reasons = (type: string, ...segments: readonly string[]): readonly string[] => {
  const found = read(type, ...segments);
  return found.kind === 'unreadable' ? found.reasons.map(({ code, where }) => `${code} ${where}`) : [found.kind];
};

describe('orders of tests', () => {
  it.each(['ORM^O01', 'OML^O21', 'OMG^O19', 'OMI^O23'])('are read from %s with number, test, status and times', (type) => {
    const found = read(type, 'ORC|NW|P1^OE|||||^^^20260306080000-0500||20260305113000-0500', 'OBR|1|P1^OE||24323-8^Metabolic panel^LN', 'ORC|NW|P2^OE', 'OBR|2|P2^OE||MRI^Knee^L');
    expect(found).toMatchObject({ kind: 'readable', said: { what: 'statements', stay: { visit: { value: 'V700001' } }, flags: [] } });
    expect(orders(type, 'ORC|NW|P1^OE|||||^^^20260306080000-0500||20260305113000-0500', 'OBR|1|P1^OE||24323-8^Metabolic panel^LN', 'ORC|NW|P2^OE', 'OBR|2|P2^OE||MRI^Knee^L')).toEqual([
      { kind: 'test-order', number: 'P1^OE', says: { code: { code: '24323-8', system: 'LN', text: 'Metabolic panel' }, status: 'ordered', orderedAt: '2026-03-05T16:30:00.000Z', wantedAt: '2026-03-06T13:00:00.000Z' } },
      { kind: 'test-order', number: 'P2^OE', says: { code: { code: 'MRI', system: 'L', text: 'Knee' }, status: 'ordered' } },
    ]);
  });

  it.each([
    ['NW', '', '', 'ordered'], ['XO', '', '', 'ordered'], ['CA', '', '', 'cancelled'], ['OC', 'IP', '', 'cancelled'], ['CR', '', '', 'cancelled'], ['DC', '', '', 'cancelled'],
    ['HD', '', '', 'on-hold'], ['RL', '', '', 'ordered'], ['UC', '', '', 'ordered'], ['SC', 'CM', '', 'completed'], ['SC', 'IP', '', 'ordered'], ['SC', '', 'F', 'completed'],
    ['SC', 'NW', 'I', 'ordered'], ['NW', 'CA', '', 'cancelled'], ['SC', '', 'X', 'cancelled'], ['SC', '', '', 'unknown'], ['', '', '', 'unknown'],
  ])('read control "%s", status "%s" and result status "%s" as %s', (control, status, result, wanted) => {
    expect(orders('ORM^O01', `ORC|${control}|P1|||${status}`, `OBR|1|P1||UE|||||||||||||||||||||${result}`)[0]!.says.status).toBe(wanted);
  });

  it('were given at the time of an order only: that of a cancel is the cancel’s', () => {
    expect(orders('ORM^O01', 'ORC|CA|P1|||||||20260305113000-0500', 'OBR|1|P1||UE')[0]!.says).not.toHaveProperty('orderedAt');
  });

  it('take the time they are wanted from the best place that has one', () => {
    const wanted = (tq1: string, timing: string, planned: string): unknown =>
      orders('OML^O21', 'ORC|NW|P1|||||^^^20260301', `TQ1|1||||||${tq1}`, `OBR|1|P1||UE||20260302|||||||||||||||||||||${timing}|||||||||${planned}`)[0]!.says.wantedAt;
    expect([wanted('20260304', '^^^20260303', '20260305'), wanted('20260304', '^^^20260303', ''), wanted('', '^^^20260303', ''), wanted('', '', '')]).toEqual(
      ['2026-03-05T05:00:00.000Z', '2026-03-04T05:00:00.000Z', '2026-03-03T05:00:00.000Z', '2026-03-01T05:00:00.000Z'],
    );
  });

  it('are named by the placer’s number, else by the filler’s', () => {
    expect(orders('ORM^O01', 'ORC|NW|0|F1^LAB', 'OBR|1|||UE', 'ORC|NW', 'OBR|2|||FBC').map(({ number }) => number)).toEqual(['F1^LAB', undefined]);
  });

  it('share an ORC that stands before several tests', () => {
    expect(orders('ORM^O01', 'ORC|CA', 'OBR|1|P1||UE', 'OBR|2|P2||FBC').map(({ number, says }) => [number, says.status])).toEqual([['P1', 'cancelled'], ['P2', 'cancelled']]);
  });

  it('may be taken back by their number alone where a message orders nothing but tests', () => {
    expect(orders('OML^O21', 'ORC|CA|P1')).toEqual([{ kind: 'test-order', number: 'P1', says: { code: {}, status: 'cancelled' } }]);
    expect(reasons('OML^O21', 'ORC|CA')).toEqual(['101 OBR-4']);
    expect(reasons('OML^O21')).toEqual(['101 OBR-4']);
  });

  it('are told from the earlier results that come along with them', () => {
    expect(orders('OML^O21', 'ORC|NW|P1', 'OBR|1|P1||UE', PID, 'OBR|1|P0||UE|||20260101', 'OBX|1|NM|2951-2^^LN||130|||||F')).toHaveLength(1);
  });

  it('stand beside medicines that the same message orders', () => {
    const found = read('ORM^O01', 'ORC|NW|P1', 'RXO|A^Testolol', 'ORC|NW|P2', 'OBR|1|P2||UE');
    expect(found).toMatchObject({ said: { what: 'bundle', flags: [], parts: [{ what: 'prescription', prescription: { orderId: 'P1' } }, { what: 'statements', statements: [{ number: 'P2' }] }] } });
    expect(read('ORM^O01', 'ORC|NW|P1', 'OBR|1|P1||PHARM^Pharmacy', 'RXO|A^Testolol')).toMatchObject({ said: { what: 'prescription', flags: [] } });
    expect(reasons('ORM^O01', 'ORC|NW|P1', 'RXO|', 'ORC|NW|P2', 'OBR|1|P2||UE')).toEqual(['101 RXE-2']);
  });

  it('are no orders of meals or supplies: those are not handled', () => {
    expect(reasons('ORM^O01', 'ORC|NW|P1', 'ODS|D||DIET^Low salt')).toEqual(['200 MSH-9']);
    expect(reasons('ORM^O01', 'ORC|CA|P1')).toEqual(['200 MSH-9']);
    expect(reasons('OMD^O03', 'ORC|NW|P1', 'ODS|D||DIET^Low salt')).toEqual(['200 MSH-9']);
  });
});
