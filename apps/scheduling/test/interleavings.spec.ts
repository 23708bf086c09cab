import fc from 'fast-check';
import type { ConsumedBy, DataOf, EventOf, Publishes } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { eventOf } from '@throughline/testing/event-of';
import { hearing, keptInMemory } from '@throughline/testing/in-memory';
import { interleave, risingVersions, turns, unevenVersions } from '@throughline/testing/interleavings';
import { consumes } from '../src/adapters/events/consumes.js';
import type { FollowUp } from '../src/domain/follow-up.js';
import type { StatedAppointment } from '../src/domain/stated-appointment.js';

type Heard = EventOf<ConsumedBy<'scheduling'>>;

const NOW = '2026-03-02T15:00:00.000Z';
/** Two ids of one person: facts filed under each arrive in order, but not against each other. */
const KEYS = [idOf('test', 'patient', 'a'), idOf('test', 'patient', 'b')] as const;

/** An episode of each person follows a referral: no visit is asked for. */
const REFERRAL = 2;

const story = (key: number): fc.Arbitrary<Heard[]> =>
  fc.array(fc.record({ of: fc.nat(REFERRAL), status: fc.constantFrom('open' as const, 'paused' as const, 'closed' as const, 'withdrawn' as const, 'superseded' as const), to: fc.integer({ min: 10, max: 12 }) }), { maxLength: 8 }).map((facts) => {
    const versionOf = risingVersions();
    return facts.map(({ of, status, to }): Heard => {
      const version = versionOf(String(of));
      const ended = status !== 'open' && status !== 'paused';
      const data: DataOf<'care.episode.opened.v1'> = {
        patientId: KEYS[key]!,
        version,
        episodeId: idOf('test', 'episode', key, of),
        ...(of === REFERRAL
          ? { kind: 'programme', referralId: idOf('test', 'referral', key), referredAt: NOW, referredBy: 'payer' }
          : { kind: 'transition', dischargeId: idOf('test', 'discharge', key, of), dischargedAt: NOW }),
        status,
        protocol: { id: 'transitional-care', version: '1' },
        facilityZone: 'America/New_York',
        visitWindow: { from: '2026-03-03', to: `2026-03-${to}`, dueAt: `2026-03-${to}T23:00:00.000Z` },
        backdated: false,
      };
      if (ended) return eventOf('care.episode.ended.v1', data);
      return version === 1 ? eventOf('care.episode.opened.v1', data) : eventOf('care.episode.changed.v1', data);
    });
  });

const streamOf = (event: Heard): string => event.data.patientId;

const endOf = async (events: readonly Heard[]) => {
  const followUps = keptInMemory<FollowUp>(() => true);
  const stated = keptInMemory<StatedAppointment>(() => true);
  const published: Publishes<'scheduling'>[] = [];
  const hear = hearing(consumes, () => ({
    now: NOW, keepPatient: () => undefined, nameAs: (patientId: string) => [patientId], followUps: followUps.port, statedAppointments: stated.port, publish: (...said) => void published.push(...said),
  }));
  for (const event of events) await hear(event);
  return { seen: followUps.all(), published };
};

describe('any interleaving of what care-plan says', () => {
  it('ends in the same follow-ups, one per discharge and none for a referral, told without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(story(0), story(1), turns, async (a, b, chosen) => {
        const straight = await endOf([...a, ...b]);
        const shuffled = await endOf(interleave([...a, ...b], chosen, { streamOf }));
        expect(shuffled.seen).toEqual(straight.seen);
        expect(new Set(straight.seen.map((it) => it.dischargeId)).size).toBe(straight.seen.length);
        expect(straight.seen.every(({ dischargeId }) => dischargeId !== undefined)).toBe(true);
        expect(unevenVersions(shuffled.published)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
