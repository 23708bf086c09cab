import { Refused } from '@throughline/kernel/refused';
import { hasEnded, type Risk } from '../domain/episode.js';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** A person states how great the risk is; high brings the visit forward. */
export const stateRisk = async ({ patientId, episodeId, risk }: { patientId: string; episodeId: string; risk: Risk }, tx: Tx): Promise<void> => {
  const person = await tx.person(patientId);
  const episode = person.episodes.find((known) => known.episodeId === episodeId);
  if (!episode) throw new Refused('not-found', 'There is no such episode.');
  if (hasEnded(episode)) throw new Refused('episode-ended', `The episode is ${episode.status}: its deadlines do not move any more.`);
  settlePerson({ ...person, risk: new Map(person.risk).set(episodeId, risk) }, tx);
};
