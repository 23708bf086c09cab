import { decide } from '../domain/decide.js';
import { identifierId, type Resolution } from '../domain/identity.js';
import type { Accepted, IntakeTx, OutcomeRecord } from './ports.js';

/** Decides what an accepted message means for its person, and states what changed by it. */
export const decideInbound = async (accepted: Accepted, who: Resolution, tx: IntakeTx): Promise<void> => {
  const before = await tx.person(who.patientId);
  const decision = decide(before, accepted.said, accepted.inboundId, tx.rules);
  tx.keep(before, decision.person);
  tx.learn(who.learned.map((one) => ({ id: identifierId(one), patientId: who.patientId, kind: one.kind, authority: one.authority, value: one.value })));
  tx.publish(...decision.events);
  const { outcome, reason, encounterId, dischargeId, dischargedAt, timeSource, flags } = decision;
  const record: OutcomeRecord = {
    inboundId: accepted.inboundId,
    sender: accepted.said.sender,
    patientId: who.patientId,
    outcome,
    timeSource,
    flags: [...flags, ...who.flags, ...(accepted.controlIdReused ? ['control-id-reused'] : [])],
    ...(reason === undefined ? {} : { reason }),
    ...(encounterId === undefined ? {} : { encounterId }),
    ...(dischargeId === undefined ? {} : { dischargeId }),
    ...(dischargedAt === undefined ? {} : { dischargedAt }),
  };
  tx.record(record);
};
