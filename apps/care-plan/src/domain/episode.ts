import type { DataOf } from '@throughline/contracts/flow';
import type { Instant, LocalDate } from '@throughline/kernel/business-time';
import type { ProtocolPin } from './protocol.js';

export type Risk = 'standard' | 'high';

/** What an episode follows: a discharge (kind `transition`), or a referral (kind `programme`). */
export interface EpisodeOrigin {
  readonly dischargeId?: string;
  readonly dischargedAt?: Instant;
  readonly referralId?: string;
  readonly referredAt?: Instant;
  readonly referredBy?: DataOf<'care.episode.opened.v1'>['referredBy'];
  readonly urgency?: 'routine' | 'urgent';
}

export interface EpisodeCore extends EpisodeOrigin {
  readonly episodeId: string;
  readonly patientId: string;
  readonly protocol: ProtocolPin;
  readonly openedAt: Instant;
  readonly facilityZone: string;
  readonly visitWindow: { readonly from: LocalDate; readonly to: LocalDate; readonly dueAt: Instant };
  readonly backdated: boolean;
  /** As a person stated it; it moves the visit, and with it the reconciliation. */
  readonly risk: Risk;
  readonly correlationId: string;
  readonly version: number;
}

/** How a follow-up stands. Read from the facts, never from what came first. */
export type Standing =
  | { readonly status: 'open' }
  | { readonly status: 'paused'; readonly reason: 'readmitted' }
  | { readonly status: 'superseded'; readonly reason: 'newer-discharge' }
  | { readonly status: 'withdrawn'; readonly reason: string }
  | { readonly status: 'closed'; readonly reason: 'all-done' };

export type Episode = EpisodeCore & Standing;

export const episodeData = (episode: Episode): DataOf<'care.episode.opened.v1'> => ({
  patientId: episode.patientId,
  version: episode.version,
  episodeId: episode.episodeId,
  ...originData(episode),
  status: episode.status,
  ...(episode.status === 'open' ? {} : { reason: episode.reason }),
  protocol: { id: episode.protocol.id, version: episode.protocol.version },
  openedAt: episode.openedAt,
  risk: episode.risk,
  facilityZone: episode.facilityZone,
  visitWindow: { from: episode.visitWindow.from, to: episode.visitWindow.to, dueAt: episode.visitWindow.dueAt },
  backdated: episode.backdated,
});

const originData = ({ dischargeId, dischargedAt, referralId, referredAt, referredBy, urgency }: EpisodeOrigin) =>
  referralId === undefined
    ? { kind: 'transition' as const, dischargeId, dischargedAt }
    : { kind: 'programme' as const, referralId, referredAt, referredBy, ...(urgency ? { urgency } : {}) };

export const sameEpisode = (a: Episode, b: Episode): boolean =>
  JSON.stringify(episodeData({ ...a, version: 0 })) === JSON.stringify(episodeData({ ...b, version: 0 }));

export const hasEnded = (standing: Standing): boolean => standing.status !== 'open' && standing.status !== 'paused';
