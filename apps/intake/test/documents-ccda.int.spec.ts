import { readFileSync } from 'node:fs';
import { adt, numbered } from '@throughline/testing/hl7-builder';
import { allergy, clinicalDocument, entry, medicine, problem, section, SNOMED, substance, type Written } from './ccda-document.js';
import { RunningIntake } from './running-intake.js';

/** A hospital that sends its discharge summaries as C-CDA documents. */
describe('C-CDA documents', () => {
  let intake: RunningIntake;
  beforeAll(async () => {
    intake = await RunningIntake.start();
  });
  afterAll(async () => intake?.stop());

  const SECTIONS = [
    section('11535-2', problem(`<value code="84114007" codeSystem="${SNOMED}" displayName="Heart failure"/>`)),
    section('10183-2', entry(medicine('<doseQuantity value="1"/>'))),
    section('48765-2', allergy(substance('<code code="1" codeSystem="2.16.840.1.113883.6.88" displayName="Testcillin"/>'))),
  ];
  /** Person and visit by number, as `numbered` has them for HL7 v2. */
  const summary = (n: number, more: Written = {}): string =>
    clinicalDocument({
      id: `<id root="2.999.1.9" extension="DOC-${n}"/>`, sections: SECTIONS,
      role: `<id root="2.999.1.1" extension="80000${n}"/><patient><name><given>Kim</given><family>Documentperson</family></name></patient>`,
      encounter: `<encompassingEncounter><id root="2.999.1.2" extension="V80000${n}"/><effectiveTime><low value="202603020815-0500"/><high value="202603051200-0500"/></effectiveTime><dischargeDispositionCode code="01"/></encompassingEncounter>`,
      ...more,
    });

  const post = async (xml: string, { roles = ['sender'], type = 'application/xml', query = '?sender=DOCS' }: { roles?: readonly string[]; type?: string; query?: string } = {}) => {
    const response = await fetch(`${intake.service.url}/api/intake/documents${query}`, { method: 'POST', headers: { authorization: `Bearer ${await intake.issuer.token({ roles })}`, 'content-type': type }, body: xml });
    return { status: response.status, type: response.headers.get('content-type'), body: (await response.json()) as { inboundId: string; repeat: boolean; errors: readonly { field: string; detail: string }[] } };
  };
  const eventsOf = async (type: string) => (await intake.events()).filter((event) => event.type === type);

  it('open a follow-up where nothing else told of the discharge, with the medicines and what is known of the person', async () => {
    const { status, body } = await post(summary(1));
    expect([status, body]).toEqual([202, { inboundId: expect.any(String) as string, correlationId: body.inboundId, repeat: false }]);
    expect(await intake.outcomeOf('2.999.1.9^DOC-1')).toMatchObject({ outcome: 'discharge', timeSource: 'effectiveTime', followUp: 'wanted', trigger: 'CCDA^18842-5' });
    const [discharge] = await eventsOf('care.discharge.recorded.v1');
    expect(discharge!.data).toMatchObject({ dischargedAt: '2026-03-05T17:00:00.000Z', dischargedAtSource: 'effectiveTime', disposition: '01', diagnoses: [{ code: '84114007' }] });
    const { dischargeId, encounterId, patientId } = discharge!.data;
    expect((await eventsOf('care.prescription.added.v1')).at(-1)!.data).toMatchObject({ dischargeId, source: 'DOCS', medicine: { code: '860975' }, dose: { value: '1' } });
    expect((await eventsOf('care.document.received.v1'))[0]!.data).toMatchObject({ patientId, encounterId, dischargeSummary: true, withContent: true, number: '2.999.1.9^DOC-1' });
    expect((await eventsOf('care.condition.stated.v1'))[0]!.data).toMatchObject({ patientId, encounterId, code: { code: '84114007' } });
    expect((await eventsOf('care.allergy.stated.v1'))[0]!.data).toMatchObject({ patientId, code: { display: 'Testcillin' }, noneKnown: false });
  });

  it('sent again are the same, and add nothing', async () => {
    const before = await intake.events();
    const again = await post(summary(1), { type: 'text/xml; charset=utf-8' });
    expect([again.status, again.body.repeat]).toEqual([202, true]);
    expect(await intake.events()).toEqual(before);
  });

  it('in a message are of its person and stay, and correct no better known time of leaving', async () => {
    const hospital = await intake.client();
    await hospital.send(adt('A03', numbered(2, { controlId: 'left' })));
    const { dischargeId, dischargedAt } = await intake.outcomeOf('left');
    const mdm = [
      'MSH|^~\\&|EHR|NORTHSHORE|T|H|20260306100000-0500||MDM^T02^MDM_T02|doc-2|P|2.5.1', 'EVN|T02|20260306100000-0500', 'PID|1||800002^^^NSH^MR', `PV1|1|I|4E${'|'.repeat(16)}V800002`,
      'TXA|1|DS|TX|20260306|||20260306100000-0500|||||TXA-2|||||AU', `OBX|1|ED|||EHR^text^xml^Base64^${Buffer.from(summary(2)).toString('base64')}||||||F`, '',
    ].join('\r');
    await hospital.send(Buffer.from(mdm));
    expect(await intake.outcomeOf('doc-2')).toMatchObject({ dischargeId });
    const discharges = (await eventsOf('care.discharge.recorded.v1')).filter(({ data }) => data['dischargeId'] === dischargeId);
    expect(new Set(discharges.map(({ data }) => data['dischargedAt']))).toEqual(new Set([dischargedAt]));
    expect(await eventsOf('care.document.received.v1')).toHaveLength(2);
    expect((await eventsOf('care.prescription.added.v1')).filter(({ data }) => data['source'] === 'EHR|NORTHSHORE').at(-1)!.data).toMatchObject({ dischargeId });
  });

  it('that cannot be read are kept, and the answer names every place to correct', async () => {
    const refused = await post(summary(3, { id: '<id nullFlavor="UNK"/>', role: '<id nullFlavor="UNK"/>' }));
    expect([refused.status, refused.type]).toEqual([422, 'application/problem+json; charset=utf-8']);
    expect(refused.body.errors.map(({ field }) => field)).toEqual(['ClinicalDocument/id', 'recordTarget/patientRole/id']);
    expect((await post('<section/>')).body.errors).toEqual([{ field: 'ClinicalDocument', detail: 'It is no ClinicalDocument: a part of one by itself is not taken' }]);
    expect((await post('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')).body.errors[0]!.detail).toContain('DOCTYPE');
    const { rows } = await intake.sql.query<{ id: string; answer: string; protocol: string }>(`select id, answer, protocol from inbound where protocol = 'ccda' and answer <> 'AA' order by received_at`);
    expect(rows.map(({ answer }) => answer)).toEqual(['AE', 'AR', 'AE']);
    const replay = await intake.call<{ answer: string }>('POST', `/api/intake/inbound/${rows[0]!.id}/replay`, { roles: ['operator'], body: {}, key: 'again' });
    expect([replay.status, replay.body.answer]).toEqual([200, 'AE']);
  });

  it('are taken from senders alone, as XML alone, and no other door takes XML', async () => {
    expect((await post(summary(4), { roles: ['subscriber'] })).status).toBe(403);
    expect((await post('{}', { type: 'application/json' })).status).toBe(400);
    expect((await post('', {})).status).toBe(400);
    const elsewhere = await fetch(`${intake.service.url}/api/intake/discharges`, { method: 'POST', headers: { authorization: `Bearer ${await intake.issuer.token({ roles: ['sender'] })}`, 'content-type': 'application/xml' }, body: summary(4) });
    expect(elsewhere.status).toBe(415);
  });

  it('are read as the guide’s example has it', async () => {
    const { body } = await post(readFileSync(new URL('../../../docs/examples/summary.xml', import.meta.url), 'utf8'));
    expect(await intake.outcomeOf('2.999.1.9^SUM-0001')).toMatchObject({ outcome: 'discharge', dischargedAt: '2026-11-20T20:30:00.000Z', flags: ['authority-not-mapped'] });
    const told = (await intake.events()).filter(({ correlationId }) => correlationId === body.inboundId);
    const last = (type: string) => told.filter((event) => event.type === type).at(-1)?.data;
    expect(last('care.prescription.added.v1')).toMatchObject({ medicine: { text: 'Furosemide 40 mg tablet', code: '313988' }, directions: 'one in the morning', timing: { text: 'once a day' }, route: 'Oral', dose: { value: '1' } });
    expect(last('care.allergy.stated.v1')).toMatchObject({ noneKnown: true, code: { display: 'No known allergy' } });
    expect(last('care.appointment.stated.v1')).toMatchObject({ status: 'proposed', startsAt: '2026-11-27T15:00:00.000Z', place: 'Heart clinic' });
    expect(last('care.test.ordered.v1')).toMatchObject({ status: 'ordered', code: { code: '2823-3' } });
  });

  it('are their caller’s where no sender is named', async () => {
    await post(summary(5), { query: '' });
    const { rows } = await intake.sql.query<{ sender: string }>(`select sender from inbound where control_id = '2.999.1.9^DOC-5'`);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.sender).not.toBe('DOCS');
  });
});
