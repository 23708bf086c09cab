import { newPatient } from './patient.js';
import type { Person } from './person.js';
import { hearStatement, restoreStatement, statementEvent, statementFacts, statementId, type StatementSaid, type StatementState } from './statement.js';

const PATIENT = '11111111-1111-5111-8111-111111111111';
const nobody: Person = { patient: newPatient(PATIENT), others: [], encounters: [], discharges: [], lines: [] };

const result = (status: 'preliminary' | 'final' | 'corrected', more: { number?: string; place?: number } = { number: 'F1' }): StatementSaid => ({
  kind: 'test-result', ...more, says: { code: { code: '2951-2', text: 'Sodium' }, status, values: [{ analyte: 'sodium', value: '128', unit: 'mmol/L' }] },
});
const heard = (said: StatementSaid, hour: number, known?: StatementState, by = `m${hour}`): StatementState =>
  hearStatement(known, {
    statementId: statementId(PATIENT, 'LAB', said, by), patientId: PATIENT, version: 0, source: 'LAB', stay: { visit: { value: 'V1' } }, said,
    stamp: { at: new Date(Date.UTC(2026, 2, 1, hour)).toISOString(), receivedAt: new Date(Date.UTC(2026, 2, 1, 20)).toISOString(), by },
  });

describe('what a source states', () => {
  it('is one fact under its number, the latest word of the source, whichever came first', () => {
    const [first, last] = [heard(result('preliminary'), 1), heard(result('final'), 2)];
    expect(first.statementId).toBe(last.statementId);
    expect(statementFacts(heard(result('final'), 2, first), nobody)).toEqual(statementFacts(heard(result('preliminary'), 1, last), nobody));
    expect(statementFacts(heard(result('final'), 2, first), nobody)).toMatchObject({ status: 'final', withdrawn: false, number: 'F1' });
  });

  it('without a number is the message\'s own, and by its place in it', () => {
    const ids = [statementId(PATIENT, 'LAB', result('final', {}), 'm1'), statementId(PATIENT, 'LAB', result('final', { place: 2 }), 'm1'), statementId(PATIENT, 'LAB', result('final', {}), 'm2')];
    expect(new Set(ids).size).toBe(3);
  });

  it('names the stay that its visit number will be, before anybody spoke of it', () => {
    expect(statementFacts(heard(result('final'), 1), nobody).encounterId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('cancelled by its number alone is still of what it was of', () => {
    const order = (status: 'ordered' | 'cancelled', code: object): StatementSaid => ({ kind: 'test-order', number: 'P1', says: { code, status } });
    const [asked, cancelled] = [heard(order('ordered', { code: '24323-8' }), 1), heard(order('cancelled', {}), 2)];
    for (const kept of [heard(order('cancelled', {}), 2, asked), heard(order('ordered', { code: '24323-8' }), 1, cancelled)])
      expect(statementFacts(kept, nobody)).toMatchObject({ status: 'cancelled', code: { code: '24323-8' } });
  });

  it('of another kind has another name, whatever its number', () => {
    const order: StatementSaid = { kind: 'test-order', number: 'F1', says: { code: {}, status: 'ordered' } };
    expect(statementId(PATIENT, 'LAB', order, 'm')).not.toBe(statementId(PATIENT, 'LAB', result('final'), 'm'));
  });

  it('is known again from its own event, and said again changes nothing', () => {
    const told = heard(result('final'), 2);
    const published = statementFacts(told, nobody);
    const restored = restoreStatement(undefined, statementEvent('test-result', { ...published, version: 3 }), { at: '2026-03-02T00:00:00.000Z', receivedAt: '2026-03-02T00:00:00.000Z', by: 'event' });
    expect(restored).toMatchObject({ statementId: told.statementId, version: 3, published, said: told.said });
  });
});
