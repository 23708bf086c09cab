import type { StatementSaid } from '../../domain/statement.js';
import { collection, concept, encounter, partIn, patient, reasonsIn, saidIn, type Resource } from '../../../test/fhir-reading.js';

const statementsIn = (resource: object): readonly StatementSaid[] => partIn('statements', resource).statements;
const one = (resource: object): StatementSaid => statementsIn(resource)[0]!;
const about = (resourceType: string, more: object = {}): Resource => ({ resourceType, id: 'x1', subject: { reference: 'Patient/p1' }, patient: { reference: 'Patient/p1' }, beneficiary: { reference: 'Patient/p1' }, ...more });

describe('a Condition', () => {
  const heart = { code: concept('http://hl7.org/fhir/sid/icd-10-cm|I50.9', 'Heart failure'), encounter: { reference: 'Encounter/e1' } };

  it('is stated with its status, its times and its stay', () => {
    const more = { ...heart, clinicalStatus: concept('x|active'), verificationStatus: concept('x|confirmed'), onsetDateTime: '2020-05-01', abatementDateTime: '2026-03-05T10:00:00Z' };
    expect(statementsIn(collection(patient(), encounter(), about('Condition', more)))).toEqual([{
      kind: 'condition', number: 'Condition/x1', stay: { visit: { authority: 'NSH', value: 'V700001' }, account: { authority: 'fhir:ehr', value: 'e1' } },
      says: { code: { code: 'I50.9', system: 'http://hl7.org/fhir/sid/icd-10-cm', text: 'Heart failure' }, clinicalStatus: 'active', verification: 'confirmed', onsetAt: '2020-05-01T16:00:00.000Z', endedAt: '2026-03-05T10:00:00.000Z' },
    }]);
  });

  it('is taken back where it was an error; onset at an age is no time', () => {
    expect(one(about('Condition', { ...heart, verificationStatus: concept('x|entered-in-error'), onsetAge: { value: 60 } }))).toMatchObject({ withdrawn: true, says: { verification: 'entered-in-error' } });
    expect(one(about('Condition', { ...heart, onsetAge: { value: 60 } })).says).not.toHaveProperty('onsetAt');
  });

  it('without a code says nothing; without a patient it is refused', () => {
    expect(saidIn(about('Condition')).flags).toEqual(['without-code', 'nothing-taken']);
    expect(reasonsIn(about('Condition', { ...heart, subject: undefined }))).toEqual(['101 Condition.subject']);
    expect(saidIn(about('Condition', { ...heart, subject: { reference: 'Group/g' } })).flags).toEqual(['not-about-a-patient', 'nothing-taken']);
  });
});

describe('an AllergyIntolerance', () => {
  it('is stated with what it is to, and what it does', () => {
    const more = { code: concept('http://snomed.info/sct|7980', 'Penicillin'), category: ['medication'], criticality: 'high', clinicalStatus: concept('x|active'), reaction: [{ manifestation: [concept('x|1', 'Hives'), concept('x|2', 'Wheeze')] }] };
    expect(one(about('AllergyIntolerance', more))).toEqual({
      kind: 'allergy', number: 'AllergyIntolerance/x1',
      says: { code: { code: '7980', system: 'http://snomed.info/sct', text: 'Penicillin' }, noneKnown: false, category: 'medication', criticality: 'high', reactions: ['Hives', 'Wheeze'], clinicalStatus: 'active' },
    });
  });

  it.each([['716186003', true], ['409137002', true], ['91936005', false]])('of SNOMED %s says that nothing is known: %s', (code, noneKnown) =>
    expect(one(about('AllergyIntolerance', { code: concept(`http://snomed.info/sct|${code}`) })).says).toMatchObject({ noneKnown }));

  it('that was refuted does not hold', () => {
    expect(one(about('AllergyIntolerance', { code: { text: 'Nuts' }, verificationStatus: concept('x|refuted') })).withdrawn).toBe(true);
  });
});

describe('a Coverage', () => {
  it('says who pays, of what kind, and how long', () => {
    const more = { status: 'active', type: concept('https://nahdo.org/sopt|1', 'Medicare'), payor: [{ reference: 'Organization/o' }], period: { start: '2026-01-01', end: '2026-12' } };
    expect(statementsIn(collection(patient(), about('Coverage', more), { resourceType: 'Organization', id: 'o', name: 'Payer of Test' }))).toEqual([
      { kind: 'coverage', number: 'Coverage/x1', says: { payer: 'Payer of Test', kind: { code: '1', system: 'https://nahdo.org/sopt', text: 'Medicare' }, status: 'active', startsOn: '2026-01-01' } },
    ]);
  });
});

describe('an Appointment', () => {
  const booked = {
    resourceType: 'Appointment', id: 'x1', status: 'booked', start: '2026-03-12T09:00:00-05:00', end: '2026-03-12T09:30:00-05:00', serviceType: [concept('x|124', 'General practice')], reasonCode: [{ text: 'Check-up' }],
    participant: [{ actor: { reference: 'Patient/p1' } }, { actor: { reference: 'Practitioner/d', display: 'Dr Test' } }, { actor: { reference: 'Location/l', display: 'South wing' } }],
  };

  it('is stated with when, where and with whom', () => {
    expect(one(booked)).toEqual({
      kind: 'appointment', number: 'Appointment/x1',
      says: {
        status: 'booked', kind: { code: '124', system: 'x', text: 'General practice' }, reason: { text: 'Check-up' }, startsAt: '2026-03-12T14:00:00.000Z', endsAt: '2026-03-12T14:30:00.000Z', place: 'South wing', with: 'Dr Test',
      },
    });
  });

  it.each([['pending', 'proposed'], ['fulfilled', 'kept'], ['noshow', 'missed'], ['checked-in', 'arrived'], ['constructor', 'unknown']])('that is %s is %s', (status, wanted) => expect(one({ ...booked, status }).says).toMatchObject({ status: wanted }));

  it('of nobody says nothing; of several it is the first one’s, and flagged', () => {
    expect(saidIn({ ...booked, participant: [{ actor: { reference: 'Practitioner/d' } }] }).flags).toEqual(['without-patient', 'nothing-taken']);
    expect(saidIn({ ...booked, participant: [{ actor: { reference: 'Patient/p1' } }, { actor: { reference: 'Patient/p2' } }] })).toMatchObject({ patient: { identifiers: [{ value: 'p1' }] }, flags: ['second-patient-not-read'] });
  });
});
