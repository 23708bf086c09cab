import type { SaidOnce } from '../../domain/said.js';
import type { StatementSaid } from '../../domain/statement.js';
import { translate, type TranslationContext } from './translate.js';

const context: TranslationContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };

const PID = 'PID|1||700001^^^NSH^MR||Testperson^Avery||19510407|F||||||||||A1';
/** A made-up laboratory's message about a made-up person. */
const laboratory = (type: string, ...segments: readonly string[]): string =>
  [`MSH|^~\\&|LAB|NORTHSHORE|U|H|20260305120000-0500||${type}|c1|P|2.5.1`, ...segments, ''].join('\r');
const read = (type: string, ...segments: readonly string[]) => translate(Buffer.from(laboratory(type, ...segments)), context);
const said = (...segments: readonly string[]): SaidOnce & { what: 'statements' } => {
  const found = read('ORU^R01^ORU_R01', PID, 'PV1|1|I|4E||||||||||||||||V700001', ...segments);
  if (found.kind !== 'readable' || found.said.what !== 'statements') throw new Error(JSON.stringify(found));
  return found.said;
};
type Result = StatementSaid & { kind: 'test-result' };
const results = (...segments: readonly string[]): readonly Result[] => said(...segments).statements as readonly Result[];
const result = (...segments: readonly string[]): Result['says'] => results(...segments)[0]!.says;
const obx = (flag: string, status = 'F'): string => `OBX|1|ST|X1^Something^L||text|||${flag}|||${status}`;
const reasons = (type: string, ...segments: readonly string[]): readonly string[] => {
  const found = read(type, ...segments);
  return found.kind === 'unreadable' ? found.reasons.map(({ code, where }) => `${code} ${where}`) : [found.kind];
};

describe('results of tests', () => {
  it('are read with the test, the orders they answer, their times, and the few values that rules look at', () => {
    const message = said(
      'ORC|RE|P100^OE|F200^LAB',
      'OBR|1|P100^OE|F200^LAB|24323-8^Metabolic panel^LN|||20260305070000-0500|||||||||||||||20260305113000-0500|||F',
      'OBX|1|NM|2951-2^Sodium^LN||128|mmol/L^millimole per litre^UCUM|135-145|L|||F',
      'OBX|2|SN|S1^eGFR^L^98979-8^eGFR^LN||>^60|mL/min||N|||F',
      'OBX|3|NM|2345-7^Glucose^LN||99|mg/dL|||||F',
    );
    expect(message).toMatchObject({ at: '2026-03-05T17:00:00.000Z', atSource: 'MSH-7', stay: { visit: { value: 'V700001' }, account: { value: 'A1' } }, patient: { identifiers: [{ value: '700001' }] } });
    expect(message.statements).toEqual([{
      kind: 'test-result', number: 'F200^LAB#24323-8',
      says: {
        code: { code: '24323-8', system: 'LN', text: 'Metabolic panel' }, status: 'final', orders: ['P100^OE', 'F200^LAB'],
        observedAt: '2026-03-05T12:00:00.000Z', reportedAt: '2026-03-05T16:30:00.000Z', abnormal: 'L',
        values: [{ analyte: 'sodium', value: '128', unit: 'mmol/L', abnormal: 'L' }, { analyte: 'egfr', value: '>60', unit: 'mL/min', abnormal: 'N' }],
      },
    }]);
  });

  it('say nothing where a field is empty', () => {
    expect(results('OBR|1|||^Group & Screen', 'OBX|1|NM|2951-2^Sodium^LN||""|||""')).toEqual([{ kind: 'test-result', says: { code: { text: 'Group & Screen' }, status: 'unknown' } }]);
  });

  it('of one specimen keep apart, though the laboratory gave all of them its one number', () => {
    const both = results('ORC|RE|P1|F1', 'OBR|1|P1|F1|FBC^Blood count^L', 'ORC|RE|P2|F1', 'OBR|2|P2|F1|UE^Electrolytes^L');
    expect(both.map(({ number, says }) => [number, says.orders])).toEqual([['F1#FBC', ['P1', 'F1']], ['F1#UE', ['P2', 'F1']]]);
    expect(results('OBR|1||F1|FBC', 'OBR|2||F1|FBC').map(({ number, place }) => [number, place])).toEqual([['F1#FBC', undefined], ['F1#FBC', 2]]);
  });

  it('without a number of the laboratory are named by their message', () => {
    expect(results('ORC|RE|P1|0', 'OBR|1|P1||FBC')[0]).not.toHaveProperty('number');
    expect(results('ORC|RE|P1|F7', 'OBR|1|P1||FBC')[0]).toMatchObject({ number: 'F7#FBC', says: { orders: ['P1', 'F7'] } });
  });

  it.each([['O', 'registered'], ['I', 'registered'], ['A', 'preliminary'], ['P', 'preliminary'], ['R', 'preliminary'], ['f', 'final'], ['C', 'corrected'], ['X', 'cancelled'], ['Y', 'unknown']])('have the status of OBR-25: %s is %s', (letter, status) => {
    expect(result(`OBR|1||F1|FBC|||||||||||||||||||||${letter}`, obx('', 'P')).status).toBe(status);
  });

  it('have the status that their observations agree on where OBR-25 is empty', () => {
    expect(result('OBR|1||F1|FBC', obx('', 'F'), obx('', 'U')).status).toBe('final');
    expect(result('OBR|1||F1|FBC', obx('', 'F'), obx('', 'P')).status).toBe('unknown');
  });

  it.each([
    [['N', 'H', 'LL', 'A'], 'LL'], [['N', 'A'], 'A'], [['h', 'N'], 'h'], [['N', 'CRIT'], 'CRIT'], [['CRIT', 'L'], 'L'], [['N', 'S'], 'S'],
    [['A^Abnormal^HL70078', ''], 'A'], [['N~HH'], 'HH'], [['', 'None', '""'], undefined],
  ])('of flags %j carry the gravest as it was sent: %s', (flags, gravest) => {
    expect(result('OBR|1||F1|FBC', ...flags.map((flag) => obx(flag))).abnormal).toBe(gravest);
  });

  it('take no value and no flag from what is deleted, wrong or could not be had', () => {
    const gone = (status: string): string => `OBX|1|NM|2823-3^Potassium^LN||9.9|mmol/L||HH|||${status}`;
    for (const status of ['D', 'W', 'X']) expect(result('OBR|1||F1|UE||||||||||||||||||||||F', gone(status), obx('N'))).toMatchObject({ abnormal: 'N' });
    for (const status of ['D', 'W', 'X']) expect(result('OBR|1||F1|UE', gone(status), obx('N'))).not.toHaveProperty('values');
    expect(results('OBR|1||F1|UE', gone('W'), gone('D'))[0]).toMatchObject({ withdrawn: true });
    expect(results('OBR|1||F1|UE', gone('W'), obx('N'))[0]).not.toHaveProperty('withdrawn');
    expect(results('OBR|1||F1|UE', gone('X'))[0]).not.toHaveProperty('withdrawn');
  });

  it.each([
    ['NM', '4.2', ['4.2']], ['ST', '>60', ['>60']], ['SN', '=^4.2', ['4.2']], ['SN', '<=^4.2', ['<=4.2']], ['SN', '^1^:^128', []], ['SN', '^3^-^5', []],
    ['ST', 'haemolysed', []], ['NM', 'None', []], ['NM', '4.1~4.2', ['4.1', '4.2']], ['NM', '', []], ['ED', '^TEXT^^Base64^NDI=', []],
  ])('take %s %j as the values %j', (type, value, values) => {
    expect((result('OBR|1||F1|UE', `OBX|1|${type}|2823-3^Potassium^LN||${value}|mmol/L|||||F`).values ?? []).map((one) => one.value)).toEqual(values);
  });

  it('take a value for an analyte by its LOINC code alone, and its unit in words where the code is none', () => {
    expect(result('OBR|1||F1|UE', 'OBX|1|NM|NA^Sodium^L||140|mmol/L|||||F')).not.toHaveProperty('values');
    expect(result('OBR|1||F1|UE', 'OBX|1|NM|2951-2^Sodium^LN||140|CD:289^mmol/L|||||F').values).toEqual([{ analyte: 'sodium', value: '140', unit: 'mmol/L' }]);
  });

  it('carry no more values than a report has', () => {
    const many = 'OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|||||F';
    expect(result('OBR|1||F1|UE', ...Array.from({ length: 300 }, () => many)).values).toHaveLength(200);
    expect(result('OBR|1||F1|UE', many.replace('140', Array.from({ length: 300 }, () => '140').join('~'))).values).toHaveLength(200);
  });

  it('were observed when OBR-7 says so, else when the first observation that has a time does', () => {
    expect(result('OBR|1||F1|UE', obx(''), 'OBX|2|ST|X||y||||||F|||20260305070000-0500').observedAt).toBe('2026-03-05T12:00:00.000Z');
  });

  it('of several patients in one message are each of theirs', () => {
    const found = read('ORU^R01', PID, 'PV1|1|I|||||||||||||||||V1', 'OBR|1||F1|FBC', 'PID|2||700002^^^NSH^MR', 'OBR|1||F2|FBC', 'OBR|2||F2|UE');
    if (found.kind !== 'readable' || found.said.what !== 'bundle') throw new Error(JSON.stringify(found));
    expect(found.said.patient.identifiers[0]!.value).toBe('700001');
    expect(found.said.parts).toMatchObject([
      { what: 'statements', patient: { identifiers: [{ value: '700001' }] }, stay: { visit: { value: 'V1' } }, statements: [{ number: 'F1#FBC' }] },
      { what: 'statements', patient: { identifiers: [{ value: '700002' }] }, statements: [{ number: 'F2#FBC' }, { number: 'F2#UE' }] },
    ]);
    expect(found.said.parts[1]).not.toHaveProperty('stay');
    expect(read('ORU^R01', PID, 'OBR|1||F1|FBC', PID, 'OBR|2||F1|UE')).toMatchObject({ said: { what: 'statements', flags: ['several-pid'], statements: [{ number: 'F1#FBC' }, { number: 'F1#UE' }] } });
    expect(reasons('ORU^R01', PID, 'OBR|1||F1|FBC', 'PID|2||""', 'OBR|1||F2|FBC')).toEqual(['101 PID-3']);
  });

  it('come from bedside devices and about specimens too, whose ORC stands behind the OBR', () => {
    expect(read('ORU^R30', PID, 'OBR|1||D1|VBG', obx('L'))).toMatchObject({ kind: 'readable', said: { statements: [{ number: 'D1#VBG', says: { abnormal: 'L' } }] } });
    expect(read('OUL^R22^OUL_R22', PID, 'SPM|1', 'OBR|1|||UE', 'ORC|RE|P1|F1', obx('H'), 'OBR|2|||FBC', 'ORC|RE|P2|F2')).toMatchObject({
      said: { statements: [{ number: 'F1#UE', says: { orders: ['P1', 'F1'], abnormal: 'H' } }, { number: 'F2#FBC' }] },
    });
  });

  it('cannot be read without a patient and a test, and say so at once', () => {
    expect(reasons('ORU^R01')).toEqual(['100 PID', '100 OBR']);
    expect(reasons('ORU^R01', 'PID|1', 'OBR|1||F1|FBC')).toEqual(['101 PID-3']);
    expect(reasons('ORU^R40', PID, 'OBR|1||F1|FBC')).toEqual(['201 MSH-9']);
  });
});
