import { identifierId, type Resolution } from '../domain/identity.js';
import type { IntakeTx } from './ports.js';

/** From now on these numbers name the patient. */
export const learnAll = ({ patientId, learned }: Pick<Resolution, 'patientId' | 'learned'>, tx: IntakeTx): void =>
  tx.learn(learned.map((one) => ({ id: identifierId(one), patientId, kind: one.kind, authority: one.authority, value: one.value })));
