import { followUpId } from '@throughline/kernel/ids';
import { followEpisode as decide, type EpisodeFact } from '../domain/follow-up.js';
import { announce } from './announce.js';
import type { Tx } from './ports.js';

export type FollowEpisode = Omit<EpisodeFact, 'followUpId'>;

/** One follow-up request per discharge, alive as long as its episode is. */
export const followEpisode = async (input: FollowEpisode, tx: Tx): Promise<void> => {
  const id = followUpId(input.dischargeId);
  announce(decide(await tx.followUps.get(input.patientId, id), { ...input, followUpId: id }, tx.now), tx);
};
