import fc from 'fast-check';
import { allergy, clinicalDocument, entry, medicine, NORTH, problem, section, SNOMED, substance, type Written } from '../../../test/ccda-document.js';
import type { Said, SaidOnce } from '../../domain/said.js';
import { translateCcda, type CcdaContext } from './translate-ccda.js';

const context: CcdaContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {}, sender: 'NORTH' };
const said = (written: Written, more: Partial<CcdaContext> = {}): Said => {
  const read = translateCcda(clinicalDocument(written), { ...context, ...more });
  if (read.kind !== 'readable') throw new Error(JSON.stringify(read));
  return read.said;
};
const partsOf = (one: Said): readonly SaidOnce[] => (one.what === 'bundle' ? one.parts : [one]);
const reasons = (xml: string): readonly string[] => {
  const read = translateCcda(xml, context);
  return read.kind === 'unreadable' ? read.reasons.map(({ code, where }) => `${code} ${where ?? ''}`.trim()) : [read.kind];
};
const diagnosis = problem(`<value code="84114007" codeSystem="${SNOMED}" displayName="Heart failure"><translation code="I50.9" codeSystem="2.16.840.1.113883.6.90" displayName="Heart failure, unspecified"/></value>`);
const SECTIONS = [section('11535-2', diagnosis), section('10183-2', entry(medicine(''))), section('48765-2', allergy(substance('<code code="1" codeSystem="2.16.840.1.113883.6.88" displayName="Testcillin"/>')))];

describe('a C-CDA document', () => {
  it('that is a discharge summary tells of the leaving, the medicines, itself, and what else it states', () => {
    const whole = said({ sections: SECTIONS });
    expect(partsOf(whole).map(({ what }) => what)).toEqual(['discharge', 'prescription', 'document', 'statements']);
    const [discharge, , document, statements] = partsOf(whole);
    expect(discharge).toMatchObject({
      sender: 'NORTH', controlId: '2.999.1.9^DOC-1', at: '2026-03-05T23:00:00.000Z', atSource: 'effectiveTime',
      discharge: { at: '2026-03-05T16:20:00.000Z', source: 'effectiveTime' },
      stay: {
        visit: { value: 'V700001' }, encounterClass: 'IMP', facility: { code: 'NORTH', name: 'North Shore' }, zone: 'America/New_York', admittedAt: '2026-03-02T13:15:00.000Z', disposition: '01',
        diagnoses: [{ code: 'I50.9', system: 'http://hl7.org/fhir/sid/icd-10-cm', display: 'Heart failure, unspecified' }],
      },
    });
    expect(document).toMatchObject({
      stay: { visit: { value: 'V700001' } },
      document: { number: '2.999.1.9^DOC-1', kind: { code: '18842-5', system: 'http://loinc.org', display: 'Kind' }, writtenAt: '2026-03-05T23:00:00.000Z', withContent: true, withdrawn: false },
    });
    expect(statements).toMatchObject({ stay: { visit: { value: 'V700001' } }, statements: [{ kind: 'condition', number: '2.999.1.6^P-1' }, { kind: 'allergy', number: '2.999.1.7^A-1' }] });
  });

  it('tells of the instructions that the patient was given, where there are words', () => {
    const told = said({ sections: [section('8653-8', '', 'Weigh yourself every morning.'), section('69730-0', '', '')] });
    expect(partsOf(told).map(({ what }) => what)).toEqual(['discharge', 'document', 'document']);
    expect(partsOf(told).flatMap((part) => (part.what === 'document' ? [[part.document.number, part.document.kind.code]] : []))).toEqual([['2.999.1.9^DOC-1#8653-8', '8653-8'], ['2.999.1.9^DOC-1', '18842-5']]);
    expect(JSON.stringify(told)).not.toContain('Weigh');
  });

  it('names its person by the numbers that match, and never by a social security number', () => {
    expect(said({}).patient).toEqual({
      identifiers: [{ kind: 'record-number', own: false, authority: `urn:oid:${NORTH}`, value: '700001' }],
      name: { family: 'Marlow', given: 'Ada' }, birthDate: '1951-04-07', sex: 'F', phone: '+1-555-0100', language: 'es', deceased: false,
    });
    const known = said({}, { senders: { NORTH: { authority: 'NSH', authorities: { [`urn:oid:${NORTH}`]: 'NSH' } } } });
    expect(known.patient.identifiers).toEqual([{ kind: 'record-number', own: true, authority: 'NSH', value: '700001' }]);
    expect([said({}).flags, known.flags]).toEqual([['authority-not-mapped'], []]);
    expect(said({ role: '<id root="2.16.840.1.113883.4.1" extension="999-00-0001"/>' })).toMatchObject({ patient: { identifiers: [] }, flags: ['matches-nobody'] });
    // An OID alone is a hospital's, not a person's; a UUID is one thing's only.
    expect(said({ role: '<id root="2.999.1.1"/><id root="1A2B3C4D-0000-4000-8000-000000000001"/><id nullFlavor="UNK" root="2.9"/>' }).patient.identifiers).toEqual([{ kind: 'record-number', own: false, authority: 'urn:ietf:rfc:3986', value: '1a2b3c4d-0000-4000-8000-000000000001' }]);
  });

  it('names its stay by a number that fits anybody’s, unless we were told whose it is', () => {
    const visit = (more: Partial<CcdaContext>): unknown => {
      const [one] = partsOf(said({ code: '34133-9' }, more));
      return one!.what === 'document' ? one!.stay?.visit : one;
    };
    expect(visit({})).toEqual({ value: 'V700001' });
    expect(visit({ senders: { NORTH: { authorities: { 'urn:oid:2.999.1.2': 'VISITS' } } } })).toEqual({ value: 'V700001', authority: 'VISITS' });
  });

  it('says nothing of a person where a field has a null flavour', () => {
    const role = `<id root="${NORTH}" extension="1"/><telecom nullFlavor="UNK" value="tel:1"/><patient><name nullFlavor="UNK"><family>X</family></name><administrativeGenderCode nullFlavor="UNK" code="F"/><birthTime value="1951"/></patient>`;
    const { patient, flags } = said({ role });
    expect(JSON.parse(JSON.stringify(patient))).toEqual({ identifiers: [{ kind: 'record-number', own: false, authority: `urn:oid:${NORTH}`, value: '1' }] });
    expect(flags).toEqual(['authority-not-mapped', 'birth-date-partial']);
  });

  it.each(['34133-9', '57133-1', '18776-5', '34117-2', '11506-3'])('of another kind (%s) opens no follow-up', (code) => {
    const one = said({ code });
    expect(one).toMatchObject({ what: 'document', stay: { visit: { value: 'V700001' } } });
  });

  it('tells of no leaving without a time; announces one that is still to come; takes a day for its first moment', () => {
    const stayed = (times: string): SaidOnce => partsOf(said({ encounter: `<encompassingEncounter><id root="2.999.1.2" extension="V7"/><effectiveTime>${times}</effectiveTime></encompassingEncounter>` }))[0]!;
    expect(stayed('<low value="20260302"/><high nullFlavor="UNK"/>').what).toBe('document');
    expect(stayed('<low value="20260302"/><high value="202603071000-0500"/>')).toMatchObject({ what: 'plan-discharge', expectedAt: '2026-03-07T15:00:00.000Z' });
    expect(stayed('<high value="20260305"/>')).toMatchObject({ what: 'discharge', discharge: { at: '2026-03-05T05:00:00.000Z' }, flags: ['authority-not-mapped', 'discharge-time-is-a-day'] });
  });

  it('is one document in all its versions', () => {
    const number = (more: string): string | undefined => {
      const one = partsOf(said({ more, code: '34133-9' }))[0]!;
      return one.what === 'document' ? one.document.number : undefined;
    };
    expect(number('<setId root="2.999.1.8" extension="S"/><versionNumber value="2"/>')).toBe('2.999.1.8^S');
    expect(number('<relatedDocument typeCode="RPLC"><parentDocument><id root="2.999.1.9" extension="DOC-0"/></parentDocument></relatedDocument>')).toBe('2.999.1.9^DOC-0');
    expect(number('<relatedDocument typeCode="APND"><parentDocument><id root="2.999.1.9" extension="DOC-0"/></parentDocument></relatedDocument>')).toBe('2.999.1.9^DOC-1');
  });

  it('without a structured body brings its text where it has one', () => {
    const body = (text: string): SaidOnce => {
      const read = translateCcda(clinicalDocument({ code: '34133-9' }).replace(/<structuredBody>.*<\/structuredBody>/s, `<nonXMLBody>${text}</nonXMLBody>`), context);
      return partsOf((read as { said: Said }).said)[0]!;
    };
    expect(body('<text mediaType="application/pdf" representation="B64">QUJD</text>')).toMatchObject({ document: { withContent: true } });
    expect(body('<text mediaType="application/pdf"><reference value="elsewhere.pdf"/></text>')).toMatchObject({ document: { withContent: false } });
  });

  it('reads times without an offset in the zone of its sender, else in that of its own time', () => {
    const admitted = (time: string, more: Partial<CcdaContext> = {}): unknown => {
      const encounter = '<encompassingEncounter><effectiveTime><low value="202507010800"/><high value="202603051120"/></effectiveTime></encompassingEncounter>';
      const [discharge] = partsOf(said({ time, encounter }, more));
      return discharge!.what === 'discharge' ? [discharge!.stay.admittedAt, discharge!.stay.zone] : discharge;
    };
    expect(admitted('20260305180000-0500')).toEqual(['2025-07-01T12:00:00.000Z', 'America/New_York']);
    expect(admitted('20260305180000-0800')).toEqual(['2025-07-01T16:00:00.000Z', 'America/New_York']);
    expect(admitted('20260305180000-0800', { senders: { NORTH: { zone: 'America/Chicago' } } })).toEqual(['2025-07-01T13:00:00.000Z', 'America/Chicago']);
    expect(said({ time: '2026' })).toMatchObject({ at: context.receivedAt, atSource: 'received', flags: ['authority-not-mapped', 'time-unreadable-effectiveTime'] });
  });

  it('that cannot be read says every place to correct, and nothing of a person', () => {
    expect(reasons(clinicalDocument({ id: '<id nullFlavor="UNK"/>', role: '<id nullFlavor="UNK"/>' }))).toEqual(['101 ClinicalDocument/id', '101 recordTarget/patientRole/id']);
    expect(reasons(clinicalDocument().replace(/<recordTarget>.*<\/recordTarget>/s, ''))).toEqual(['100 recordTarget/patientRole']);
    expect(reasons(clinicalDocument().replace('</recordTarget>', '</recordTarget><recordTarget><patientRole><id root="1" extension="2"/></patientRole></recordTarget>'))).toEqual(['100 recordTarget']);
    expect(reasons('<section xmlns="urn:hl7-org:v3"><code xsi:type="CD"/></section>')).toEqual(['200']);
    expect(reasons('<ClinicalDocument/>')).toEqual(['102 ClinicalDocument']);
    expect(reasons('<Marlow')).toEqual(['102']);
  });

  it('is read no further than can be used where thousands of places point at one long page', () => {
    const entries = entry(medicine('<text><reference value="#long"/></text>')).replace('<substance', '<entryRelationship/><substance').repeat(2_000);
    const [lines] = partsOf(said({ code: '34133-9', sections: [section('10160-0', entries, `<content ID="long">${'word '.repeat(400_000)}</content>`)] }));
    expect(lines).toMatchObject({ what: 'prescription', prescription: { directions: expect.stringMatching(/^(?:word ?){200}$/) as string } });
  });

  it('never throws, whatever is missing or cut', () => {
    const whole = clinicalDocument({ sections: [...SECTIONS, section('30954-2', entry('<organizer moodCode="EVN"><code code="1"/></organizer>')), section('18776-5', entry('<encounter moodCode="INT"><effectiveTime value="20260401"/></encounter>'))] });
    const elements = whole.match(/<[^<>]+>/g)!;
    fc.assert(fc.property(fc.nat(elements.length - 1), fc.nat(whole.length), (which, cut) => {
      translateCcda(whole.slice(0, cut), context);
      translateCcda(whole.replace(elements[which]!, elements[which]!.replace(/ (?:code|value|root|extension)="[^"]*"/g, ' nullFlavor="NI"')), context);
      translateCcda(whole.replace(/<id [^>]*>/g, ''), context);
    }), { numRuns: 150 });
  });
});
