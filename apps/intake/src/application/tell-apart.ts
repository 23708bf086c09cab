import { Refused } from '@throughline/kernel/refused';
import type { IntakeTx } from './ports.js';

export interface TellApart {
  readonly patientId: string;
  readonly other: string;
  readonly actor: string;
  readonly reason: string;
}

/** A person looked at two records that look alike and says that they are two persons'. They are not shown as a pair again. */
export const tellApart = async ({ patientId, other, actor, reason }: TellApart, tx: IntakeTx): Promise<{ readonly patientId: string; readonly other: string }> => {
  const person = await tx.person(patientId);
  const one = [person.patient, ...person.others].some((record) => record.patientId === other);
  if (one) throw new Refused<'one-person'>('one-person', 'These two are one person by now. Take the merge back first.', 'other');
  const [firstId, secondId] = [patientId, other].sort() as [string, string];
  tx.keepApart({ firstId, secondId, actor, reason });
  return { patientId, other };
};
