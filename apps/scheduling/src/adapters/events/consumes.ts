import type { Consumes, EventOf } from '@throughline/contracts/flow';
import { patientEvents } from '@throughline/platform/patients/patient-events';
import { followEpisode } from '../../application/follow-episode.js';
import type { Tx } from '../../application/ports.js';
import { statedAppointment } from '../../domain/stated-appointment.js';

type Episode = EventOf<'care.episode.opened.v1'> | EventOf<'care.episode.changed.v1'> | EventOf<'care.episode.ended.v1'>;

/** A visit is asked for after a discharge. When a referred patient is first seen is a step of the programme, and nothing is booked for it here. */
const episode = async ({ data, correlationId }: Episode, tx: Tx): Promise<void> => {
  const { patientId, dischargeId, episodeId, facilityZone, visitWindow: window, status } = data;
  if (dischargeId === undefined) return;
  await followEpisode({ patientId, dischargeId, episodeId, facilityZone, window, ended: status !== 'open' && status !== 'paused', correlationId }, tx);
};

export const consumes: Consumes<'scheduling', Tx> = {
  ...patientEvents,
  'care.appointment.stated.v1': ({ data }, tx) => Promise.resolve(tx.statedAppointments.put(statedAppointment(data))),
  'care.episode.opened.v1': episode,
  'care.episode.changed.v1': episode,
  'care.episode.ended.v1': episode,
};
