import type { Publishes } from '@throughline/contracts/flow';
import fc from 'fast-check';
import { decide, type OfOnePerson } from './decide.js';
import type { FollowUpRules } from './follow-up.js';
import { newPatient } from './patient.js';
import type { Person } from './person.js';
import type { StaySaid } from './said.js';

const rules: FollowUpRules = { dispositions: { '20': 'deceased', '02': 'left-to-inpatient-care' }, notInpatient: ['E', 'O'], emergency: ['E'] };
const nobody = (): Person => ({ patient: newPatient('11111111-1111-5111-8111-111111111111'), others: [], encounters: [], discharges: [], lines: [] });

const day = (n: number): string => new Date(Date.UTC(2026, 2, 1 + n, 12)).toISOString();
const said = (n: number) => ({ sender: 'A|B', controlId: `c${n}`, at: day(n), atSource: 'EVN-2' as const, receivedAt: day(n), patient: { identifiers: [] }, flags: [] });
const stay = (visit: string, from: number, more: Partial<StaySaid> = {}): StaySaid => ({ visit: { value: visit }, facility: { code: 'NSH' }, zone: 'UTC', encounterClass: 'I', admittedAt: day(from), diagnoses: [], ...more });
const admitted = (visit: string, from: number, more: Partial<StaySaid> = {}): OfOnePerson => ({ ...said(from), what: 'admission', stay: stay(visit, from, more) });
const left = (visit: string, from: number, to: number, more: Partial<StaySaid> = {}): OfOnePerson => ({ ...said(to), what: 'discharge', stay: stay(visit, from, more), discharge: { at: day(to), source: 'PV1-45' } });
const deleted = (visit: string, from: number, at: number): OfOnePerson => ({ ...said(at), what: 'cancel-stay', stay: stay(visit, from) });

const hear = (messages: readonly OfOnePerson[]): readonly Publishes<'intake'>[] => {
  let person = nobody();
  return messages.flatMap((message, n) => {
    const decision = decide(person, message, `${message.what} ${message.controlId} ${n}`, rules);
    person = decision.person;
    return decision.events;
  });
};

type Back = Extract<Publishes<'intake'>, { type: 'care.patient.readmitted.v1' | 'care.emergency.visited.v1' }>;
/** The last word on each return. */
const returns = (messages: readonly OfOnePerson[]): readonly Back['data'][] => {
  const told = hear(messages).filter((event): event is Back => event.type === 'care.patient.readmitted.v1' || event.type === 'care.emergency.visited.v1');
  return [...new Map(told.map(({ data }) => ['readmissionId' in data ? data.readmissionId : data.emergencyVisitId, data])).values()];
};

describe('a patient who is back', () => {
  it('is readmitted when another stay begins within thirty days of leaving, and not on the thirty-first', () => {
    expect(returns([left('V1', 0, 5), admitted('V2', 35)])).toMatchObject([{ days: 30, admittedAt: day(35), dischargedAt: day(5), withdrawn: false }]);
    expect(returns([left('V1', 0, 5), admitted('V2', 36)])).toEqual([]);
  });

  it('is not readmitted by being handed on to another hospital, by a visit to a clinic, or by the same stay', () => {
    expect(returns([left('V1', 0, 5, { disposition: '02' }), admitted('V2', 5)])).toEqual([]);
    expect(returns([left('V1', 0, 5), admitted('V2', 8, { encounterClass: 'O' })])).toEqual([]);
    expect(returns([left('V1', 0, 5), admitted('V1', 0)])).toEqual([]);
  });

  it('came to the emergency department, after a discharge or out of the blue', () => {
    expect(returns([left('V1', 0, 5), admitted('V2', 8, { encounterClass: 'E' })])).toMatchObject([{ arrivedAt: day(8), days: 3, withdrawn: false }]);
    const [visit] = returns([admitted('V2', 8, { encounterClass: 'E' })]);
    expect(visit).toMatchObject({ arrivedAt: day(8) });
    expect(visit).not.toHaveProperty('afterDischargeId');
  });

  it('was not there after all when the stay is deleted: the fact is taken back under its number', () => {
    const events = hear([left('V1', 0, 5), admitted('V2', 9), deleted('V2', 9, 10)]).filter(({ type }) => type === 'care.patient.readmitted.v1');
    expect(events.map(({ data }) => [data.version, (data as { withdrawn: boolean }).withdrawn])).toEqual([[1, false], [2, true]]);
  });

  it('is told of the same whatever came first', () => {
    const messages = [left('V1', 0, 5), admitted('V2', 9), left('V2', 9, 12), admitted('V3', 20, { encounterClass: 'E' }), deleted('V2', 9, 13)];
    const standing = (order: readonly OfOnePerson[]) =>
      returns(order).filter((one) => !one.withdrawn).map(({ version: _version, ...one }) => one).sort((a, b) => (a.encounterId < b.encounterId ? -1 : 1));
    const expected = standing(messages);
    expect(expected).toHaveLength(1);
    fc.assert(fc.property(fc.shuffledSubarray(messages, { minLength: messages.length }), (order) => expect(standing(order)).toEqual(expected)));
  });
});
