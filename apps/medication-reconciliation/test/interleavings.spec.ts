import fc from 'fast-check';
import type { ConsumedBy, DataOf, EventOf, Publishes } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { eventOf } from '@throughline/testing/event-of';
import { hearing, keptInMemory } from '@throughline/testing/in-memory';
import { interleave, risingVersions, turns, unevenVersions } from '@throughline/testing/interleavings';
import { consumes } from '../src/adapters/events/consumes.js';
import type { MedicationLine } from '../src/domain/medication-line.js';
import type { Reconciliation } from '../src/domain/reconciliation.js';

type Heard = EventOf<ConsumedBy<'medication-reconciliation'>>;

/** Two ids of one person: facts filed under each arrive in order, but not against each other. */
const KEYS = [idOf('test', 'patient', 'a'), idOf('test', 'patient', 'b')] as const;

const discharge = (key: number, stay: number, version: number, wanted: boolean, withdrawn: boolean): Heard => {
  const data: DataOf<'care.discharge.recorded.v1'> = {
    patientId: KEYS[key]!,
    version,
    dischargeId: idOf('test', 'discharge', key, stay),
    encounterId: idOf('test', 'stay', key, stay),
    n: 1,
    facility: { code: 'GH' },
    facilityZone: 'America/New_York',
    dischargedAt: '2026-03-02T15:00:00Z',
    dischargedAtSource: 'PV1-45',
    dischargeDate: '2026-03-02',
    diagnoses: [],
    followUp: wanted ? { wanted: true } : { wanted: false, reason: 'hospice' },
    backdated: false,
    withdrawn,
  };
  return withdrawn ? eventOf('care.discharge.withdrawn.v1', data) : eventOf('care.discharge.recorded.v1', data);
};

const line = (key: number, n: number, version: number, belongs: 'stay' | 'discharge' | 'nothing', stay: number): Heard =>
  eventOf('care.prescription.added.v1', {
    patientId: KEYS[key]!,
    version,
    lineId: idOf('test', 'line', key, n),
    ...(belongs === 'stay' ? { encounterId: idOf('test', 'stay', key, stay) } : {}),
    ...(belongs === 'discharge' ? { dischargeId: idOf('test', 'discharge', key, stay), encounterId: idOf('test', 'stay', key, stay) } : {}),
    source: 'ward',
    medicine: { text: `medicine ${n}, as of ${version}` },
  });

/** What intake says of one key, in the order it says it: each subject's versions rise. */
const story = (key: number): fc.Arbitrary<Heard[]> =>
  fc
    .array(
      fc.oneof(
        fc.record({ kind: fc.constant('discharge' as const), subject: fc.nat(1), wanted: fc.boolean(), withdrawn: fc.boolean() }),
        fc.record({ kind: fc.constant('line' as const), subject: fc.nat(2), belongs: fc.constantFrom('stay' as const, 'discharge' as const, 'nothing' as const), stay: fc.nat(1) }),
      ),
      { maxLength: 8 },
    )
    .map((facts) => {
      const versionOf = risingVersions();
      return facts.map((fact) => {
        const version = versionOf(`${fact.kind}${fact.subject}`);
        return fact.kind === 'discharge' ? discharge(key, fact.subject, version, fact.wanted, fact.withdrawn) : line(key, fact.subject, version, fact.belongs, fact.stay);
      });
    });

const streamOf = (event: Heard): string => event.data.patientId;

const endOf = async (events: readonly Heard[]) => {
  const lines = keptInMemory<MedicationLine>(() => true);
  const reconciliations = keptInMemory<Reconciliation>(() => true);
  const published: Publishes<'medication-reconciliation'>[] = [];
  const hear = hearing(consumes, () => ({
    now: '2026-03-02T15:00:00.000Z',
    catchingUp: false,
    keepPatient: () => undefined,
    nameAs: (patientId: string) => [patientId],
    lines: lines.port,
    reconciliations: reconciliations.port,
    publish: (...said) => void published.push(...said),
  }));
  for (const event of events) await hear(event);
  return { seen: reconciliations.all().map(({ version: _version, ...rest }) => rest), lines: lines.all(), published };
};

describe('any interleaving of what intake says', () => {
  it('ends in the same reconciliations and lines', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), story(1), turns, async (a, b, chosen) => {
        const straight = await endOf([...a, ...b]);
        const shuffled = await endOf(interleave([...a, ...b], chosen, { streamOf }));
        expect(shuffled.seen).toEqual(straight.seen);
        expect(shuffled.lines).toEqual(straight.lines);
      }),
      { numRuns: 500 },
    );
  });

  it('publishes every change as a whole fact, versions without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), async (events) => {
        const { seen, published } = await endOf(events);
        expect(unevenVersions(published)).toEqual([]);
        const last = new Map(published.map((event) => [event.data.reconciliationId, event.data]));
        for (const it of seen) expect(last.get(it.id)).toMatchObject({ status: it.status, lineIds: it.lineIds });
      }),
    );
  });
});
