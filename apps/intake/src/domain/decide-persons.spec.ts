import { decide, type OfOnePerson, type SeveralPersons } from './decide.js';
import { decideMerge, decideMove, decideParting } from './decide-persons.js';
import type { FollowUpRules } from './follow-up.js';
import { newPatient } from './patient.js';
import { renamed, together, type Person } from './person.js';
import type { Identifier, StaySaid } from './said.js';

const rules: FollowUpRules = { dispositions: {}, notInpatient: [] };
const A = 'aaaaaaaa-1111-5111-8111-111111111111';
const B = 'bbbbbbbb-1111-5111-8111-111111111111';
const nobody = (patientId: string): Person => ({ patient: newPatient(patientId), others: [], encounters: [], discharges: [], lines: [] });
const time = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const number = (value: string): Identifier => ({ kind: 'record-number', own: true, authority: 'NSH', value });
const stay = (visit: string, more: Partial<StaySaid> = {}): StaySaid => ({ visit: { value: visit }, facility: { code: 'NSH' }, zone: 'America/New_York', encounterClass: 'I', admittedAt: time(0), diagnoses: [], ...more });
const base = (hour: number, value: string) => ({
  sender: 'A|B', controlId: `c${hour}`, at: time(hour), atSource: 'EVN-2' as const, receivedAt: time(hour), flags: [],
  patient: { identifiers: [number(value)], name: { family: `Name ${value}`, given: 'A' } },
});
const discharge = (hour: number, value: string, visit = `V${value}`): OfOnePerson => ({ ...base(hour, value), what: 'discharge', stay: stay(visit), discharge: { at: time(hour), source: 'PV1-45' } });
const hear = (person: Person, ...messages: readonly OfOnePerson[]): Person => messages.reduce((known, said) => decide(known, said, `${said.what} ${said.controlId}`, rules).person, person);
const mergeAt = (hour: number): SeveralPersons => ({ ...base(hour, 'B'), what: 'merge', merges: [] });
const pair = (into: string, retired: string) => ({ into: { identifiers: [number(into)] }, retired: [number(retired)] });
const typesOf = (events: readonly { type: string; data: { patientId: string } }[]): string[] => events.map(({ type, data }) => `${data.patientId[0]} ${type.replace(/care\.|\.v1/g, '')}`);

const mergeOfAIntoB = (a: Person, b: Person, hour = 9) => decideMerge(together([b, a]), pair('B', 'A'), [A], mergeAt(hour), `merge ${hour}`, rules);

describe('records that are one person', () => {
  it('says of both which one stands, and moves nothing', () => {
    const [a, b] = [hear(nobody(A), discharge(5, 'A')), hear(nobody(B), { ...base(6, 'B'), what: 'update' })];
    const { person, events, outcome } = mergeOfAIntoB(a, b);
    expect(outcome).toBe('merged');
    expect(typesOf(events).sort()).toEqual(['a patients.merged', 'b patients.merged']);
    expect(events.map(({ data }) => data)).toContainEqual(expect.objectContaining({ patientId: A, survivorId: B, together: [A, B], version: 1 }));
    expect(person.encounters[0]!.patientId).toBe(A);
    expect([...renamed(together([b, a]), person)]).toEqual([[A, B]]);
  });

  it('says it once', () => {
    const merged = mergeOfAIntoB(hear(nobody(A), discharge(5, 'A')), hear(nobody(B), discharge(6, 'B'))).person;
    expect(decideMerge(merged, pair('B', 'A'), [A], mergeAt(9), 'merge again', rules)).toMatchObject({ outcome: 'repeat', events: [] });
  });

  it('finds a stay and an order again under either record', () => {
    const prescription = (hour: number, value: string, text: string): OfOnePerson => ({ ...base(hour, value), what: 'prescription', stay: { visit: { value: 'VA' } }, prescription: { orderId: 'rx1', medicine: { text } } });
    const merged = mergeOfAIntoB(hear(nobody(A), discharge(5, 'A'), prescription(6, 'A', 'Testpril 5')), hear(nobody(B), discharge(6, 'B'))).person;
    const said = decide(merged, { ...base(10, 'B'), what: 'cancel-discharge', stay: stay('VA') }, 'cancel', rules);
    expect(said.outcome).toBe('withdrawn');
    expect(typesOf(said.events)).toContain('a discharge.withdrawn');
    const corrected = decide(merged, prescription(10, 'B', 'Testpril 10'), 'line', rules);
    expect(corrected.outcome).toBe('correction');
    expect(corrected.person.lines).toHaveLength(1);
  });

  it('lets a death that was told of one end the follow-up of the other, and takes that back when they are two', () => {
    const dead: OfOnePerson = { ...base(7, 'B'), what: 'update', patient: { ...base(7, 'B').patient, deceased: true } };
    const merged = mergeOfAIntoB(hear(nobody(A), discharge(5, 'A')), hear(nobody(B), dead)).person;
    expect(merged.discharges[0]!.published!.followUp).toEqual({ wanted: false, reason: 'deceased' });
    const a = [merged.patient, ...merged.others].find(({ patientId }) => patientId === A)!;
    const parted = decideParting({ ...merged, patient: a, others: [merged.patient] }, { at: time(12), receivedAt: time(12), by: 'command' }, rules);
    expect(parted.person.discharges[0]!.published!.followUp).toEqual({ wanted: true });
    expect(typesOf(parted.events)).toEqual(expect.arrayContaining(['a patients.merged', 'b patients.merged', 'a discharge.recorded', 'a patient.recorded']));
    expect(parted.events.find(({ type, data }) => type === 'care.patients.merged.v1' && data.patientId === A)!.data).toMatchObject({ survivorId: A, together: [A], version: 2 });
    expect(typesOf(parted.events)).not.toContain('b patient.recorded');
  });

  it('knows a record by its number alone, and says nothing else of it', () => {
    const { events, person } = mergeOfAIntoB(nobody(A), hear(nobody(B), discharge(6, 'B')));
    expect(typesOf(events).sort()).toEqual(['a patients.merged', 'b patients.merged']);
    // What was on its way under the old number is filed under it, and is the survivor's.
    const a = [person.patient, ...person.others].find(({ patientId }) => patientId === A)!;
    const late = decide({ ...person, patient: a, others: [person.patient] }, discharge(5, 'A'), 'late', rules);
    expect(typesOf(late.events)).toEqual(['a patient.recorded', 'a encounter.recorded', 'a discharge.recorded']);
  });
});

describe('a stay that was booked on another person', () => {
  const move = (hour: number): SeveralPersons & { what: 'move-stay' } => ({ ...base(hour, 'B'), what: 'move-stay', stay: stay('V9'), from: [number('A')], visit: { value: 'VA' } });

  it('was none there, and is one here with all that was said of it', () => {
    const [a, b] = [hear(nobody(A), discharge(5, 'A')), hear(nobody(B), { ...base(6, 'B'), what: 'update' })];
    const { events, outcome, person } = decideMove(b, a, move(9), 'move', rules);
    expect(outcome).toBe('correction');
    expect(typesOf(events)).toEqual(expect.arrayContaining(['a encounter.withdrawn', 'a discharge.withdrawn', 'b encounter.recorded', 'b discharge.recorded']));
    expect(person.discharges.filter(({ published }) => !published!.withdrawn)).toMatchObject([{ patientId: B, published: { dischargedAt: time(5) } }]);
    const again = decideMove({ ...person, others: [], encounters: person.encounters.filter((one) => one.patientId === B), discharges: person.discharges.filter((one) => one.patientId === B) },
      { ...person, patient: person.others[0]!, others: [], encounters: person.encounters.filter((one) => one.patientId === A), discharges: person.discharges.filter((one) => one.patientId === A) }, move(9), 'move', rules);
    expect(again).toMatchObject({ outcome: 'repeat', events: [] });
  });

  it('has only another number where both records are one person’s already', () => {
    const merged = mergeOfAIntoB(hear(nobody(A), discharge(5, 'A')), hear(nobody(B), { ...base(6, 'B'), what: 'update' })).person;
    const { events, person } = decideMove(merged, merged, move(10), 'move', rules);
    expect(typesOf(events)).not.toContain('a encounter.withdrawn');
    expect(person.encounters).toHaveLength(1);
    expect(person.discharges).toMatchObject([{ patientId: A, published: { withdrawn: false } }]);
    // Under the new number it is the same stay.
    expect(decide(person, { ...base(11, 'B'), what: 'cancel-discharge', stay: stay('V9') }, 'cancel', rules).outcome).toBe('withdrawn');
  });

  it('is heard of as a stay of the person when nothing was known of it', () => {
    expect(decideMove(hear(nobody(B), { ...base(6, 'B'), what: 'update' }), nobody(A), move(9), 'move', rules)).toMatchObject({ reason: 'nothing-to-move' });
  });
});
