import type { Consumes, EventOf } from '@throughline/contracts/flow';
import { patientEvents } from '@throughline/platform/patients/patient-events';
import { followEpisode } from '../../application/follow-episode.js';
import type { Tx } from '../../application/ports.js';

type Episode = EventOf<'care.episode.opened.v1'> | EventOf<'care.episode.changed.v1'> | EventOf<'care.episode.ended.v1'>;

const episode = ({ data, correlationId }: Episode, tx: Tx): Promise<void> =>
  followEpisode(
    {
      patientId: data.patientId,
      dischargeId: data.dischargeId,
      episodeId: data.episodeId,
      facilityZone: data.facilityZone,
      window: data.visitWindow,
      ended: data.status !== 'open' && data.status !== 'paused',
      correlationId,
    },
    tx,
  );

export const consumes: Consumes<'scheduling', Tx> = {
  ...patientEvents,
  'care.episode.opened.v1': episode,
  'care.episode.changed.v1': episode,
  'care.episode.ended.v1': episode,
};
