import { adt, numbered } from '@throughline/testing/hl7-builder';
import type { MllpClient } from '@throughline/testing/mllp-client';
import { RunningIntake, type Event } from './running-intake.js';

const header = (type: string, controlId: string, at: string): string => `MSH|^~\\&|LAB|NORTHSHORE|THROUGHLINE|CARE|${at}||${type}|${controlId}|P|2.5.1`;

describe('tests, appointments and allergies, as hospital systems tell of them', () => {
  let intake: RunningIntake;
  let client: MllpClient;
  beforeAll(async () => {
    intake = await RunningIntake.start();
    client = await intake.client();
  });
  afterAll(async () => intake?.stop());

  /** About the same made-up person as `numbered(n)`. */
  const send = async (n: number, type: string, controlId: string, at: string, ...segments: readonly string[]): Promise<void> => {
    const message = [header(type, controlId, at), `PID|1||${800_000 + n}^^^NSH^MR||Testperson${n}^Avery^^^^^L`, `PV1|1|I|4E||||||||||||||||V${800_000 + n}`, ...segments, ''].join('\r');
    expect(await client.send(message)).toMatchObject({ code: 'AA', controlId });
  };
  const became = (controlId: string): Promise<string> => intake.became(controlId);
  const eventsOf = async (type: string, correlated: readonly string[]): Promise<readonly Event[]> => {
    const ids = new Set((await intake.ledger()).filter(({ controlId }) => correlated.includes(controlId)).map(({ id }) => id));
    return (await intake.events()).filter((event) => event.type === type && ids.has(event.correlationId));
  };

  it('files an order and its result under the stay, and a later word of the laboratory corrects the same result', async () => {
    expect((await client.send(adt('A01', numbered(1, { controlId: 'o1-a01' })))).code).toBe('AA');
    await send(1, 'ORM^O01', 'o1-orm', '20260304090000-0500', 'ORC|NW|P1^OE|||||||20260304090000-0500', 'OBR|1|P1^OE||24323-8^Metabolic panel^LN');
    const report = (status: string, sodium: string): readonly string[] => ['ORC|RE|P1^OE|F1', `OBR|1|P1^OE|F1|24323-8^Metabolic panel^LN|||20260304100000-0500|||||||||||||||20260304113000-0500|||${status}`, `OBX|1|NM|2951-2^Sodium^LN||${sodium}|mmol/L|135-145|L|||${status}`];
    await send(1, 'ORU^R01', 'o1-oru-1', '20260304113000-0500', ...report('P', '131'));
    await send(1, 'ORU^R01', 'o1-oru-2', '20260304130000-0500', ...report('F', '128'));
    await send(1, 'ORU^R01', 'o1-oru-3', '20260304130000-0500', ...report('F', '128'));
    await send(1, 'ORU^R01', 'o1-oru-4', '20260304120000-0500', ...report('P', '131'));
    expect([await became('o1-orm'), await became('o1-oru-1'), await became('o1-oru-2'), await became('o1-oru-3'), await became('o1-oru-4')]).toEqual(['noted', 'noted', 'correction', 'repeat', 'repeat']);

    const [stay] = await eventsOf('care.encounter.recorded.v1', ['o1-a01']);
    const [order] = await eventsOf('care.test.ordered.v1', ['o1-orm']);
    expect(order!.data).toMatchObject({ encounterId: stay!.data['encounterId'], source: 'LAB|NORTHSHORE', number: 'P1^OE', status: 'ordered', orderedAt: '2026-03-04T14:00:00.000Z', withdrawn: false });
    const results = await eventsOf('care.test.resulted.v1', ['o1-oru-1', 'o1-oru-2', 'o1-oru-3', 'o1-oru-4']);
    expect(new Set(results.map(({ subject }) => subject)).size).toBe(1);
    expect(results.map(({ data }) => [data['version'], data['status'], data['abnormal'], data['values']])).toEqual([
      [1, 'preliminary', 'L', [{ analyte: 'sodium', value: '131', unit: 'mmol/L', abnormal: 'L' }]],
      [2, 'final', 'L', [{ analyte: 'sodium', value: '128', unit: 'mmol/L', abnormal: 'L' }]],
    ]);
  });

  it('goes by the last time that something was said: an older word that comes after its repeat changes nothing', async () => {
    const report = (status: string): string => `OBR|1|P9^OE|F9|24323-8^Metabolic panel^LN|||20260304100000-0500||||||||||||||||||${status}`;
    await send(9, 'ORU^R01', 'o9-first', '20260304110000-0500', report('P'));
    await send(9, 'ORU^R01', 'o9-again', '20260304150000-0500', report('P'));
    await send(9, 'ORU^R01', 'o9-late', '20260304130000-0500', report('F'));
    expect([await became('o9-first'), await became('o9-again'), await became('o9-late')]).toEqual(['noted', 'repeat', 'repeat']);
    expect((await eventsOf('care.test.resulted.v1', ['o9-first', 'o9-again', 'o9-late'])).map(({ data }) => data['status'])).toEqual(['preliminary']);
  });

  it('keeps a cancel of a test, and a result that turns out to be another patient’s', async () => {
    await send(2, 'OML^O21', 'o2-oml-1', '20260304090000-0500', 'ORC|NW|P2', 'OBR|1|P2||UE^Electrolytes^L');
    await send(2, 'OML^O21', 'o2-oml-2', '20260304100000-0500', 'ORC|CA|P2', 'OBR|1|P2||UE^Electrolytes^L');
    await send(2, 'ORU^R01', 'o2-oru-1', '20260304110000-0500', 'OBR|1||F2|FBC^Blood count^L||||||||||||||||||||||F', 'OBX|1|ST|HB||low|||LL|||F');
    await send(2, 'ORU^R01', 'o2-oru-2', '20260304120000-0500', 'OBR|1||F2|FBC^Blood count^L||||||||||||||||||||||F', 'OBX|1|ST|HB||low|||LL|||W');
    expect([await became('o2-oml-2'), await became('o2-oru-1'), await became('o2-oru-2')]).toEqual(['correction', 'noted', 'withdrawn']);
    expect((await eventsOf('care.test.ordered.v1', ['o2-oml-1', 'o2-oml-2'])).map(({ data }) => data['status'])).toEqual(['ordered', 'cancelled']);
    expect((await eventsOf('care.test.resulted.v1', ['o2-oru-1', 'o2-oru-2'])).map(({ data }) => data['withdrawn'])).toEqual([false, true]);
  });

  it('takes medicines and tests of one message, each for what it is', async () => {
    await send(3, 'ORM^O01', 'o3-orm', '20260304090000-0500', 'ORC|NW|P3', 'RXO|A^Testolol|5||mg', 'ORC|NW|P4', 'OBR|1|P4||UE^Electrolytes^L');
    expect(await became('o3-orm')).toBe('prescription');
    expect(await eventsOf('care.prescription.added.v1', ['o3-orm'])).toMatchObject([{ data: { orderId: 'P3' } }]);
    expect(await eventsOf('care.test.ordered.v1', ['o3-orm'])).toMatchObject([{ data: { number: 'P4' } }]);
  });

  it('follows an appointment from its booking to the one that was missed', async () => {
    const booked = 'SCH|AP1^CAL|||||||CARD^Cardiology visit^L|30|min||^^^20260312093000-0500'.replace('|min||', '|min|');
    await send(4, 'SIU^S12', 'o4-s12', '20260304090000-0500', booked, 'AIL|1||CL1^R2');
    await send(4, 'SIU^S26', 'o4-s26', '20260312100000-0500', booked, 'AIL|1||CL1^R2');
    expect([await became('o4-s12'), await became('o4-s26')]).toEqual(['noted', 'correction']);
    expect((await eventsOf('care.appointment.stated.v1', ['o4-s12', 'o4-s26'])).map(({ data }) => [data['number'], data['status'], data['startsAt'], data['endsAt'], data['place']])).toEqual([
      ['AP1^CAL', 'booked', '2026-03-12T14:30:00.000Z', '2026-03-12T15:00:00.000Z', 'CL1 R2'], ['AP1^CAL', 'missed', '2026-03-12T14:30:00.000Z', '2026-03-12T15:00:00.000Z', 'CL1 R2'],
    ]);
  });

  it('says an allergy once, however many messages bring it, and changes nothing of what they say of the stay', async () => {
    const al1 = { moreSegments: ['AL1|1|DA|70618^Penicillin^RxNorm|SV|Rash'] };
    for (const [trigger, controlId] of [['A01', 'o5-a01'], ['A08', 'o5-a08'], ['A03', 'o5-a03']] as const)
      expect((await client.send(adt(trigger, numbered(5, { controlId, ...al1 })))).code).toBe('AA');
    expect([await became('o5-a01'), await became('o5-a08'), await became('o5-a03')]).toEqual(['admission', 'repeat', 'discharge']);
    expect(await eventsOf('care.allergy.stated.v1', ['o5-a01', 'o5-a08', 'o5-a03'])).toMatchObject([{ data: { number: '70618', noneKnown: false, code: { code: '70618', text: 'Penicillin' }, reactions: ['Rash'] } }]);
    expect(await eventsOf('care.discharge.recorded.v1', ['o5-a03'])).toHaveLength(1);
  });

  it('receives each message of a batch by itself, and answers them together', async () => {
    const one = (n: number, options = {}): string => adt('A08', numbered(n, { controlId: `o6-${n}`, ...options }));
    const batch = (end: string): string => `BHS|^~\\&|WARDS|NORTHSHORE|THROUGHLINE|CARE|20260305||||B1\r${one(61)}${one(62, { mrn: '' })}${one(63)}${end}`;
    const codes = async (frame: string): Promise<readonly string[]> => (await client.send(frame)).raw.split('\r').filter((line) => /^(BHS|MSA|BTS)/.test(line)).map((line) => line.split('|').slice(0, 3).join('|').replace('|^~\\&', ''));
    expect(await codes(batch(''))).toEqual(['BHS|THROUGHLINE', 'MSA|AA|o6-61', 'MSA|AE|o6-62', 'MSA|AE|o6-63', 'BTS|3']);
    expect(await codes(batch('BTS|3\r'))).toEqual(['BHS|THROUGHLINE', 'MSA|AA|o6-61', 'MSA|AE|o6-62', 'MSA|AA|o6-63', 'BTS|3']);
    expect([await became('o6-61'), await became('o6-62'), await became('o6-63')]).toEqual(['update', 'quarantined (101)', 'update']);
    const { rows } = await intake.sql.query<{ control_id: string; raw: Buffer }>(`select control_id, raw from inbound where control_id like 'o6-%' order by control_id`);
    expect(rows.map(({ control_id: id, raw }) => [id, raw.toString()])).toEqual([['o6-61', one(61)], ['o6-62', one(62, { mrn: '' })], ['o6-63', one(63)]]);
  });
});
