import { Refused } from '@throughline/kernel/refused';
import { decideJoining } from '../domain/decide-persons.js';
import { renamed, together } from '../domain/person.js';
import type { IntakeTx } from './ports.js';

export interface JoinPatients {
  /** Of the record that is taken over. */
  readonly patientId: string;
  /** Of the record that stands. */
  readonly into: string;
  /** When a person said so, ISO 8601 in UTC. */
  readonly at: string;
  readonly commandId: string;
  readonly actor: string;
  readonly reason: string;
}

export interface Joined {
  readonly patientId: string;
  readonly into: string;
}

/** A person looked at two records and says that they are one patient's. `partPatient` takes it back. */
export const joinPatients = async ({ patientId, into, at, commandId, actor, reason }: JoinPatients, tx: IntakeTx): Promise<Joined> => {
  const [stands, retired] = await Promise.all([tx.person(into), tx.person(patientId)]);
  const before = together([stands, retired]);
  const one = [stands.patient, ...stands.others].some((record) => record.patientId === patientId);
  if (one) throw new Refused<'one-person'>('one-person', 'These two are one person already. Name the record of somebody else.', 'into');
  const { person, events } = decideJoining(before, patientId, { at, receivedAt: at, by: commandId, into, actor, reason }, tx.rules);
  for (const [id, survivorId] of renamed(before, person)) tx.nameAs(id, survivorId);
  tx.keep(before, person);
  tx.publish(...events);
  return { patientId, into };
};
