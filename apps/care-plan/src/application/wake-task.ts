import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** A task's time came. What is so is read again and decided anew: an early, late or second wake-up changes nothing. */
export const wakeTask = async ({ patientId }: { patientId: string }, tx: Tx): Promise<void> => settlePerson(await tx.person(patientId), tx);
