import { allergy, clinicalDocument, entry, LOINC, problem, section, SNOMED, substance } from '../../../test/ccda-document.js';
import type { StatementSaid } from '../../domain/statement.js';
import { translateCcda } from './translate-ccda.js';

const context = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {}, sender: 'NORTH' };
const statements = (code: string, entries: string, text = ''): readonly StatementSaid[] => {
  const read = translateCcda(clinicalDocument({ code: '34133-9', sections: [section(code, entries, text)] }), context);
  if (read.kind !== 'readable') throw new Error(JSON.stringify(read));
  return read.said.what === 'bundle' ? read.said.parts.flatMap((part) => (part.what === 'statements' ? part.statements : [])) : [];
};
const says = (code: string, entries: string, text = ''): readonly unknown[] => statements(code, entries, text).map((one) => one.says);
const coded = (name: string, code: string, display: string, inner = ''): string => `<${name} code="${code}" codeSystem="${SNOMED}" displayName="${display}">${inner}</${name}>`;
const related = (code: string, value: string, type = 'REFR'): string => `<entryRelationship typeCode="${type}"><observation><templateId root="2.999.9"/><code code="${code}"/>${value}</observation></entryRelationship>`;

describe('problems in a C-CDA document', () => {
  const PNEUMONIA = coded('value', '233604007', 'Pneumonia', '<originalText><reference value="#p"/></originalText><translation code="J18.9" codeSystem="2.16.840.1.113883.6.90" displayName="Pneumonia, unspecified"/>');

  it('are conditions with their codes, their status where one is stated, and when they began and ended', () => {
    const [one] = statements('11450-4', problem(`<effectiveTime><low value="20260101"/><high value="20260115"/></effectiveTime>${PNEUMONIA}${related('33999-4', '<value code="413322009"/>')}`), '<content ID="p">a lung thing</content>');
    expect(one).toEqual({
      kind: 'condition', number: '2.999.1.6^P-1',
      says: { code: { code: 'J18.9', system: 'http://hl7.org/fhir/sid/icd-10-cm', display: 'Pneumonia, unspecified', text: 'a lung thing' }, clinicalStatus: 'resolved', onsetAt: '2026-01-01T05:00:00.000Z', endedAt: '2026-01-15T05:00:00.000Z' },
    });
    // The concern goes on: that says nothing of the problem. A year is no day.
    expect(Object.keys(says('11450-4', problem(`<effectiveTime><low value="2020"/><high nullFlavor="UNK"/></effectiveTime>${PNEUMONIA}`))[0] as object)).toEqual(['code']);
  });

  it('that are denied, or none, are not stated; taken back, they are said to be', () => {
    expect(says('11450-4', problem(PNEUMONIA, 'negationInd="true"'))).toEqual([]);
    expect(says('11450-4', problem(coded('value', '160245001', 'No current problems')))).toEqual([]);
    expect(says('11450-4', problem(coded('value', '55607006', 'Problem'), 'negationInd="true"'))).toEqual([]);
    expect(says('11450-4', problem('<value nullFlavor="UNK"/>'))).toEqual([]);
    expect(statements('11450-4', problem(`<statusCode code="nullified"/>${PNEUMONIA}`))).toMatchObject([{ withdrawn: true }]);
  });

  it('may have words alone', () => expect(says('11535-2', problem('<value nullFlavor="UNK"><originalText>a made-up illness</originalText></value>'))).toEqual([{ code: { text: 'a made-up illness' } }]));
});

describe('allergies in a C-CDA document', () => {
  const DRUG = coded('value', '416098002', 'Allergy to drug');
  const TESTCILLIN = substance('<code code="1" codeSystem="2.16.840.1.113883.6.88" displayName="Testcillin"/>');

  it('are stated with what they are against, their kind, reactions and criticality', () => {
    expect(says('48765-2', allergy(`${DRUG}${TESTCILLIN}${related('ASSERTION', coded('value', '247472004', 'Hives'), 'MFST')}${related('82606-5', '<value code="CRITH"/>')}${related('33999-4', '<value code="55561003"/>')}`))).toEqual([
      { code: { code: '1', system: 'http://www.nlm.nih.gov/research/umls/rxnorm', display: 'Testcillin' }, noneKnown: false, category: 'medication', criticality: 'high', reactions: ['Hives'], clinicalStatus: 'active' },
    ]);
  });

  it('that are known to be none are said to be none, of their kind', () => {
    const none = (value: string, of = substance('<code nullFlavor="NA"/>'), attributes = 'negationInd="true"'): readonly unknown[] => says('48765-2', allergy(`${value}${of}`, attributes));
    expect(none(DRUG)).toMatchObject([{ noneKnown: true, code: { code: '409137002', display: 'No known drug allergy' } }]);
    expect(none(coded('value', '419199007', 'Allergy to substance'))).toMatchObject([{ noneKnown: true, code: { code: '716186003' } }]);
    expect(none(coded('value', '419199007', 'Allergy to substance'), substance(coded('code', '105590001', 'Substance')))).toMatchObject([{ noneKnown: true, code: { code: '716186003' } }]);
    expect(none(coded('value', '716186003', 'No known allergy'), '', '')).toMatchObject([{ noneKnown: true, code: { code: '716186003' } }]);
  });

  it('to one thing that are denied are no allergy, and not the absence of every other', () => expect(says('48765-2', allergy(`${DRUG}${TESTCILLIN}`, 'negationInd="true"'))).toEqual([]));
});

describe('results in a C-CDA document', () => {
  const observation = (code: string, value: string, more = ''): string => `<component><observation moodCode="EVN"><code code="${code}" codeSystem="${LOINC}" displayName="T"/><statusCode code="completed"/><effectiveTime value="202603050800-0500"/>${value}${more}</observation></component>`;
  const panel = (status: string, ...observations: readonly string[]): string => entry(`<organizer classCode="BATTERY" moodCode="EVN"><id root="2.999.1.4" extension="R-1"/><code code="24323-8" codeSystem="${LOINC}" displayName="Panel"/><statusCode code="${status}"/>${observations.join('')}</organizer>`);

  it('carry the few values that rules look at, the gravest flag, and how final they are', () => {
    const potassium = observation('2823-3', '<value xsi:type="PQ" value="6.1" unit="mmol/L"/>', '<interpretationCode code="HH"/>');
    const sodium = observation('2951-2', '<value xsi:type="PQ" value="140" unit="mmol/L"/>', '<interpretationCode code="N"/>');
    expect(statements('30954-2', panel('completed', sodium, potassium, observation('2028-9', '<value xsi:type="PQ" value="27" unit="mmol/L"/>')))).toEqual([{
      kind: 'test-result', number: '2.999.1.4^R-1',
      says: {
        code: { code: '24323-8', system: 'http://loinc.org', display: 'Panel' }, status: 'final', observedAt: '2026-03-05T13:00:00.000Z', abnormal: 'HH',
        values: [{ analyte: 'sodium', value: '140', unit: 'mmol/L', abnormal: 'N' }, { analyte: 'potassium', value: '6.1', unit: 'mmol/L', abnormal: 'HH' }],
      },
    }]);
  });

  it.each([
    ['<value xsi:type="IVL_PQ"><high value="15" unit="mL/min" inclusive="false"/></value>', { value: '<15', unit: 'mL/min' }],
    ['<value xsi:type="IVL_PQ"><low value="90" unit="mL/min"/></value>', { value: '>=90', unit: 'mL/min' }],
    ['<value xsi:type="ST">12</value>', { value: '12' }],
  ])('keep a bound a bound: %s', (value, expected) => expect(says('30954-2', panel('completed', observation('98979-8', value)))).toMatchObject([{ values: [{ analyte: 'egfr', ...expected }] }]));

  it('without a value are pending; what was taken back or denied is not counted', () => {
    expect(says('30954-2', panel('active', observation('718-7', '<value xsi:type="PQ" nullFlavor="NI"/>')))).toEqual([{ code: expect.anything(), status: 'registered', observedAt: expect.anything() }]);
    expect(says('30954-2', panel('active', observation('718-7', '<value value="9"/>')))).toMatchObject([{ status: 'preliminary' }]);
    expect(says('30954-2', panel('completed', observation('718-7', '<value value="9"/>').replace('"completed"', '"aborted"')))[0]).not.toHaveProperty('values');
    expect(says('30954-2', panel('aborted'))).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('plans in a C-CDA document', () => {
  const visit = (mood: string, time: string, more = ''): string => entry(`<encounter classCode="ENC" moodCode="${mood}"><id root="2.999.1.4" extension="V"/>${coded('code', '185349003', 'Check up')}${time}${more}</encounter>`);
  const AT = '<effectiveTime value="202603201000-0400"/>';

  it('are appointments where they have a day: wished for, or booked', () => {
    const more = `<performer><assignedEntity><assignedPerson><name><prefix>Dr.</prefix><given>Pat</given><family>Testdoctor</family></name></assignedPerson></assignedEntity></performer>
      <participant typeCode="LOC"><participantRole><playingEntity><name>Heart clinic</name></playingEntity></participantRole></participant>${related('29308-4', coded('value', '84114007', 'Heart failure'), 'RSON')}`;
    expect(says('18776-5', visit('INT', AT, more))).toEqual([{
      status: 'proposed', startsAt: '2026-03-20T14:00:00.000Z', place: 'Heart clinic', with: 'Dr. Pat Testdoctor',
      kind: { code: '185349003', system: 'http://snomed.info/sct', display: 'Check up' }, reason: { code: '84114007', system: 'http://snomed.info/sct', display: 'Heart failure' },
    }]);
    expect(says('18776-5', visit('APT', AT))).toMatchObject([{ status: 'booked' }]);
    expect(says('18776-5', visit('INT', '<effectiveTime nullFlavor="UNK"/>'))).toEqual([]);
    expect(says('18776-5', visit('EVN', AT))).toEqual([]);
  });

  it('are test orders where a test is asked for; goals and proposals are none', () => {
    const test = (mood: string): string => entry(`<observation classCode="OBS" moodCode="${mood}"><code code="2823-3" codeSystem="${LOINC}" displayName="Potassium"/><statusCode code="active"/><effectiveTime value="20260312"/><author><time value="202603051000-0500"/></author></observation>`);
    expect(statements('18776-5', test('RQO'))).toEqual([{ kind: 'test-order', says: { code: { code: '2823-3', system: 'http://loinc.org', display: 'Potassium' }, status: 'ordered', orderedAt: '2026-03-05T15:00:00.000Z', wantedAt: '2026-03-12T04:00:00.000Z' } }]);
    expect([...says('18776-5', test('GOL')), ...says('18776-5', test('PRP'))]).toEqual([]);
  });
});
