import { idOf } from '@throughline/kernel/ids';
import type { JournalLine } from '../send/journal.js';
import { type LedgerLine, type Ledgers, reckon, reckoningLine } from './reckon.js';

const inboundId = ({ sender, controlId, hash }: JournalLine): string => idOf('inbound', sender, controlId, hash);
const journalled = (controlId: string): JournalLine => ({ controlId, sender: 'A|B', hash: `h${controlId}`, at: '2026-01-01T00:00:00Z' });
const inbound = (controlId: string, outcome: string, dischargeId?: string): LedgerLine => {
  const subject = inboundId(journalled(controlId));
  return { id: subject, kind: 'inbound', subject, outcome, controlId, dischargeId };
};
const line = (kind: string, dischargeId: string, n = 0): LedgerLine => ({ id: `${kind}-${dischargeId}-${n}`, kind, subject: `${kind}-${dischargeId}-${n}`, outcome: 'open', dischargeId });
const whole = (...discharges: string[]): Omit<Ledgers, 'intake'> => ({
  carePlan: discharges.map((id) => line('episode', id)),
  medicationReconciliation: discharges.map((id) => line('reconciliation', id)),
  scheduling: discharges.map((id) => line('follow-up', id)),
});

describe('the reckoning', () => {
  it('finds nothing when every promise is kept', () => {
    const journal = ['1', '2', '3', '1'].map(journalled);
    const result = reckon({ intake: [inbound('1', 'discharge', 'd1'), inbound('2', 'not-followed-up', 'd2'), inbound('3', 'admission'), inbound('4', 'quarantined')], ...whole('d1') }, journal, inboundId);
    expect(result).toEqual({ accepted: 3, discharges: 1, episodes: 1, lost: [], doubled: [] });
    expect(reckoningLine(result, 0)).toBe('accepted 3, discharges 1, episodes 1, lost 0, doubled 0, parked 0');
  });

  it('misses a journalled message that intake does not have, or has only in quarantine', () => {
    const { lost } = reckon({ intake: [inbound('2', 'quarantined')], ...whole() }, [journalled('1'), journalled('2')], inboundId);
    expect(lost).toHaveLength(2);
    expect(lost[0]).toContain('message 1 of A|B');
  });

  it('misses an outcome, an episode, a reconciliation and a follow-up request', () => {
    const rest = whole('d1');
    expect(reckon({ intake: [inbound('1', 'pending')], ...whole() }, [], inboundId).lost).toHaveLength(1);
    expect(reckon({ intake: [inbound('1', 'discharge', 'd1')], ...whole() }, [], inboundId).lost).toEqual(['discharge d1 has no episode', 'discharge d1 has no reconciliation', 'discharge d1 has no follow-up']);
    expect(reckon({ intake: [inbound('1', 'discharge', 'd1')], ...rest, scheduling: [] }, [], inboundId).lost).toEqual(['discharge d1 has no follow-up']);
  });

  it('counts what is there twice, or without a discharge', () => {
    const rest = whole('d1');
    expect(reckon({ intake: [inbound('1', 'discharge', 'd1')], ...rest, carePlan: [...rest.carePlan, line('episode', 'd1', 1)] }, [], inboundId).doubled).toEqual(['discharge d1 has 2 of episode']);
    expect(reckon({ intake: [inbound('1', 'discharge', 'd1'), inbound('1', 'discharge', 'd1')], ...rest }, [], inboundId).doubled).toHaveLength(1);
    expect(reckon({ intake: [], ...rest }, [], inboundId).doubled).toHaveLength(3);
  });

  it('asks one episode of each referral, unless it was taken back', () => {
    const referral = (id: string, outcome = 'asked'): LedgerLine => ({ id, kind: 'referral', subject: id, outcome });
    const episode = (referralId: string, n = 0): LedgerLine => ({ ...line('episode', referralId, n), dischargeId: null, referralId });
    const of = (intake: LedgerLine[], ...carePlan: LedgerLine[]) => {
      const { lost, doubled, discharges, episodes } = reckon({ intake, ...whole(), carePlan }, [], inboundId);
      return { lost, doubled, discharges, episodes };
    };
    expect(of([referral('r1'), referral('r2', 'withdrawn'), referral('r3', 'withdrawn')], episode('r1'), episode('r2'))).toEqual({ lost: [], doubled: [], discharges: 0, episodes: 0 });
    expect(of([referral('r1')]).lost).toEqual(['referral r1 has no episode']);
    expect(of([referral('r1')], episode('r1'), episode('r1', 1)).doubled).toEqual(['referral r1 has 2 of episode']);
    expect(of([], episode('r1')).doubled).toEqual(['there is an episode for referral r1, which intake did not record']);
  });

  it('asks of a corrected discharge only that the services agree', () => {
    const intake = [inbound('1', 'not-followed-up', 'd1'), inbound('2', 'correction', 'd1')];
    expect(reckon({ intake, ...whole() }, [], inboundId)).toMatchObject({ discharges: 0, lost: [] });
    expect(reckon({ intake, ...whole('d1') }, [], inboundId)).toMatchObject({ discharges: 1, lost: [] });
    expect(reckon({ intake, ...whole('d1'), scheduling: [] }, [], inboundId).lost).toEqual(['discharge d1 has no follow-up']);
    expect(reckon({ intake: intake.map((row) => ({ ...row, followUp: 'wanted' })), ...whole() }, [], inboundId).lost).toHaveLength(3);
  });

  it('keeps the followed-up discharge of a withdrawal: its rows stay, withdrawn', () => {
    expect(reckon({ intake: [inbound('1', 'discharge', 'd1'), inbound('2', 'withdrawn', 'd1')], ...whole('d1') }, [], inboundId)).toMatchObject({ discharges: 1, lost: [], doubled: [] });
    expect(reckon({ intake: [inbound('1', 'withdrawn'), inbound('2', 'withdrawn', 'd1')], ...whole() }, [], inboundId)).toMatchObject({ discharges: 0, lost: [] });
  });
});
