import fc from 'fast-check';
import { routeOf, type DataOf, type Publishes } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { consumes } from '../src/adapters/events/consumes.js';
import type { PatientFact, Tx } from '../src/application/ports.js';
import type { FollowUp } from '../src/domain/follow-up.js';

type Episode = DataOf<'care.episode.opened.v1'>;
type Type = 'care.episode.opened.v1' | 'care.episode.changed.v1' | 'care.episode.ended.v1';
interface Step {
  readonly type: Type;
  readonly data: Episode;
}

const NOW = '2026-03-02T15:00:00.000Z';
const KEYS = [idOf('test', 'patient', 'a'), idOf('test', 'patient', 'b')] as const;

/** The service's handlers over memory, with the platform's version check in front of them. */
const inMemory = () => {
  const patients = new Map<string, PatientFact>();
  const followUps = new Map<string, FollowUp>();
  const published: Publishes<'scheduling'>[] = [];
  const applied = new Map<string, number>();
  const tx: Tx = {
    now: NOW,
    patients: { get: async (_patient, id) => patients.get(id), put: (it) => void patients.set(it.patientId, it) },
    followUps: { get: async (_patient, id) => followUps.get(id), put: (it) => void followUps.set(it.id, it) },
    publish: (...events) => void published.push(...events),
  };
  const handle = async ({ type, data }: Step): Promise<void> => {
    const subject = routeOf(type)!.event.subject(data);
    if ((applied.get(subject) ?? 0) >= data.version) return;
    applied.set(subject, data.version);
    const handler = (consumes as unknown as Record<Type, (event: unknown, tx: Tx) => Promise<void>>)[type];
    await handler({ id: `${subject}-${data.version}`, type, subject, time: NOW, correlationId: 'c1', data }, tx);
  };
  return { handle, followUps, published };
};

const story = (key: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ discharge: fc.nat(1), status: fc.constantFrom('open' as const, 'paused' as const, 'closed' as const, 'withdrawn' as const, 'superseded' as const), to: fc.integer({ min: 10, max: 12 }) }), { maxLength: 8 }).map((facts) => {
    const versions = new Map<number, number>();
    return facts.map(({ discharge, status, to }): Step => {
      const version = (versions.get(discharge) ?? 0) + 1;
      versions.set(discharge, version);
      const ended = status !== 'open' && status !== 'paused';
      return {
        type: ended ? 'care.episode.ended.v1' : version === 1 ? 'care.episode.opened.v1' : 'care.episode.changed.v1',
        data: {
          patientId: KEYS[key]!,
          version,
          episodeId: idOf('test', 'episode', key, discharge),
          dischargeId: idOf('test', 'discharge', key, discharge),
          kind: 'transition',
          status,
          protocol: { id: 'transitional-care', version: '1' },
          dischargedAt: NOW,
          facilityZone: 'America/New_York',
          visitWindow: { from: '2026-03-03', to: `2026-03-${to}`, dueAt: `2026-03-${to}T23:00:00.000Z` },
          backdated: false,
        },
      };
    });
  });

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
  for (const step of steps) await service.handle(step);
  return { seen: [...service.followUps.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), published: service.published };
};

describe('any interleaving of what care-plan says', () => {
  it('ends in the same follow-ups, one per discharge', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), story(1), fc.array(fc.nat(9), { maxLength: 20 }), fc.array(fc.nat(30), { maxLength: 20 }), async (a, b, picks, again) => {
        const straight = await endOf([...a, ...b]);
        const shuffled = await endOf(interleave([a, b], picks, again));
        expect(shuffled.seen).toEqual(straight.seen);
        expect(new Set(straight.seen.map((it) => it.dischargeId)).size).toBe(straight.seen.length);
        for (const it of straight.seen) {
          const versions = shuffled.published.filter((event) => event.data.followUpId === it.id).map((event) => event.data.version);
          expect(versions).toEqual(versions.map((_, i) => i + 1));
        }
      }),
      { numRuns: 500 },
    );
  });
});
