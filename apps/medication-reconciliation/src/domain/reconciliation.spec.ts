import { Refused } from '@throughline/kernel/refused';
import type { MedicationLine } from './medication-line.js';
import { complete, followDischarge, joinLines, type DischargeFact, type Reconciliation } from './reconciliation.js';

const NOW = '2026-03-02T15:00:00.000Z';
const discharge: DischargeFact = { reconciliationId: 'r1', patientId: 'p1', dischargeId: 'd1', encounterId: 'e1', wanted: true, correlationId: 'c1' };
const line = (id: string, more: Partial<MedicationLine> = {}): MedicationLine => ({ id, patientId: 'p1', source: 'ward', medicine: { text: 'Metoprolol 25 mg' }, receivedAt: NOW, ...more });
const given = (discharged: DischargeFact, lines: readonly MedicationLine[] = []): Reconciliation => followDischarge(undefined, discharged, lines, NOW)!.reconciliation;

describe('reconciliation', () => {
  it('opens with the lines that wait for its stay, its discharge, or for the person', () => {
    const lines = [line('l4'), line('l1', { encounterId: 'e1' }), line('l2', { encounterId: 'other' }), line('l3', { dischargeId: 'd1' }), line('l5', { dischargeId: 'd0', encounterId: 'e1' })];
    expect(followDischarge(undefined, discharge, lines, NOW)).toEqual({
      announces: 'opened',
      reconciliation: expect.objectContaining({ status: 'open', version: 1, openedAt: NOW, lineIds: ['l1', 'l3', 'l4'] }),
    });
  });

  it('does not open when no follow-up is wanted', () => {
    expect(followDischarge(undefined, { ...discharge, wanted: false }, [], NOW)).toBeUndefined();
  });

  it('is left alone by the same discharge again', () => {
    expect(followDischarge(given(discharge), discharge, [], NOW)).toBeUndefined();
  });

  it('takes a line once', () => {
    const open = given(discharge);
    const joined = joinLines(open, [line('l1', { encounterId: 'e1' })])!;
    expect(joined).toMatchObject({ announces: 'changed', reconciliation: { lineIds: ['l1'], version: 2 } });
    expect(joinLines(joined.reconciliation, [line('l1', { encounterId: 'e1' })])).toBeUndefined();
  });

  it('loses a line that a correction moved to another stay', () => {
    const open = given(discharge, [line('l1', { encounterId: 'e1' })]);
    expect(joinLines(open, [line('l1', { encounterId: 'e2' })])).toMatchObject({ announces: 'changed', reconciliation: { lineIds: [] } });
  });

  it('is withdrawn with its discharge, and opens again when a correction wants the follow-up after all', () => {
    const withdrawn = followDischarge(given(discharge, [line('l1')]), { ...discharge, wanted: false }, [line('l1')], NOW)!;
    expect(withdrawn).toMatchObject({ announces: 'withdrawn', reconciliation: { status: 'withdrawn', lineIds: [], version: 2 } });
    expect(joinLines(withdrawn.reconciliation, [line('l2')])).toBeUndefined();
    expect(followDischarge(withdrawn.reconciliation, discharge, [line('l1'), line('l2')], NOW)).toMatchObject({
      announces: 'opened',
      reconciliation: { status: 'open', lineIds: ['l1', 'l2'], version: 3 },
    });
  });

  it('stays completed, whatever is recorded later', () => {
    const done = complete(given(discharge), { at: NOW, by: 'pharmacist-1' });
    expect(done).toMatchObject({ announces: 'completed', reconciliation: { status: 'completed', completed: { by: 'pharmacist-1' }, version: 2 } });
    expect(followDischarge(done.reconciliation, { ...discharge, wanted: false }, [], NOW)).toBeUndefined();
    expect(followDischarge(done.reconciliation, discharge, [], NOW)).toBeUndefined();
    expect(joinLines(done.reconciliation, [line('l9')])).toBeUndefined();
    expect(() => complete(done.reconciliation, { at: NOW, by: 'nurse-1' })).toThrow(Refused);
  });

  it('cannot be completed once withdrawn', () => {
    const withdrawn = followDischarge(given(discharge), { ...discharge, wanted: false }, [], NOW)!;
    expect(() => complete(withdrawn.reconciliation, { at: NOW, by: 'nurse-1' })).toThrow(/withdrawn/);
  });
});
