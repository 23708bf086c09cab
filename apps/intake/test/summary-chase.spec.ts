import type { Publishes } from '@throughline/contracts/flow';
import fc from 'fast-check';
import { decideInbound } from '../src/application/decide-inbound.js';
import type { IntakeTx } from '../src/application/ports.js';
import type { DocumentState } from '../src/domain/document.js';
import { newPatient } from '../src/domain/patient.js';
import type { Person } from '../src/domain/person.js';
import type { SaidOnce, StaySaid } from '../src/domain/said.js';
import type { SummaryChase } from '../src/domain/summary-chase.js';

const PATIENT = '11111111-1111-5111-8111-111111111111';
const NOW = '2026-03-06T00:00:00.000Z';
const RULES = { dispositions: { '03': 'left-to-inpatient-care' as const }, notInpatient: ['E'], emergency: ['E'] };

/** One person's rows in memory, each message in a transaction of its own. */
class World {
  person: Person = { patient: newPatient(PATIENT), others: [], encounters: [], discharges: [], lines: [] };
  readonly documents = new Map<string, DocumentState>();
  readonly chases = new Map<string, SummaryChase>();
  reads = 0;

  constructor(private readonly ladder: readonly number[] = [300_000, 345_600_000]) {}

  async hear(said: SaidOnce): Promise<void> {
    await decideInbound({ inboundId: said.controlId, said, controlIdReused: false }, { patientId: PATIENT, learned: [], flags: [] }, this.#tx());
  }

  /** Discharges whose summary is asked for. */
  get waiting(): readonly string[] {
    return [...this.chases.values()].filter(({ status }) => status === 'waiting').map(({ dischargeId }) => this.person.discharges.find((one) => one.dischargeId === dischargeId)!).map(({ n, encounterId }) => `${this.visitOf(encounterId)} ${n}`).sort();
  }

  visitOf(encounterId: string): string {
    return this.person.encounters.find((one) => one.encounterId === encounterId)?.visits.join().replace('\u001f', '') ?? '';
  }

  #tx(): IntakeTx {
    const touched = new Set<string>();
    const all = <T>(values: Map<string, T>): Promise<readonly T[]> => Promise.resolve(void (this.reads += 1)).then(() => [...values.values()]);
    return {
      rules: RULES, summaryKinds: ['DS'],
      chase: {
        ladder: this.ladder, now: NOW, touched,
        documents: () => all(this.documents), of: () => all(this.chases),
        keep: (chase) => void this.chases.set(chase.chaseId, chase), disclose: () => undefined, wake: () => undefined,
      },
      person: () => Promise.resolve(this.person),
      keep: (_before, after) => void (this.person = after),
      document: (_patientId, id) => Promise.resolve(this.documents.get(id)),
      keepDocument: (one) => void this.documents.set(one.documentId, one),
      statement: () => Promise.resolve(undefined), keepStatement: () => undefined,
      nameAs: () => undefined, keepApart: () => undefined, learn: () => undefined, record: () => undefined,
      publish: (...events: readonly Publishes<'intake'>[]) => events.forEach(({ type, data }) => (type.startsWith('care.discharge.') || type === 'care.document.received.v1' ? touched.add(data.patientId) : undefined)),
    };
  }
}

const time = (hour: number): string => new Date(Date.UTC(2026, 2, 5, hour)).toISOString();
const stay = (visit: string, more: Partial<StaySaid> = {}): StaySaid => ({ visit: { value: visit }, facility: { code: 'NSH' }, zone: 'America/New_York', encounterClass: 'I', diagnoses: [], ...more });
const base = (hour: number) => ({
  sender: 'A|B', controlId: `c${hour}`, at: time(hour), atSource: 'EVN-2' as const, receivedAt: time(hour), flags: [],
  patient: { identifiers: [{ kind: 'record-number' as const, own: true, authority: 'NSH', value: '1' }] },
});
const discharge = (hour: number, visit: string): SaidOnce => ({ ...base(hour), what: 'discharge', stay: stay(visit), discharge: { at: time(hour), source: 'PV1-45' } });
const cancel = (hour: number, visit: string): SaidOnce => ({ ...base(hour), what: 'cancel-discharge', stay: stay(visit) });
const toNursingHome = (hour: number, visit: string): SaidOnce => ({ ...base(hour), what: 'update', stay: stay(visit, { disposition: '03' }) });
const document = (hour: number, visit: string, more: { kind?: string; withdrawn?: boolean; completion?: string; number?: string } = {}): SaidOnce => ({
  ...base(hour), what: 'document', stay: { visit: { value: visit } },
  document: { number: more.number ?? `D-${visit}`, kind: { code: more.kind ?? 'DS' }, withContent: true, withdrawn: more.withdrawn ?? false, ...(more.completion === undefined ? {} : { completion: more.completion }) },
});

const heard = async (messages: readonly SaidOnce[]): Promise<World> => {
  const world = new World();
  for (const said of messages) await world.hear(said);
  return world;
};

describe('whose summary is asked for', () => {
  it.each<[string, readonly SaidOnce[], readonly string[]]>([
    ['a discharge alone', [discharge(1, 'V1')], ['V1 1']],
    ['its summary came', [discharge(1, 'V1'), document(2, 'V1')], []],
    ['its summary had come before', [document(0, 'V1'), discharge(1, 'V1')], []],
    ['another stay’s summary came', [discharge(1, 'V1'), document(2, 'V2')], ['V1 1']],
    ['another kind of document came', [discharge(1, 'V1'), document(2, 'V1', { kind: 'PN' })], ['V1 1']],
    ['a draft came', [discharge(1, 'V1'), document(2, 'V1', { completion: 'IP' })], ['V1 1']],
    ['the draft was finished', [discharge(1, 'V1'), document(2, 'V1', { completion: 'IP' }), document(3, 'V1', { completion: 'LA' })], []],
    ['its summary was taken back', [discharge(1, 'V1'), document(2, 'V1'), document(3, 'V1', { withdrawn: true })], ['V1 1']],
    ['the discharge was taken back', [discharge(1, 'V1'), cancel(2, 'V1')], []],
    ['another discharge of the stay followed', [discharge(1, 'V1'), cancel(2, 'V1'), discharge(3, 'V1')], ['V1 2']],
    ['the patient left to a nursing home', [discharge(1, 'V1'), toNursingHome(2, 'V1')], []],
    ['two stays', [discharge(1, 'V1'), discharge(2, 'V2'), document(3, 'V2')], ['V1 1']],
  ])('%s', async (_what, messages, waiting) => {
    expect((await heard(messages)).waiting).toEqual(waiting);
  });

  it('whatever the order in which it is heard', async () => {
    const news = [
      discharge(1, 'V1'), cancel(2, 'V1'), discharge(3, 'V1'), document(4, 'V1'), document(5, 'V1', { withdrawn: true }), document(6, 'V1', { number: 'D-other' }), toNursingHome(7, 'V1'),
      discharge(8, 'V2'), document(9, 'V2', { completion: 'IP' }), document(10, 'V2', { completion: 'AU' }), cancel(11, 'V2'),
    ];
    await fc.assert(
      fc.asyncProperty(fc.subarray(news).chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))), async ([inOrder, shuffled]) => {
        const [a, b] = [await heard(inOrder), await heard([...shuffled, ...shuffled.slice(0, 2)])];
        // Which number a discharge of the stay has is by when it was first heard of.
        const stays = ({ waiting }: World): readonly string[] => waiting.map((one) => one.split(' ')[0]!);
        expect(stays(b)).toEqual(stays(a));
      }),
      { numRuns: 200 },
    );
  });

  it('costs nothing without a source', async () => {
    const world = new World([]);
    await world.hear(discharge(1, 'V1'));
    expect([world.reads, world.chases.size]).toEqual([0, 0]);
  });
});
