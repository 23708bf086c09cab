import { mdm } from '@throughline/testing/hl7-builder';
import { eventually, throughline, type System } from '@throughline/testing/system';
import { fiveOpen, quiet, states, Stay, STEPS, stepsOf, type Page } from './ward.js';

interface Reconciliation {
  id: string;
  version: number;
  status: string;
  dischargeId: string;
  lineIds: string[];
}
interface FollowUp {
  id: string;
  version: number;
  status: string;
  window: { from: string; to: string };
  dischargeId: string;
}

/** One discharge, from a hospital's message to what a coordinator sees and does. */
export const theThread = (system: () => System): void => {
  describe('a discharge by HL7 v2', () => {
    it('becomes five tasks with clocks and reasons, one reconciliation, one follow-up request, and a notice for each task', async () => {
      const stay = new Stay(system());
      await stay.sent('A01');
      await stay.sent('A03');

      const tasks = await stay.tasksWhen('five tasks', fiveOpen);
      expect(stepsOf(tasks)).toEqual(STEPS);
      for (const task of tasks) {
        expect(task.why).toMatchObject({ because: { eventType: 'care.discharge.recorded.v1' }, protocol: { id: 'transitional-care' }, deadline: { zone: 'America/New_York' } });
        expect(task.why.deadline.rule).not.toBe('');
      }
      const [reconciliation, ...others] = await eventually('a reconciliation', async () => {
        const found = await stay.of<Reconciliation>('/api/medication-reconciliation/reconciliations');
        return found.length > 0 && found;
      });
      const [followUp, ...more] = await eventually('a follow-up request', async () => {
        const found = await stay.of<FollowUp>('/api/scheduling/follow-ups');
        return found.length > 0 && found;
      });
      expect([others, more]).toEqual([[], []]);
      expect([reconciliation?.dischargeId, followUp?.dischargeId]).toEqual([tasks[0]?.dischargeId, tasks[0]?.dischargeId]);
      expect(followUp).toMatchObject({ status: 'requested', window: { from: expect.any(String) as string, to: expect.any(String) as string } });

      const notices = await eventually('five notices', async () => {
        const patientId = await stay.patientId();
        const all = (await system().get<Page<{ taskId: string; type: string; patientId: string; correlationId: string }>>('/api/notification/notices?limit=200')).items;
        const mine = all.filter((notice) => notice.patientId === patientId && notice.type === 'care.task.opened.v1');
        return mine.length >= 5 && mine;
      });
      expect(notices.map((notice) => notice.taskId).sort()).toEqual(tasks.map((task) => task.id).sort());
      expect(new Set([...notices.map((n) => n.correlationId), ...tasks.map((t) => t.correlationId)]).size).toBe(1);
    });

    it('is the same discharge when it is sent again, and a corrected one when it says something else', async () => {
      const stay = new Stay(system());
      const message = stay.message('A03');
      expect((await stay.send(message)).code).toBe('AA');
      const before = await stay.tasksWhen('five tasks', fiveOpen);
      expect((await stay.send(message)).code).toBe('AA');
      await stay.sent('A03');
      await stay.sent('A03', { recordedAt: adtTime(new Date(stay.leftAt.getTime() + 60_000)), diagnoses: ['J44.1'] });
      const recorded = await stay.outcomes(3);
      expect(recorded.map(({ outcome, arrivals }) => [outcome, arrivals])).toEqual([['discharge', 2], ['repeat', 1], ['correction', 1]]);
      expect(new Set(recorded.map(({ dischargeId }) => dischargeId))).toEqual(new Set([before[0]?.dischargeId]));
      // What was corrected has to be everywhere before one can say that it did nothing a second time.
      await quiet(system());
      expect((await stay.tasks()).map((task) => task.id).sort()).toEqual(before.map((task) => task.id).sort());
      expect(await stay.episodes()).toHaveLength(1);
    });
  });

  describe('its medicines and its summary by HL7 v2', () => {
    it('join the reconciliation, and stop the clock of the task that waits for the summary', async () => {
      const stay = new Stay(system());
      await stay.sent('A03');
      await stay.tasksWhen('five tasks', fiveOpen);
      const { mrn, visit, family } = stay;
      const medicines = [
        `MSH|^~\\&|PHARM|NORTHSHORE|U|H|${adtTime(new Date())}||RDE^O11^RDE_O11|rx-${mrn}|P|2.5.1`, `PID|1||${mrn}^^^NSH^MR||${family}^Robin`, `PV1|1|I|4E${'|'.repeat(16)}${visit}`,
        `ORC|NW|RX-${mrn}-1`, 'RXE||310429^Furosemide 20 MG Oral Tablet^RXNORM|1||TAB', 'TQ1|1||QD', 'RXR|PO', `ORC|DC|RX-${mrn}-2`, 'RXE||^Ibuprofen 400 mg', '',
      ].join('\r');
      expect((await stay.send(medicines)).code).toBe('AA');
      const lines = await eventually('two medicines', async () => {
        const { items } = await system().get<Page<{ medicine: { text: string }; route?: string; status?: string }>>(`/api/medication-reconciliation/patients/${await stay.patientId()}/lines`);
        return items.length === 2 && items;
      });
      expect(lines.map(({ medicine, route, status }) => [medicine.text, route, status]).sort()).toEqual([['Furosemide 20 MG Oral Tablet', 'PO', undefined], ['Ibuprofen 400 mg', undefined, 'stopped']]);
      await eventually('both in the reconciliation', async () => (await stay.of<Reconciliation>('/api/medication-reconciliation/reconciliations'))[0]?.lineIds.length === 2);

      expect((await stay.send(mdm('T01', { controlId: `t01-${mrn}`, mrn, family, visit, number: `DOC-${mrn}`, text: '' }))).code).toBe('AA');
      expect((await stay.send(mdm('T02', { controlId: `t02-${mrn}`, mrn, family, visit, number: `DOC-${mrn}` }))).code).toBe('AA');
      const tasks = await stay.tasksWhen('the summary is there', (all) => states(all)['obtain-summary'] === 'completed');
      expect(tasks.find(({ stepId }) => stepId === 'obtain-summary')?.outcome).toMatchObject({ code: 'summary-received' });
      expect(tasks.filter(({ status }) => status === 'completed')).toHaveLength(1);
    });
  });

  describe('a discharge and its medicines by REST', () => {
    it('is the same thread; the medicines join the reconciliation', async () => {
      const stay = new Stay(system());
      const patient = { identifiers: [{ value: stay.mrn, authority: 'CLINIC' }], family: stay.family, given: 'Robin', birthDate: '1950-01-01' };
      const encounter = { visitNumber: stay.visit, class: 'I', facility: { code: 'NORTH' }, facilityZone: 'America/New_York' };
      const post = (path: string, key: string, body: object) => system().call('POST', path, { as: 'sender', body, headers: { 'idempotency-key': `${stay.mrn}-${key}` } });
      for (const [n, text] of ['Furosemide 40 mg tablet', 'Metoprolol succinate 50 mg ER tablet', 'Apixaban 5 mg tablet', 'Insulin glargine'].entries()) {
        const answer = await post('/api/intake/prescriptions', `rx-${n}`, { sender: 'CLINIC', messageId: `rx-${stay.mrn}-${n}`, patient, encounter: { visitNumber: stay.visit }, orderId: `RX-${stay.mrn}-${n}`, medicine: { text } });
        expect([answer.status, answer.body]).toEqual([202, expect.objectContaining({ repeat: false })]);
      }
      const discharge = { sender: 'CLINIC', messageId: `d-${stay.mrn}`, patient, encounter, dischargedAt: stay.leftAt.toISOString(), disposition: '01' };
      expect((await post('/api/intake/discharges', 'd', discharge)).status).toBe(202);
      expect((await post('/api/intake/discharges', 'd', discharge)).status).toBe(202);
      expect((await post('/api/intake/discharges', 'd', { ...discharge, disposition: '06' })).status).toBe(422);

      await stay.tasksWhen('five tasks', fiveOpen);
      const [reconciliation] = await eventually('four lines in one reconciliation', async () => {
        const found = await stay.of<Reconciliation>('/api/medication-reconciliation/reconciliations');
        return found.length === 1 && found[0]?.lineIds.length === 4 && found;
      });
      expect(reconciliation?.status).toBe('open');
    });
  });

  describe('evidence and people clear tasks', () => {
    it('a recorded contact, an attested reconciliation and a booked visit clear theirs; a person completes the others', async () => {
      const stay = new Stay(system());
      await stay.sent('A03');
      const tasks = await stay.tasksWhen('five tasks', fiveOpen);
      const contact = { patientId: await stay.patientId(), episodeId: tasks[0]?.episodeId, at: new Date().toISOString(), mode: 'telephone', with: 'patient' };
      const record = (outcome: string) => system().call('POST', '/api/care-plan/contacts', { as: 'coordinator', body: { ...contact, outcome }, headers: { 'idempotency-key': `${stay.mrn}-${outcome}` } });
      expect((await record('left-message')).status).toBeLessThan(300);
      expect(states(await stay.tasks())['contact']).not.toBe('completed');
      expect((await record('reached')).status).toBeLessThan(300);
      await stay.tasksWhen('the contact cleared it', (now) => states(now)['contact'] === 'completed');

      const [reconciliation] = await eventually('a reconciliation', async () => {
        const found = await stay.of<Reconciliation>('/api/medication-reconciliation/reconciliations');
        return found.length > 0 && found;
      });
      const attest = (as: 'coordinator' | 'pharmacist') =>
        system().call('POST', `/api/medication-reconciliation/reconciliations/${reconciliation?.id}/complete`, { as, body: {}, headers: { 'idempotency-key': `${stay.mrn}-rec`, 'if-match': `"${reconciliation?.version}"` } });
      expect((await attest('coordinator')).status).toBe(403);
      expect((await attest('pharmacist')).status).toBeLessThan(300);
      const [followUp] = await eventually('a follow-up', async () => {
        const found = await stay.of<FollowUp>('/api/scheduling/follow-ups');
        return found.length > 0 && found;
      });
      const booked = await system().call('POST', `/api/scheduling/follow-ups/${followUp?.id}/book`, {
        as: 'coordinator',
        body: { at: `${followUp?.window.from}T16:00:00Z`, mode: 'in-person' },
        headers: { 'idempotency-key': `${stay.mrn}-book`, 'if-match': `"${followUp?.version}"` },
      });
      expect(booked.status).toBeLessThan(300);
      const after = await stay.tasksWhen('both cleared theirs', (now) => states(now)['reconcile'] === 'completed' && states(now)['book-visit'] === 'completed');

      const summary = after.find((task) => task.stepId === 'obtain-summary')!;
      const complete = (version: number, key: string) =>
        system().call<TaskAnswer>('POST', `/api/care-plan/tasks/${summary.id}/complete`, { as: 'coordinator', body: { outcome: summary.outcomes[0]?.code, note: 'Came by post' }, headers: { 'idempotency-key': `${stay.mrn}-${key}`, 'if-match': `"${version}"` } });
      expect((await complete(summary.version + 7, 'stale')).status).toBe(412);
      expect((await complete(summary.version, 'right')).status).toBeLessThan(300);
      await stay.tasksWhen('completed by hand', (now) => states(now)['obtain-summary'] === 'completed');
    });
  });

  describe('a discharge that was taken back', () => {
    it('withdraws what nobody started, and a new discharge after it is a new one', async () => {
      const stay = new Stay(system());
      await stay.sent('A03');
      const [first] = await stay.tasksWhen('five tasks', fiveOpen);
      await stay.sent('A13', { recordedAt: adtTime(new Date(stay.leftAt.getTime() + 60_000)) });
      await stay.tasksWhen('all withdrawn', (tasks) => tasks.length === 5 && tasks.every((task) => task.status === 'withdrawn'));
      expect((await stay.episodes()).map((episode) => episode.status)).toEqual(['withdrawn']);
      await eventually('follow-up withdrawn', async () => (await stay.of<FollowUp>('/api/scheduling/follow-ups')).every((one) => one.status === 'withdrawn'));

      const later = new Stay(system(), 0.2);
      await stay.sent('A03', { dischargedAt: adtTime(later.leftAt), recordedAt: adtTime(later.leftAt) });
      const tasks = await stay.tasksWhen('five new ones', (now) => now.length === 10 && now.filter((task) => task.status !== 'withdrawn').length === 5);
      expect(new Set(tasks.map((task) => task.dischargeId)).size).toBe(2);
      expect(tasks.filter((task) => task.status !== 'withdrawn').every((task) => task.dischargeId !== first?.dischargeId)).toBe(true);
    });

    it('raises one task for a person when somebody had begun', async () => {
      const stay = new Stay(system());
      await stay.sent('A03');
      const tasks = await stay.tasksWhen('five tasks', fiveOpen);
      const contact = tasks.find((task) => task.stepId === 'contact')!;
      const claim = await system().call('POST', `/api/care-plan/tasks/${contact.id}/claim`, { as: 'nurse', body: {}, headers: { 'idempotency-key': `${stay.mrn}-claim`, 'if-match': `"${contact.version}"` } });
      expect(claim.status).toBeLessThan(300);
      await stay.sent('A13');
      const after = await stay.tasksWhen('one review', (now) => now.length === 6);
      expect(after.filter((task) => task.status === 'open' || task.status === 'overdue').map((task) => task.stepId)).toEqual(['review-cancelled-discharge']);
    });

    it('works the same when the cancel comes first', async () => {
      const stay = new Stay(system());
      const discharge = stay.message('A03');
      await stay.sent('A01');
      await stay.sent('A13', { recordedAt: adtTime(new Date(stay.leftAt.getTime() + 60_000)) });
      expect((await stay.send(discharge)).code).toBe('AA');
      const recorded = (await stay.outcomes(3)).map(({ outcome, reason }) => [outcome, reason]);
      // The A03 was made first and came last.
      expect(recorded).toEqual([['withdrawn', 'cancelled-before'], ['admission', null], ['withdrawn', 'before-its-discharge']]);
      await quiet(system());
      expect((await stay.episodes()).filter((episode) => episode.status === 'open')).toEqual([]);
      expect(await stay.tasks('open')).toEqual([]);
    });
  });

  describe('a discharge heard of late', () => {
    it('has its tasks overdue at once', async () => {
      const stay = new Stay(system(), 24 * 20);
      await stay.sent('A03');
      const tasks = await stay.tasksWhen('overdue tasks', (now) => now.length === 5 && now.every((task) => task.status === 'overdue'));
      expect(tasks.every((task) => Date.parse(task.dueAt) < Date.now())).toBe(true);
    });
  });

  it('afterwards nothing is lost and nothing doubled', async () => {
    const run = await throughline(['check', '--home', system().home, '--settle', '60']);
    expect(run.last).toMatch(/^accepted \d+, discharges \d+, episodes \d+, lost 0, doubled 0, parked 0$/);
    expect(run.code).toBe(0);
  }, 180_000);
};

interface TaskAnswer {
  readonly version: number;
}
const adtTime = (at: Date): string => `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;
