import fc from 'fast-check';
import type { DataOf } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { inMemory } from './memory-tx.js';

type Discharge = DataOf<'care.discharge.recorded.v1'>;
type Line = DataOf<'care.prescription.added.v1'>;
type Step =
  | { readonly type: 'care.discharge.recorded.v1' | 'care.discharge.withdrawn.v1'; readonly data: Discharge }
  | { readonly type: 'care.prescription.added.v1'; readonly data: Line };

/** Two ids of one person: facts filed under each arrive in order, but not against each other. */
const KEYS = [idOf('test', 'patient', 'a'), idOf('test', 'patient', 'b')] as const;

const dischargeStep = (key: number, stay: number, version: number, wanted: boolean, withdrawn: boolean): Step => ({
  type: withdrawn ? 'care.discharge.withdrawn.v1' : 'care.discharge.recorded.v1',
  data: {
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
  },
});

const lineStep = (key: number, n: number, version: number, belongs: 'stay' | 'discharge' | 'nothing', stay: number): Step => ({
  type: 'care.prescription.added.v1',
  data: {
    patientId: KEYS[key]!,
    version,
    lineId: idOf('test', 'line', key, n),
    ...(belongs === 'stay' ? { encounterId: idOf('test', 'stay', key, stay) } : {}),
    ...(belongs === 'discharge' ? { dischargeId: idOf('test', 'discharge', key, stay), encounterId: idOf('test', 'stay', key, stay) } : {}),
    source: 'ward',
    medicine: { text: `medicine ${n}, as of ${version}` },
  },
});

/** What intake says of one key, in the order it says it: each subject's versions rise. */
const story = (key: number): fc.Arbitrary<Step[]> =>
  fc
    .array(
      fc.oneof(
        fc.record({ kind: fc.constant('discharge' as const), subject: fc.nat(1), wanted: fc.boolean(), withdrawn: fc.boolean() }),
        fc.record({ kind: fc.constant('line' as const), subject: fc.nat(2), belongs: fc.constantFrom('stay' as const, 'discharge' as const, 'nothing' as const), stay: fc.nat(1) }),
      ),
      { maxLength: 8 },
    )
    .map((facts) => {
      const versions = new Map<string, number>();
      return facts.map((fact): Step => {
        const version = (versions.get(`${fact.kind}${fact.subject}`) ?? 0) + 1;
        versions.set(`${fact.kind}${fact.subject}`, version);
        return fact.kind === 'discharge' ? dischargeStep(key, fact.subject, version, fact.wanted, fact.withdrawn) : lineStep(key, fact.subject, version, fact.belongs, fact.stay);
      });
    });

/** Merges the stories by `picks`, keeping each one's order; `again` delivers some of what was delivered before once more. */
const interleave = (stories: readonly (readonly Step[])[], picks: readonly number[], again: readonly number[]): Step[] => {
  const left = stories.map((steps) => [...steps]);
  const out: Step[] = [];
  for (let i = 0; left.some((steps) => steps.length > 0); i++) {
    const ready = left.filter((steps) => steps.length > 0);
    out.push(ready[(picks[i % Math.max(picks.length, 1)] ?? 0) % ready.length]!.shift()!);
    const repeat = again[i];
    if (repeat !== undefined && repeat % 3 === 0) out.push(out[repeat % out.length]!);
  }
  return out;
};

const endOf = async (steps: readonly Step[]) => {
  const service = inMemory();
  for (const step of steps) await service.handle(step.type, step.data);
  const seen = [...service.reconciliations.values()].map(({ version: _version, ...rest }) => rest).sort((a, b) => (a.id < b.id ? -1 : 1));
  const lines = [...service.lines.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const last = new Map(service.published.map((event) => [event.data.reconciliationId, event.data]));
  return { seen, lines, published: service.published, last };
};

describe('any interleaving of what intake says', () => {
  it('ends in the same reconciliations and lines', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), story(1), fc.array(fc.nat(9), { maxLength: 20 }), fc.array(fc.nat(30), { maxLength: 20 }), async (a, b, picks, again) => {
        const straight = await endOf([...a, ...b]);
        const shuffled = await endOf(interleave([a, b], picks, again));
        expect(shuffled.seen).toEqual(straight.seen);
        expect(shuffled.lines).toEqual(straight.lines);
      }),
      { numRuns: 500 },
    );
  });

  it('publishes every change as a whole fact, versions without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), async (steps) => {
        const { seen, published, last } = await endOf(steps);
        for (const it of seen) {
          const versions = published.filter((event) => event.data.reconciliationId === it.id).map((event) => event.data.version);
          expect(versions).toEqual(versions.map((_, i) => i + 1));
          expect(last.get(it.id)).toMatchObject({ status: it.status, lineIds: it.lineIds });
        }
      }),
    );
  });
});
