import { MllpClient } from '@throughline/testing/mllp-client';
import { eventually, type Role, type System } from '@throughline/testing/system';
import { fiveOpen, Stay } from './ward.js';

/** Who may come in, and what bad input meets. */
export const theDoors = (system: () => System): void => {
  describe('authentication', () => {
    const routes: readonly [string, string][] = [
      ['GET', '/api/care-plan/tasks'],
      ['GET', '/api/care-plan/episodes'],
      ['GET', '/api/medication-reconciliation/reconciliations'],
      ['GET', '/api/scheduling/follow-ups'],
      ['GET', '/api/notification/notices'],
      ['GET', '/api/notification/stream'],
      ['GET', '/api/intake/ledger'],
      ['GET', '/api/intake/parked'],
      ['POST', '/api/intake/discharges'],
      ['POST', '/api/care-plan/contacts'],
    ];
    it.each(routes)('%s %s: anonymous gets 401, a forged token 401', async (method, path) => {
      const body = method === 'POST' ? {} : undefined;
      const anonymous = await system().call(method, path, { body });
      const forged = await system().call(method, path, { body, headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.' } });
      expect([anonymous.status, forged.status]).toEqual([401, 401]);
    });

    const wrong: readonly [Role, string, string][] = [
      ['subscriber', 'GET', '/api/care-plan/tasks'],
      ['operator', 'GET', '/api/care-plan/tasks'],
      ['coordinator', 'GET', '/api/intake/ledger'],
      ['subscriber', 'POST', '/api/intake/discharges'],
      ['pharmacist', 'POST', '/api/care-plan/contacts'],
    ];
    it.each(wrong)('%s may not %s %s: 403', async (as, method, path) => {
      expect((await system().call(method, path, { as, body: method === 'POST' ? {} : undefined, headers: { 'idempotency-key': 'wrong-role' } })).status).toBe(403);
    });

    it('every look at a patient leaves an audit row', async () => {
      const stay = new Stay(system());
      await stay.sent('A03');
      await stay.tasksWhen('five tasks', fiveOpen);
      const id = await stay.patientId();
      await system().call('GET', `/api/care-plan/patients/${id}`, { as: 'nurse' });
      const { items } = await system().get<{ items: { actor: string; action: string; outcome: string; patientId?: string }[] }>(`/api/care-plan/audit?patient=${id}&limit=200`, 'admin');
      expect(items.some((row) => /nurse|nina/.test(row.actor) && row.action === 'read' && row.outcome === 'allowed')).toBe(true);
    });
  });

  it('so does a look that was not allowed', async () => {
    const stay = new Stay(system());
    await stay.sent('A03');
    const id = await stay.patientId();
    const { status } = await system().call('GET', `/api/care-plan/patients/${id}`, { as: 'subscriber' });
    const { items } = await system().get<{ items: { action: string; resource: string; outcome: string; roles: string[] }[] }>(`/api/care-plan/audit?patient=${id}&limit=200`, 'admin');
    expect([status, items.filter(({ outcome }) => outcome === 'denied')]).toEqual([403, [expect.objectContaining({ action: 'read', resource: 'patient', roles: ['subscriber'] })]]);
  });

  describe('bad input', () => {
    it('unreadable HL7 is answered AE or AR with a reason, and kept', async () => {
      const stay = new Stay(system());
      const noPatient = stay.message('A03').split('\r').filter((segment) => !segment.startsWith('PID')).join('\r');
      const answer = await stay.send(noPatient);
      expect(answer.code).toBe('AE');
      expect(answer.text).toMatch(/PID/);
      const unknown = await stay.send(stay.message('A03').replace('ADT^A03^ADT_A03', 'ADT^Z99^ADT_Z99'));
      expect(unknown.code).toBe('AR');
      const { items } = await system().get<{ items: { outcome: string; controlId?: string; reason?: string }[] }>('/api/intake/inbound?outcome=quarantined&limit=200', 'operator');
      expect(items.filter((row) => row.controlId?.startsWith(stay.mrn))).toHaveLength(2);
    });

    it('bad JSON gets problem details that name the field', async () => {
      const post = (body: unknown) => system().call<{ type: string; status: number; errors?: { field: string; detail: string }[] }>('POST', '/api/intake/discharges', { as: 'coordinator', body, headers: { 'idempotency-key': `bad-${Math.random()}` } });
      const malformed = await post('{"sender": ');
      expect([malformed.status, malformed.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
      const missing = await post({ sender: 'CLINIC', patient: { identifiers: [{ value: '1' }], family: 'X', given: 'Y' }, encounter: { visitNumber: '1', facility: { code: 'N' } }, dischargedAt: 'yesterday' });
      expect([400, 422]).toContain(missing.status);
      expect(missing.body.errors?.map((error) => error.field)).toContain('dischargedAt');
      expect((await post({ padding: 'x'.repeat(3_000_000) })).status).toBe(413);
    });

    it('what is not MLLP at all closes only its own connection', async () => {
      const client = await MllpClient.connect(system().mllpPort);
      client.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
      client.socket.destroy();
      const stay = new Stay(system());
      await stay.sent('A01');
      await eventually('still ready', async () => (await system().call('GET', '/readyz')).status === 200);
    });
  });

  describe('looking after it', () => {
    it('says that it lives, is ready, what it counts and what it offers', async () => {
      for (const path of ['/livez', '/readyz', '/metrics', '/asyncapi.json']) expect((await system().call('GET', path)).status).toBe(200);
      for (const service of ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification']) {
        const { body } = await system().call<{ openapi: string; paths: Record<string, unknown> }>('GET', `/api/${service}/openapi.json`);
        expect(body.openapi).toMatch(/^3\./);
        expect(Object.keys(body.paths).every((path) => path.startsWith(`/api/${service}/`) || /^\/(livez|readyz|metrics)$/.test(path))).toBe(true);
      }
    });

    it('limits are limits', async () => {
      expect((await system().call('GET', '/api/care-plan/tasks?limit=201', { as: 'coordinator' })).status).toBe(400);
      const page = await system().get<{ items: unknown[]; nextCursor: string | null }>('/api/care-plan/tasks?status=open&limit=2');
      expect(page.items).toHaveLength(2);
      expect(page.nextCursor).toEqual(expect.any(String));
    });
  });
};
