import type { Consumes, EventOf } from '@throughline/contracts/flow';
import { followEpisode } from '../../application/follow-episode.js';
import { keepPatient } from '../../application/keep-patient.js';
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
  'care.patient.recorded.v1': async (event, tx) => keepPatient(event.data, tx),
  'care.episode.opened.v1': episode,
  'care.episode.changed.v1': episode,
  'care.episode.ended.v1': episode,
};
