import type { DataOf } from '@throughline/contracts/flow';
import type { Instant, LocalDate } from '@throughline/kernel/business-time';
import type { ProtocolPin } from './protocol.js';

export type Risk = 'standard' | 'high';

export interface EpisodeCore {
  readonly episodeId: string;
  readonly patientId: string;
  readonly dischargeId: string;
  readonly protocol: ProtocolPin;
  readonly openedAt: Instant;
  readonly dischargedAt: Instant;
  readonly facilityZone: string;
  readonly visitWindow: { readonly from: LocalDate; readonly to: LocalDate; readonly dueAt: Instant };
  readonly backdated: boolean;
  /** As a person stated it; it moves the visit, and with it the reconciliation. */
  readonly risk: Risk;
  readonly correlationId: string;
  readonly version: number;
}

/** How the follow-up of a discharge stands. Read from the facts, never from what came first. */
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
  dischargeId: episode.dischargeId,
  kind: 'transition',
  status: episode.status,
  ...(episode.status === 'open' ? {} : { reason: episode.reason }),
  protocol: { id: episode.protocol.id, version: episode.protocol.version },
  openedAt: episode.openedAt,
  risk: episode.risk,
  dischargedAt: episode.dischargedAt,
  facilityZone: episode.facilityZone,
  visitWindow: { from: episode.visitWindow.from, to: episode.visitWindow.to, dueAt: episode.visitWindow.dueAt },
  backdated: episode.backdated,
});

export const sameEpisode = (a: Episode, b: Episode): boolean =>
  JSON.stringify(episodeData({ ...a, version: 0 })) === JSON.stringify(episodeData({ ...b, version: 0 }));

export const hasEnded = (standing: Standing): boolean => standing.status !== 'open' && standing.status !== 'paused';
