import { decide, type Decision, type OfOnePerson } from '../domain/decide.js';
import { decideMove } from '../domain/decide-persons.js';
import type { SaidOnce } from '../domain/said.js';
import { chaseSummaries } from './chase-summaries.js';
import { learnAll } from './learn.js';
import { mergePatients } from './merge-patients.js';
import { receiveDocument } from './receive-document.js';
import { receiveBundle } from './receive-bundle.js';
import { receiveStatements } from './receive-statements.js';
import type { Accepted, Became, IntakeTx, Resolved } from './ports.js';

const one = async (said: OfOnePerson, inboundId: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const before = await tx.person(who.patientId);
  const decision: Decision = decide(before, said, inboundId, tx.rules);
  tx.keep(before, decision.person);
  learnAll(who, tx);
  tx.publish(...decision.events);
  return decision;
};

const moved = async (said: SaidOnce & { what: 'move-stay' }, inboundId: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const [to, from] = await Promise.all([tx.person(who.patientId), tx.person(who.from?.patientId ?? who.patientId)]);
  const decision = decideMove(to, from, said, inboundId, tx.rules);
  tx.keep(decision.before, decision.person);
  learnAll(who, tx);
  if (who.from) learnAll(who.from, tx);
  tx.publish(...decision.events);
  return { ...decision, flags: [...said.flags, ...decision.flags] };
};

const merged = async (said: SaidOnce & { what: 'merge' }, inboundId: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const { flags, ...became } = await mergePatients(said, inboundId, who.merges ?? [], tx);
  return { ...became, flags: [...said.flags, ...flags] };
};

/** News of somebody of whom nothing says who they are: there is nobody to keep it for. A stay or a medicine is kept all the same. */
const ofNobody = (said: SaidOnce): boolean => said.what === 'update' && said.stay === undefined && said.patient.identifiers.length === 0;

/** @param by names the facts that it brings: the id of the message, or of the part of it */
const once = (said: SaidOnce, by: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  if (said.what === 'merge') return merged(said, by, who, tx);
  if (said.what === 'move-stay') return moved(said, by, who, tx);
  if (said.what === 'document') return receiveDocument(said, by, who, tx);
  if (said.what === 'statements') return receiveStatements(said, by, who, tx);
  if (ofNobody(said)) return Promise.resolve({ outcome: 'update', reason: 'names-nobody', flags: said.flags });
  return one(said, by, who, tx);
};

const became = ({ said, inboundId }: Accepted, who: Resolved, tx: IntakeTx): Promise<Became> =>
  said.what === 'bundle' ? receiveBundle(said, inboundId, who, (part, by, whose) => once(part, by, whose, tx)) : once(said, inboundId, who, tx);

/** Of a bundle: whose records its other parts change. */
const othersIn = ({ patientId, parts = [] }: Resolved): readonly string[] => [...new Set(parts.map((part) => part.patientId))].filter((id) => id !== patientId);

/** Decides what an accepted message means for those it is about, and states what changed by it. */
export const decideInbound = async (accepted: Accepted, who: Resolved, tx: IntakeTx): Promise<void> => {
  const { outcome, reason, encounterId, dischargeId, dischargedAt, timeSource, flags } = await became(accepted, who, tx);
  tx.record({
    inboundId: accepted.inboundId,
    sender: accepted.said.sender,
    patientId: who.patientId,
    others: othersIn(who),
    outcome,
    timeSource: timeSource ?? accepted.said.atSource,
    flags: [...new Set([...flags, ...who.flags, ...(accepted.controlIdReused ? ['control-id-reused'] : [])])],
    ...(reason === undefined ? {} : { reason }),
    ...(encounterId === undefined ? {} : { encounterId }),
    ...(dischargeId === undefined ? {} : { dischargeId }),
    ...(dischargedAt === undefined ? {} : { dischargedAt }),
  });
  await chaseSummaries(tx);
};
