import fc from 'fast-check';
import { decide, type Decision, type OfOnePerson } from './decide.js';
import type { FollowUpRules } from './follow-up.js';
import { newPatient } from './patient.js';
import type { Person } from './person.js';
import type { Source, StaySaid } from './said.js';

type Said = OfOnePerson;

const rules: FollowUpRules = {
  dispositions: { '20': 'deceased', '50': 'hospice', '02': 'left-to-inpatient-care', '03': 'left-to-inpatient-care' },
  notInpatient: ['E', 'O', 'P', 'R'],
};
const PATIENT = '11111111-1111-5111-8111-111111111111';
const nobody = (): Person => ({ patient: newPatient(PATIENT), others: [], encounters: [], discharges: [], lines: [] });

const time = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
const stay = (more: Partial<StaySaid> = {}): StaySaid => ({
  visit: { value: 'V1' }, facility: { code: 'NSH' }, zone: 'America/New_York', encounterClass: 'I', admittedAt: time(0), diagnoses: [], ...more,
});
const base = (hour: number): Pick<Said, 'sender' | 'controlId' | 'at' | 'atSource' | 'receivedAt' | 'patient' | 'flags'> => ({
  sender: 'A|B', controlId: `c${hour}`, at: time(hour), atSource: 'EVN-2', receivedAt: time(hour),
  patient: { identifiers: [{ kind: 'record-number', own: true, authority: 'NSH', value: '1' }], name: { family: `Name${hour}`, given: 'A' } },
  flags: [],
});

const admission = (hour: number, more: Partial<StaySaid> = {}): Said => ({ ...base(hour), what: 'admission', stay: stay(more) });
const discharge = (hour: number, more: Partial<StaySaid> = {}, left = hour, source: Source = 'PV1-45'): Said => ({
  ...base(hour), what: 'discharge', stay: stay(more), discharge: { at: time(left), source },
});
/** Arrived so many milliseconds after it was written. */
const arrived = (said: Said, after: number): Said => ({ ...said, receivedAt: new Date(Date.parse(said.at) + after).toISOString() });
const cancel = (hour: number): Said => ({ ...base(hour), what: 'cancel-discharge', stay: stay() });
const cancelStay = (hour: number): Said => ({ ...base(hour), what: 'cancel-stay', stay: { ...stay(), encounterClass: undefined, diagnoses: [] } as StaySaid });
const plan = (hour: number, expected = hour + 3): Said => ({ ...base(hour), what: 'plan-discharge', stay: stay(), expectedAt: time(expected) });
const cancelPlan = (hour: number): Said => ({ ...base(hour), what: 'cancel-plan', stay: stay() });
const update = (hour: number, more: Partial<StaySaid> = {}): Said => ({ ...base(hour), what: 'update', stay: stay(more) });
const prescription = (hour: number, order: string): Said => ({
  ...base(hour), what: 'prescription', stay: { visit: { value: 'V1' } }, prescription: { orderId: order, medicine: { text: `medicine ${hour}` } },
});

const run = (messages: readonly (Said & { id?: string })[], from: Person = nobody()): { person: Person; decisions: readonly Decision[] } => {
  const decisions: Decision[] = [];
  let person = from;
  for (const said of messages) {
    const decision = decide(person, said, `${said.what}-${said.at}-${said.controlId}`, rules);
    decisions.push(decision);
    person = decision.person;
  }
  return { person, decisions };
};
const outcomes = (messages: readonly Said[]): readonly string[] =>
  run(messages).decisions.map(({ outcome, reason }) => (reason ? `${outcome} (${reason})` : outcome));
const dischargesOf = (person: Person): readonly string[] =>
  person.discharges.map(({ n, published }) => `${n} ${published!.withdrawn ? 'withdrawn' : 'stands'} ${published!.dischargedAt}`).sort();

describe('what a message means', () => {
  it('follows an admission and a discharge', () => {
    const { decisions } = run([admission(1), discharge(5)]);
    expect(decisions.map((one) => one.outcome)).toEqual(['admission', 'discharge']);
    expect(decisions[1]!.events.map((event) => event.type)).toEqual(['care.patient.recorded.v1', 'care.encounter.recorded.v1', 'care.discharge.recorded.v1']);
    expect(decisions[1]).toMatchObject({ dischargedAt: time(5), timeSource: 'PV1-45' });
  });

  it('keeps place and zone with the better known time: a later summary does not move the day that deadlines count from', () => {
    const elsewhere = discharge(9, { facility: { code: 'SUMMARIES' }, zone: 'Pacific/Auckland', disposition: '06' }, 5, 'effectiveTime');
    const { person } = run([discharge(5), elsewhere]);
    expect(person.discharges[0]!.published).toMatchObject({ facility: { code: 'NSH' }, facilityZone: 'America/New_York', dischargedAt: time(5), disposition: '06' });
  });

  it('takes a discharge back when the stay is said to go on after it, and by that alone', () => {
    const still = (hour: number): Said => ({ ...admission(hour), still: true }) as Said;
    expect(outcomes([discharge(5), still(6)])).toEqual(['discharge', 'withdrawn']);
    expect(dischargesOf(run([still(6), discharge(5)]).person)).toEqual(dischargesOf(run([discharge(5), still(6)]).person));
    expect(outcomes([still(4), discharge(5)])).toEqual(['admission', 'discharge']);
    expect(outcomes([discharge(5), admission(6)])).toEqual(['discharge', 'update']);
    expect(dischargesOf(run([discharge(5), still(6), discharge(9)]).person)).toEqual([`1 withdrawn ${time(5)}`, `2 stands ${time(9)}`]);
  });

  it('publishes nothing for a repeat under another control id', () => {
    const again = { ...discharge(5), controlId: 'another' };
    const { decisions } = run([discharge(5), again]);
    expect(decisions[1]).toMatchObject({ outcome: 'repeat', dischargeId: decisions[0]!.dischargeId, events: [] });
  });

  it('corrects the same discharge when its facts change', () => {
    const { decisions, person } = run([discharge(5), discharge(6, { disposition: '01' }, 5)]);
    expect(decisions[1]).toMatchObject({ outcome: 'correction', dischargeId: decisions[0]!.dischargeId });
    expect(person.discharges).toHaveLength(1);
    expect(person.discharges[0]).toMatchObject({ version: 2, published: { disposition: '01' } });
  });

  it.each(['a', 'z'])('takes what came later within one second of the sender for the correction, whatever its name (%s)', (controlId) => {
    const later = { ...discharge(5, { disposition: '06', diagnoses: [{ code: 'I10' }] }), controlId, receivedAt: new Date(Date.parse(time(5)) + 1).toISOString() };
    const { decisions, person } = run([{ ...discharge(5, { disposition: '01' }), controlId: 'm' }, later]);
    expect(decisions[1]).toMatchObject({ outcome: 'correction', dischargeId: decisions[0]!.dischargeId });
    expect(person.discharges[0]?.published).toMatchObject({ disposition: '06', diagnoses: [{ code: 'I10' }] });
  });

  it.each<[Source, Source]>([['PV1-45', 'received'], ['PV1-45', 'EVN-6'], ['EVN-6', 'EVN-2'], ['EVN-2', 'MSH-7'], ['stated', 'EVN-2']])('keeps a time from %s when a later account has one from %s', (good, rough) => {
    const { decisions, person } = run([discharge(5, {}, 5, good), discharge(8, { disposition: '06' }, 8, rough), discharge(9, { disposition: '06' }, 9, rough)]);
    expect(decisions.map((one) => one.outcome)).toEqual(['discharge', 'correction', 'repeat']);
    expect(decisions[1]).toMatchObject({ dischargedAt: time(5), timeSource: good, flags: ['better-time-kept'] });
    expect(person.discharges[0]!.published).toMatchObject({ dischargedAt: time(5), dischargedAtSource: good, disposition: '06' });
  });

  it('takes a time from as good a place or a better one, and keeps it when the older account comes last', () => {
    const rough = discharge(5, {}, 5, 'EVN-2');
    expect(dischargesOf(run([rough, discharge(6, {}, 4)]).person)).toEqual([`1 stands ${time(4)}`]);
    expect(dischargesOf(run([discharge(6, {}, 4), rough]).person)).toEqual([`1 stands ${time(4)}`]);
    expect(dischargesOf(run([discharge(5), discharge(6, {}, 4)]).person)).toEqual([`1 stands ${time(4)}`]);
    expect(run([discharge(5), discharge(6, {}, 4)]).decisions[1]).toMatchObject({ outcome: 'correction', flags: [] });
  });

  it('counts a new discharge in the second of the cancel before it', () => {
    const again = arrived(discharge(6, {}, 6), 2);
    expect(outcomes([discharge(5), arrived(cancel(6), 1), again])).toEqual(['discharge', 'withdrawn', 'discharge']);
    expect(outcomes([arrived(discharge(6), 1), arrived(cancel(6), 2), { ...arrived(discharge(6, { disposition: '06' }), 3), controlId: 'x' }])).toEqual(['discharge', 'withdrawn', 'discharge']);
    expect(dischargesOf(run([again, arrived(cancel(6), 1), discharge(5)]).person)).toEqual([`1 stands ${time(6)}`, `2 withdrawn ${time(5)}`]);
  });

  it('takes a cancel for one of the discharge when it came after it in the same second, or when nothing says which was first', () => {
    expect(outcomes([arrived(discharge(5), 1), arrived(cancel(5), 2)])).toEqual(['discharge', 'withdrawn']);
    expect(outcomes([discharge(5), cancel(5)])).toEqual(['discharge', 'withdrawn']);
    expect(outcomes([cancel(5), discharge(5)])).toEqual(['withdrawn (before-its-discharge)', 'withdrawn (cancelled-before)']);
  });

  it('withdraws by a cancel, and counts a discharge after it as the next one', () => {
    const { person, decisions } = run([discharge(5), cancel(6), discharge(7)]);
    expect(decisions.map((one) => one.outcome)).toEqual(['discharge', 'withdrawn', 'discharge']);
    expect(dischargesOf(person)).toEqual([`1 withdrawn ${time(5)}`, `2 stands ${time(7)}`]);
    expect(decisions[1]!.events.map((event) => event.type)).toContain('care.discharge.withdrawn.v1');
  });

  it('keeps a cancel that comes before its discharge', () => {
    expect(outcomes([cancel(6), discharge(5)])).toEqual(['withdrawn (before-its-discharge)', 'withdrawn (cancelled-before)']);
    expect(outcomes([cancel(6), discharge(7)])).toEqual(['withdrawn (before-its-discharge)', 'discharge']);
  });

  it('does not grow with a sender that repeats itself', () => {
    const { person, decisions } = run(Array.from({ length: 200 }, (_, i) => discharge(5 + i, {}, 5)));
    expect(person.encounters[0]!.facts.length).toBeLessThan(50);
    expect(new Set(decisions.slice(1).map((one) => one.outcome))).toEqual(new Set(['repeat']));
  });

  it('lets the later half keep its number when a late cancel splits an account', () => {
    const { person } = run([discharge(7), discharge(5), cancel(6)]);
    expect(dischargesOf(person)).toEqual([`1 stands ${time(7)}`, `2 withdrawn ${time(5)}`]);
  });

  describe('a stay that was none', () => {
    const typesOf = (messages: readonly Said[]): readonly string[] => run(messages).decisions.flatMap(({ events }) => events.map(({ type }) => type.replace(/care\.|\.v1/g, '')));

    it('is taken back with its discharge', () => {
      expect(outcomes([admission(1), discharge(5), cancelStay(6)])).toEqual(['admission', 'discharge', 'withdrawn']);
      expect(typesOf([admission(1), discharge(5), cancelStay(6)])).toEqual(['patient.recorded', 'encounter.recorded', 'patient.recorded', 'encounter.recorded', 'discharge.recorded', 'patient.recorded', 'encounter.withdrawn', 'discharge.withdrawn']);
      expect(outcomes([admission(1), cancelStay(2), cancelStay(2)])).toEqual(['admission', 'withdrawn', 'repeat']);
    });

    it('is none whichever was heard of first', () => {
      const { person, decisions } = run([cancelStay(6), admission(1), discharge(5)]);
      expect(decisions.map(({ outcome, reason }) => reason ?? outcome)).toEqual(['before-its-admission', 'admission', 'cancelled-before']);
      expect(person.encounters[0]!.published).toBeUndefined();
      expect(dischargesOf(person)).toEqual([`1 withdrawn ${time(5)}`]);
    });

    it('is one again when the patient is admitted to it later', () => {
      expect(run([admission(1), cancelStay(2), admission(3)]).person.encounters[0]!.published).toMatchObject({ status: 'admitted' });
      expect(run([admission(3), cancelStay(2), admission(1)]).person.encounters[0]!.published).toMatchObject({ status: 'admitted' });
    });
  });

  describe('a planned discharge', () => {
    it('is no discharge, and is the one that happens', () => {
      const { person, decisions } = run([admission(1), plan(2), discharge(5)]);
      expect(decisions.map((one) => one.outcome)).toEqual(['admission', 'planned', 'discharge']);
      expect(decisions[1]!.events.at(-1)).toMatchObject({ type: 'care.discharge.planned.v1', data: { n: 1, version: 1, expectedAt: time(5), withdrawn: false } });
      expect(decisions[2]!.events.at(-1)).toMatchObject({ type: 'care.discharge.recorded.v1', data: { n: 1, version: 2, dischargeId: decisions[1]!.dischargeId } });
      expect(person.encounters[0]!.published).toMatchObject({ status: 'discharged' });
    });

    it('is taken back, and keeps its number when it is planned again', () => {
      const { decisions } = run([admission(1), plan(2), cancelPlan(3), plan(4), discharge(6)]);
      expect(decisions.map((one) => one.outcome)).toEqual(['admission', 'planned', 'withdrawn', 'planned', 'discharge']);
      expect(new Set(decisions.slice(1).map((one) => one.dischargeId)).size).toBe(1);
    });

    it('says nothing of who has left', () => {
      expect(outcomes([discharge(5), plan(6), cancelPlan(7)])).toEqual(['discharge', 'repeat (already-left)', 'repeat (already-left)']);
      expect(outcomes([discharge(5), plan(3)])).toEqual(['discharge', 'repeat (already-left)']);
      expect(outcomes([cancelPlan(3)])).toEqual(['withdrawn (nothing-to-withdraw)']);
    });
  });

  it('does not reopen by a late admission or an update', () => {
    const { person, decisions } = run([discharge(5), admission(1), update(8, { diagnoses: [{ code: 'I10' }] })]);
    expect(decisions.map((one) => one.outcome)).toEqual(['discharge', 'repeat', 'update']);
    expect(person.encounters[0]!.published).toMatchObject({ status: 'discharged' });
    expect(person.discharges[0]!.published!.diagnoses).toEqual([{ code: 'I10' }]);
  });

  it('says of an update for an unknown stay only what it says of the person', () => {
    const { person, decisions } = run([update(2, { diagnoses: [{ code: 'E11' }] })]);
    expect(decisions[0]!.events.map((event) => event.type)).toEqual(['care.patient.recorded.v1']);
    expect(run([discharge(5)], person).person.discharges[0]!.published!.diagnoses).toEqual([{ code: 'E11' }]);
  });

  it.each([
    [{ disposition: '20' }, 'deceased'],
    [{ disposition: '50' }, 'hospice'],
    [{ disposition: '2' }, 'left-to-inpatient-care'],
    [{ encounterClass: 'E' }, 'not-an-inpatient-stay'],
  ])('does not follow up %j', (more, reason) => {
    expect(outcomes([discharge(5, more)])).toEqual([`not-followed-up (${reason})`]);
  });

  it.each([{}, { disposition: '99' }, { encounterClass: undefined }, { encounterClass: 'U' }])('follows up when nothing known speaks against it: %j', (more) => {
    expect(outcomes([discharge(5, more)])).toEqual(['discharge']);
  });

  it('ends the follow-up of whoever is said to have died later', () => {
    const death: Said = { ...base(9), what: 'update', patient: { ...base(9).patient, deceased: true } };
    const { person } = run([discharge(5), death]);
    expect(person.discharges[0]!.published!.followUp).toEqual({ wanted: false, reason: 'deceased' });
  });

  it('flags a discharge before its admission, and calls old news backdated', () => {
    const { decisions, person } = run([{ ...discharge(5, { admittedAt: time(9) }), receivedAt: '2026-06-01T00:00:00.000Z' }]);
    expect(decisions[0]!.flags).toContain('discharged-before-admitted');
    expect(person.discharges[0]!.published!.backdated).toBe(true);
  });

  it('tells stays that share an account apart by admission time', () => {
    const one = { visit: undefined, account: { value: 'ACC' }, admittedAt: time(0) };
    const two = { visit: undefined, account: { value: 'ACC' }, admittedAt: time(50) };
    const { person } = run([discharge(5, one), discharge(60, two)]);
    expect(person.encounters).toHaveLength(2);
    expect(run([discharge(6, one, 5)], person).person.encounters).toHaveLength(2);
  });

  it('ties a prescription to the discharge whichever comes first', () => {
    const first = run([prescription(4, 'rx1'), discharge(5)]).person.lines[0]!;
    const last = run([discharge(5), prescription(4, 'rx1')]).person.lines[0]!;
    expect(first.published).toEqual(last.published);
    expect(first.published?.dischargeId).toBeDefined();
    expect([first.version, last.version]).toEqual([2, 1]);
  });
});

describe('in any order of arrival', () => {
  const message = fc.oneof(
    fc.integer({ min: 1, max: 9 }).map((hour) => admission(hour)),
    fc.record({ hour: fc.integer({ min: 1, max: 9 }), left: fc.integer({ min: 1, max: 2 }), disposition: fc.constantFrom(undefined, '01', '03'), source: fc.constantFrom<Source>('PV1-45', 'EVN-2', 'received') }).map(
      ({ hour, left, disposition, source }) => discharge(hour, { ...(disposition ? { disposition } : {}) }, left, source),
    ),
    fc.integer({ min: 1, max: 9 }).map(cancel),
    fc.integer({ min: 1, max: 9 }).map(cancelStay),
    fc.integer({ min: 1, max: 9 }).map((hour) => plan(hour)),
    fc.integer({ min: 1, max: 9 }).map(cancelPlan),
    fc.record({ hour: fc.integer({ min: 1, max: 9 }), code: fc.constantFrom('I10', 'E11') }).map(({ hour, code }) => update(hour, { diagnoses: [{ code }], disposition: '06' })),
    fc.record({ hour: fc.integer({ min: 1, max: 9 }), order: fc.constantFrom('rx1', 'rx2') }).map(({ hour, order }) => prescription(hour, order)),
  );
  const cases = fc.array(fc.tuple(message, fc.nat(3)), { minLength: 1, maxLength: 8 }).chain((some) =>
    fc.tuple(fc.constant(some.map(([one, after], i) => ({ ...arrived(one, after), controlId: `m${i}` }))), fc.shuffledSubarray(some.map((_, i) => i), { minLength: some.length })),
  );

  /** What a person sees: numbers and versions tell how it was learned, and may differ. */
  const seen = (person: Person): unknown => {
    const { encounters, lines, patient } = person;
    const discharges = person.discharges.flatMap(({ published }) => published ?? []);
    const plans = person.discharges.flatMap(({ published, plan }) => (published || !plan || plan.withdrawn ? [] : [plan]));
    return {
      patient: patient.published,
      // One that is none may never have been spoken of.
      encounters: encounters.flatMap(({ published }) => (published && published.status !== 'withdrawn' ? [published] : [])),
      standing: discharges.filter((one) => !one.withdrawn).map(({ dischargeId: _id, n: _n, ...facts }) => facts),
      withdrawn: discharges.filter((one) => one.withdrawn).length,
      plans: plans.map(({ expectedAt }) => expectedAt),
      lines: lines.map((one) => ({ ...one.published, dischargeId: discharges.find((d) => d.dischargeId === one.published?.dischargeId)?.dischargedAt })).sort((a, b) => (a.lineId! < b.lineId! ? -1 : 1)),
    };
  };

  it('ends in the same state', () => {
    fc.assert(
      fc.property(cases, ([messages, order]) => {
        const inOrder = run(messages).person;
        const shuffled = run(order.map((i) => messages[i]!)).person;
        expect(seen(shuffled)).toEqual(seen(inOrder));
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets arrival decide nothing but what bears the same second', () => {
    fc.assert(
      fc.property(cases, ([messages, order]) => {
        const apart = messages.map((one, i) => ({ ...one, at: new Date(Date.parse(one.at) + i * 1_000).toISOString() }));
        const arriving = (indexes: readonly number[]): readonly Said[] => indexes.map((i, n) => ({ ...apart[i]!, receivedAt: time(10 + n) }));
        expect(seen(run(arriving(order)).person)).toEqual(seen(run(arriving(messages.map((_, i) => i))).person));
      }),
      { numRuns: 1_000 },
    );
  });

  it('changes nothing when everything comes again', () => {
    fc.assert(
      fc.property(cases, ([messages]) => {
        const { person } = run(messages);
        const again = run(messages, person);
        expect(again.person).toEqual(person);
        expect(again.decisions.flatMap((one) => one.events)).toEqual([]);
      }),
    );
  });

  it('never gives a number twice, nor takes one away', () => {
    fc.assert(
      fc.property(cases, ([messages, order]) => {
        let person = nobody();
        const seenIds = new Set<string>();
        for (const i of order) {
          person = decide(person, messages[i]!, `m${i}`, rules).person;
          const ids = person.discharges.map((one) => one.dischargeId);
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of seenIds) expect(ids).toContain(id);
          for (const id of ids) seenIds.add(id);
        }
      }),
    );
  });
});
