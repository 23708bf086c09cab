import fc from 'fast-check';
import type { Publishes } from '@throughline/contracts/flow';
import { decide, type OfOnePerson } from './decide.js';
import { newPatient } from './patient.js';
import type { Person } from './person.js';
import { restoreAlias, restoreDischarge, restoreEncounter, restoreLine, restorePatient, restorePlan, restoreReturn } from './restore.js';
import type { StaySaid } from './said.js';

type Said = OfOnePerson;

const PATIENT = '11111111-1111-5111-8111-111111111111';
/** After everything that was ever said. */
const RESTORED = { at: '2026-03-20T00:00:00.000Z', receivedAt: '2026-03-20T00:00:00.000Z', by: 'event' };
const nobody = (): Person => ({ patient: newPatient(PATIENT), others: [], encounters: [], discharges: [], lines: [] });

const time = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const saidAt = (hour: number, visit: string, what: Said['what']): Said => {
  const stay: StaySaid = { visit: { value: visit }, facility: { code: 'NSH' }, zone: 'America/New_York', encounterClass: 'I', admittedAt: time(0), diagnoses: hour % 2 ? [] : [{ code: 'I50.9' }], disposition: '01' };
  const base = {
    sender: 'A|B', controlId: `c${hour}`, at: time(hour), atSource: 'EVN-2' as const, receivedAt: time(hour), flags: [],
    patient: { identifiers: [{ kind: 'record-number' as const, own: true, authority: 'NSH', value: '1' }], name: { family: `Name${hour % 3}`, given: 'A' } },
  };
  if (what === 'discharge') return { ...base, what, stay, discharge: { at: time(hour), source: 'PV1-45' } };
  if (what === 'plan-discharge') return { ...base, what, stay, expectedAt: time(hour + 5) };
  if (what === 'prescription') return { ...base, what, stay: { visit: stay.visit }, prescription: { orderId: `order ${visit}`, medicine: { text: `medicine ${hour}` } } };
  return { ...base, what, stay };
};

const messages = fc
  .array(fc.tuple(fc.constantFrom('V1', 'V2'), fc.constantFrom<Said['what']>('admission', 'discharge', 'cancel-discharge', 'update', 'prescription', 'cancel-stay', 'plan-discharge', 'cancel-plan')), { minLength: 1, maxLength: 12 })
  .map((all) => all.map(([visit, what], at) => saidAt(at + 1, visit, what)));

const hear = (from: Person, all: readonly Said[]): { person: Person; events: readonly Publishes<'intake'>[] } =>
  all.reduce<{ person: Person; events: readonly Publishes<'intake'>[] }>(
    ({ person, events }, said) => {
      const decision = decide(person, said, `${said.what} ${said.controlId}`, { dispositions: {}, notInpatient: [] });
      // What a row keeps is not forgotten because a decision did not speak of it.
      const discharges = [...person.discharges.filter((one) => !decision.person.discharges.some((other) => other.dischargeId === one.dischargeId)), ...decision.person.discharges];
      return { person: { ...decision.person, discharges }, events: [...events, ...decision.events] };
    },
    { person: from, events: [] },
  );

const restored = (person: Person, { type, data }: Publishes<'intake'>): Person => {
  switch (type) {
    case 'care.patient.recorded.v1':
      return restorePatient(person, data, RESTORED).person;
    case 'care.encounter.recorded.v1':
      return restoreEncounter(person, data, RESTORED);
    case 'care.encounter.withdrawn.v1':
      return restoreEncounter(person, { ...data, status: 'withdrawn' }, RESTORED);
    case 'care.patients.merged.v1':
      return restoreAlias(person, data, RESTORED);
    case 'care.patient.readmitted.v1':
      return restoreReturn(person, { kind: 'readmission', data });
    case 'care.emergency.visited.v1':
      return restoreReturn(person, { kind: 'emergencyVisit', data });
    // Kept by themselves: no fact of the person depends on one.
    case 'care.document.received.v1':
    case 'care.test.ordered.v1':
    case 'care.test.resulted.v1':
    case 'care.condition.stated.v1':
    case 'care.allergy.stated.v1':
    case 'care.appointment.stated.v1':
    case 'care.coverage.stated.v1':
    case 'care.patient.referred.v1':
      return person;
    case 'care.discharge.planned.v1':
      return restorePlan(person, data);
    case 'care.discharge.recorded.v1':
    case 'care.discharge.withdrawn.v1':
      return restoreDischarge(person, data);
    case 'care.prescription.added.v1':
      return restoreLine(person, data, RESTORED);
  }
};

/** A stay that only updates spoke of was never published. */
const stated = ({ patient, encounters, discharges, lines }: Person) => ({
  patient: patient.published,
  encounters: encounters.flatMap((one) => one.published ?? []).sort((a, b) => (a.encounterId < b.encounterId ? -1 : 1)),
  discharges: discharges.map(({ dischargeId, published, plan }) => ({ dischargeId, published, plan })).sort((a, b) => (a.dischargeId < b.dischargeId ? -1 : 1)),
  lines: lines.map((one) => one.published).sort((a, b) => ((a?.lineId ?? '') < (b?.lineId ?? '') ? -1 : 1)),
});

const versions = ({ patient, encounters, discharges, lines }: Person): Readonly<Record<string, number>> =>
  Object.fromEntries([
    ['patient', patient.version],
    ...encounters.filter((one) => one.published).map((one) => [one.encounterId, one.version]),
    ...discharges.map((one) => [one.dischargeId, one.version]),
    ...lines.map((one) => [one.lineId, one.version]),
  ]) as Readonly<Record<string, number>>;

it('put back to an older copy, it knows what was published; the messages sent again end in the same facts, numbered on', () => {
  fc.assert(
    fc.property(messages, fc.nat(12), (all, cut) => {
      const copyAfter = cut % (all.length + 1);
      const whole = hear(nobody(), all);
      const copy = hear(nobody(), all.slice(0, copyAfter));
      const known = whole.events.slice(copy.events.length).reduce(restored, copy.person);
      expect(stated(known)).toEqual(stated(whole.person));
      expect(versions(known)).toEqual(versions(whole.person));

      const again = hear(known, all.slice(copyAfter));
      expect(stated(again.person)).toEqual(stated(whole.person));
      const before = versions(whole.person);
      for (const [subject, version] of Object.entries(versions(again.person))) expect(version).toBeGreaterThanOrEqual(before[subject] ?? 0);
      // Nothing gets a number that something else had.
      const numbers = new Map(whole.events.map(({ type, data }) => [`${type.split('.')[1]} ${'dischargeId' in data && type.includes('discharge') ? data.dischargeId : 'lineId' in data ? data.lineId : 'encounterId' in data ? data.encounterId : data.patientId} ${data.version}`, true]));
      for (const { type, data } of again.events) {
        const subject = 'dischargeId' in data && type.includes('discharge') ? data.dischargeId : 'lineId' in data ? data.lineId : 'encounterId' in data ? data.encounterId : data.patientId;
        expect(numbers.has(`${type.split('.')[1]} ${subject} ${data.version}`)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
