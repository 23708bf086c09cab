import { collection, concept, encounter, message, partIn, partsIn, patient, reasonsIn, saidIn, type Resource } from '../../../test/fhir-reading.js';

const period = { start: '2026-03-02T08:15:00-05:00', end: '2026-03-05T11:20:00-05:00' };
const toldAs = (more: object): string => {
  const said = saidIn(encounter(more));
  return [said.what, ...said.flags].join(' ');
};

describe('an Encounter', () => {
  it('that is finished is a discharge, with all that is said of the stay', () => {
    const home = concept('http://terminology.hl7.org/CodeSystem/discharge-disposition|home', 'Home');
    const north = { resourceType: 'Organization', id: 'o1', name: 'North Shore Hospital', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }] };
    const whole = collection(
      patient(), north,
      encounter({ serviceProvider: { reference: 'Organization/o1' }, hospitalization: { dischargeDisposition: home, destination: { display: 'Her daughter' } } }),
    );
    expect(partIn('discharge', whole)).toMatchObject({
      patient: { identifiers: [{ value: '700001' }, { value: 'p1' }], name: { family: 'Testperson' } },
      stay: {
        visit: { authority: 'NSH', value: 'V700001' }, account: { authority: 'fhir:ehr', value: 'e1' }, encounterClass: 'IMP',
        facility: { code: '1234567893', name: 'North Shore Hospital' }, zone: 'America/New_York', admittedAt: '2026-03-02T13:15:00.000Z', disposition: 'home', destination: 'Her daughter',
      },
      discharge: { at: '2026-03-05T16:20:00.000Z', source: 'period.end' },
    });
  });

  it.each([
    [{}, 'discharge'],
    [{ class: { code: 'OBSENC' } }, 'discharge'],
    // Its class says that nobody is called; the rules know.
    [{ class: { code: 'AMB' } }, 'discharge'],
    [{ class: undefined, hospitalization: {} }, 'discharge'],
    [{ class: undefined }, 'update no-class'],
    [{ period: { start: period.start } }, 'update no-discharge-time'],
    [{ period: { ...period, end: '2026-03' } }, 'update no-discharge-time'],
    [{ period: { ...period, end: '2026-03-05' } }, 'discharge discharge-time-is-a-day'],
    [{ status: 'in-progress' }, 'admission'],
    [{ status: 'onleave' }, 'admission'],
    [{ status: 'arrived', class: { code: 'EMER' } }, 'admission'],
    [{ status: 'in-progress', class: { code: 'AMB' } }, 'update'],
    [{ status: 'in-progress', class: undefined }, 'update no-class'],
    [{ status: 'planned' }, 'update'],
    [{ status: 'unknown' }, 'update'],
    [{ status: 'cancelled' }, 'cancel-stay'],
    [{ status: 'entered-in-error' }, 'cancel-stay'],
  ])('with %j is told as "%s"', (more, wanted) => expect(toldAs(more)).toBe(wanted));

  it('that ends on a day ends at its noon at the facility', () => {
    expect(saidIn(encounter({ period: { ...period, end: '2026-03-05' } }))).toMatchObject({ discharge: { at: '2026-03-05T17:00:00.000Z' } });
  });

  it('that is only planned has no time of admission; one that is taken back has its numbers and no more', () => {
    expect(saidIn(encounter({ status: 'planned' }))).not.toHaveProperty('stay.admittedAt');
    expect(partIn('cancel-stay', encounter({ status: 'cancelled', reasonCode: [concept('http://snomed.info/sct|1')] })).stay).toEqual({
      visit: { authority: 'NSH', value: 'V700001' }, account: { authority: 'fhir:ehr', value: 'e1' }, facility: { code: 'ehr' }, zone: 'America/New_York', admittedAt: '2026-03-02T13:15:00.000Z', diagnoses: [],
    });
  });

  it('within another that the message holds ends with no discharge; alone it is one', () => {
    const ward = encounter({ id: 'e2', identifier: [], partOf: { reference: 'Encounter/e1' } });
    expect(partsIn(collection(patient(), ward, encounter({ status: 'in-progress' }))).map(({ what, flags }) => [what, flags])).toEqual(expect.arrayContaining([['update', ['part-of-another-stay']], ['admission', []]]));
    expect(saidIn(ward).what).toBe('discharge');
  });

  it('is known by its visit number, its account, or where its server keeps it', () => {
    const staysBy = (more: object, base = '') => partIn('discharge', base === '' ? encounter(more) : { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: `${base}/Encounter/e1`, resource: encounter(more) }] }).stay;
    expect(staysBy({ identifier: [{ value: 'A' }, { type: concept('x|VN'), system: 'http://example.org/visits', value: 'B' }] }).visit).toEqual({ authority: 'http://example.org/visits', value: 'B' });
    expect(staysBy({ identifier: [] })).toMatchObject({ visit: { authority: 'fhir:ehr', value: 'e1' }, account: { authority: 'fhir:ehr', value: 'e1' } });
    expect(staysBy({ identifier: [] }, 'https://other.example.org/r4').visit).toEqual({ authority: 'https://other.example.org/r4', value: 'e1' });
    expect(staysBy({ account: [{ identifier: { system: 'urn:oid:1.2.3.4', value: 'A1' } }] }).account).toEqual({ authority: 'NSH', value: 'A1' });
    expect(staysBy({ id: undefined, identifier: [] })).not.toHaveProperty('visit');
  });

  it('takes its facility from who provides it, else from where it is, else from the sender', () => {
    const facilityIn = (more: object, ...others: Resource[]) => partIn('discharge', collection(patient(), encounter(more), ...others)).stay.facility;
    expect(facilityIn({ serviceProvider: { display: 'North Shore' } })).toEqual({ code: 'North Shore', name: 'North Shore' });
    expect(facilityIn({ serviceProvider: { reference: 'Organization/o9', display: 'North Shore' } })).toEqual({ code: 'o9', name: 'North Shore' });
    expect(facilityIn({ location: [{ location: { reference: 'Location/w' } }] }, { resourceType: 'Location', id: 'w', name: 'Ward 4', managingOrganization: { identifier: { value: 'NSH' }, display: 'North Shore' } })).toEqual({ code: 'NSH', name: 'North Shore' });
    expect(facilityIn({ location: [{ location: { display: 'Ward 4' } }] })).toEqual({ code: 'Ward 4', name: 'Ward 4' });
    expect(facilityIn({})).toEqual({ code: 'ehr' });
  });

  it('has as diagnoses what it lists, what conditions say of it, and at last why it was; each once, and nothing refuted', () => {
    const condition = (id: string, code: string, more: object = {}): Resource => ({ resourceType: 'Condition', id, subject: { reference: 'Patient/p1' }, code: concept(`http://hl7.org/fhir/sid/icd-10-cm|${code}`, `About ${code}`), ...more });
    const listed = [{ condition: { reference: 'Condition/c2' } }, { condition: { display: 'A fall' } }];
    const { stay } = partIn('discharge', collection(
      patient(), encounter({ diagnosis: listed, reasonCode: [concept('http://snomed.info/sct|29857009', 'Chest pain'), concept('http://hl7.org/fhir/sid/icd-10-cm|I50.9')] }),
      condition('c1', 'I50.9', { encounter: { reference: 'Encounter/e1' } }), condition('c2', 'I21.4'),
      condition('c3', 'J18.9', { encounter: { reference: 'Encounter/e1' }, verificationStatus: concept('x|refuted') }), condition('c4', 'E11.9'),
    ));
    expect(stay.diagnoses.map(({ code }) => code)).toEqual(['I21.4', 'A fall', 'I50.9', '29857009']);
    expect(stay.diagnoses[0]).toEqual({ code: 'I21.4', system: 'http://hl7.org/fhir/sid/icd-10-cm', display: 'About I21.4' });
  });

  it('has the disposition in the code set that rules know, where it has several', () => {
    const dischargeDisposition = { coding: [{ system: 'http://snomed.info/sct', code: '306694006' }, { system: 'https://www.nubc.org/CodeSystem/PatDischargeStatus', code: '03' }] };
    expect(partIn('discharge', encounter({ hospitalization: { dischargeDisposition } })).stay.disposition).toBe('03');
    expect(partIn('discharge', encounter({ hospitalization: { dischargeDisposition: { text: 'To her daughter' } } })).stay.disposition).toBe('To her daughter');
  });

  it('that names nobody is refused, unless its message is about one patient only', () => {
    expect(reasonsIn(encounter({ subject: undefined }))).toEqual(['101 Encounter.subject']);
    expect(partIn('discharge', collection(patient(), encounter({ subject: undefined }))).patient.name).toEqual({ family: 'Testperson', given: 'Avery' });
    expect(reasonsIn(collection(patient(), patient({ id: 'p2' }), encounter({ subject: undefined })))).toEqual(['101 Bundle.entry[2].resource.subject']);
  });
});

describe('a notification of an Encounter', () => {
  const notified = (code: string, more: object) => partsIn(message(code, encounter({ subject: { reference: 'urn:uuid:2' }, ...more }), patient()));

  it('is timed by the message, and sent by the source that is known', () => {
    expect(saidIn(message('notification-discharge', encounter({ subject: { reference: 'urn:uuid:2' } }), patient()))).toMatchObject({
      what: 'discharge', sender: 'North Shore EHR', controlId: 'b1', at: '2026-03-05T17:00:00.000Z', atSource: 'timestamp', stay: { zone: 'America/Chicago' },
    });
  });

  it.each([
    ['notification-admit', { status: 'in-progress' }, 'admission'],
    ['notification-admit', { status: 'arrived', class: { code: 'AMB' } }, 'admission'],
    ['notification-transfer', { status: 'in-progress', class: undefined }, 'admission'],
    ['notification-discharge', {}, 'discharge'],
    ['notification-discharge', { status: 'in-progress' }, 'cancel-discharge'],
    ['notification-discharge', { status: 'cancelled' }, 'cancel-stay'],
  ])('%s of one with %j is told as "%s"', (code, more, wanted) => expect(notified(code, more).map(({ what }) => what)).toEqual([wanted]));
});

describe('several stays in one message', () => {
  const stay = (id: string, start: string, end: string, more: object = {}): Resource => encounter({ id, identifier: [{ value: id }], period: { start: `${start}T08:00:00Z`, end: `${end}T08:00:00Z` }, ...more });
  const marks = (...stays: Resource[]) => partsIn(collection(patient(), ...stays)).map(({ what, ...rest }) => [what, 'stay' in rest && rest.stay && 'earlier' in rest.stay ? 'earlier' : '', ('stay' in rest && rest.stay?.visit?.value) || '']);

  it('come in the order of time, and only the last is followed up', () => {
    expect(marks(stay('c', '2026-03-01', '2026-03-05'), stay('a', '2024-01-01', '2024-01-02'), stay('b', '2025-01-01', '2025-01-02', { class: { code: 'OBSENC' } }))).toEqual([
      ['discharge', 'earlier', 'a'], ['discharge', 'earlier', 'b'], ['discharge', '', 'c'],
    ]);
  });

  it('are not made past by a visit to a practice, but are by being in hospital again', () => {
    expect(marks(stay('a', '2026-01-01', '2026-01-05'), stay('b', '2026-02-01', '2026-02-01', { class: { code: 'AMB' } }))).toEqual([['discharge', '', 'a'], ['discharge', '', 'b']]);
    expect(marks(stay('a', '2026-01-01', '2026-01-05'), stay('b', '2026-02-01', '2026-02-01', { status: 'in-progress' }))).toEqual([['discharge', 'earlier', 'a'], ['admission', '', 'b']]);
  });

  it('of two people are each their own', () => {
    const other = { subject: { reference: 'Patient/p2' } };
    expect(marks(stay('a', '2026-01-01', '2026-01-05'), patient({ id: 'p2', identifier: [{ value: '2' }] }), stay('b', '2026-02-01', '2026-02-02', other))).toEqual([['discharge', '', 'a'], ['discharge', '', 'b']]);
  });
});
