import type { Publishes } from '@throughline/contracts/flow';
import { dischargeId } from '@throughline/kernel/ids';
import type { Decision } from './decide.js';
import { departuresOf, plannedOrLeft } from './departures.js';
import { lineOf, linesIn, type Heard } from './hear-message.js';
import type { Person } from './person.js';
import type { Said, Source } from './said.js';
import { statusOf, type DischargeState } from './stay.js';

export type Judged = Pick<Decision, 'outcome' | 'reason' | 'dischargeId' | 'dischargedAt'> & { readonly timeSource?: Source };

const judgeDischarge = (heard: Heard, after: Person, changed: boolean, by: string): Judged => {
  const departure = departuresOf(heard.encounter!.facts).find((one) => one.accounts.some((fact) => fact.by === by));
  const departures = departuresOf(heard.encounter!.facts);
  const id = (n: number): string => dischargeId(heard.encounter!.encounterId, n);
  // The same account was there already, under another control id.
  if (!departure) return { outcome: 'repeat', ...(departures.at(-1) && { dischargeId: id(departures.at(-1)!.n) }) };
  const discharge = after.discharges.find((one) => one.dischargeId === id(departure.n))!;
  const { dischargedAt, dischargedAtSource: timeSource, followUp } = discharge.published!;
  const facts = { dischargeId: discharge.dischargeId, dischargedAt, timeSource };
  if (departure.withdrawn) return { outcome: 'withdrawn', reason: 'cancelled-before', ...facts };
  const wasThere = heard.before !== undefined && departuresOf(heard.before.facts).some((one) => one.n === departure.n);
  if (wasThere && !changed) {
    const superseded = departure.accounts.at(-1)!.by !== by;
    return { outcome: 'repeat', ...(superseded ? { reason: 'superseded' as const } : {}), ...facts };
  }
  if (wasThere) return { outcome: 'correction', ...facts };
  return followUp.wanted ? { outcome: 'discharge', ...facts } : { outcome: 'not-followed-up', reason: followUp.reason, ...facts };
};

const withdrawnBy = (before: Person, after: Person): DischargeState | undefined => {
  const stood = (id: string): boolean => before.discharges.some((one) => one.dischargeId === id && one.published?.withdrawn === false);
  return after.discharges.find((one) => one.published?.withdrawn === true && stood(one.dischargeId));
};

const isNews = ({ before, encounter }: Heard): boolean => encounter!.facts.length > (before?.facts.length ?? 0);

const judgeCancel = (heard: Heard, before: Person, after: Person): Judged => {
  const withdrawn = withdrawnBy(before, after);
  if (withdrawn) return { outcome: 'withdrawn', dischargeId: withdrawn.dischargeId, dischargedAt: withdrawn.published!.dischargedAt };
  if (!isNews(heard)) return { outcome: 'repeat' };
  const waits = departuresOf(heard.encounter!.facts).length === 0;
  return { outcome: 'withdrawn', reason: waits ? 'before-its-discharge' : 'nothing-to-withdraw' };
};

const judgeCancelStay = (heard: Heard, before: Person, after: Person): Judged => {
  const withdrawn = withdrawnBy(before, after);
  if (withdrawn) return { outcome: 'withdrawn', dischargeId: withdrawn.dischargeId, dischargedAt: withdrawn.published!.dischargedAt };
  if (!isNews(heard)) return { outcome: 'repeat' };
  if (statusOf(heard.encounter!) !== 'withdrawn') return { outcome: 'withdrawn', reason: 'superseded' };
  return heard.before?.published === undefined ? { outcome: 'withdrawn', reason: 'before-its-admission' } : { outcome: 'withdrawn' };
};

/** Told that the patient is in hospital still, a discharge is taken back. */
const judgeAdmission = (heard: Heard, before: Person, after: Person, changed: boolean): Judged => {
  const withdrawn = withdrawnBy(before, after);
  if (withdrawn) return { outcome: 'withdrawn', dischargeId: withdrawn.dischargeId, dischargedAt: withdrawn.published!.dischargedAt };
  return { outcome: heard.before?.seen ? (changed ? 'update' : 'repeat') : 'admission' };
};

const judgePlan = (said: Said, heard: Heard, changed: boolean): Judged => {
  const planned = plannedOrLeft(heard.encounter!.facts).at(-1);
  const id = planned && { dischargeId: dischargeId(heard.encounter!.encounterId, planned.n) };
  if (!isNews(heard)) return { outcome: 'repeat', ...id };
  if (planned && planned.accounts.length > 0) return { outcome: 'repeat', reason: 'already-left', ...id };
  if (said.what === 'plan-discharge') return { outcome: changed ? 'planned' : 'repeat', ...id };
  return changed ? { outcome: 'withdrawn', ...id } : { outcome: 'withdrawn', reason: 'nothing-to-withdraw', ...id };
};

/** What became of a message, in one word and a reason: from what was known before it and what is known after it. */
export const judge = (said: Said, heard: Heard, before: Person, after: Person, events: readonly Publishes<'intake'>[], by: string): Judged => {
  const changed = events.length > 0;
  if (said.what === 'discharge') {
    const own = events.some((event) => event.type.startsWith('care.discharge.') && event.data.patientId === heard.encounter!.patientId);
    return judgeDischarge(heard, after, own, by);
  }
  if (said.what === 'cancel-discharge') return judgeCancel(heard, before, after);
  if (said.what === 'cancel-stay') return judgeCancelStay(heard, before, after);
  if (said.what === 'plan-discharge' || said.what === 'cancel-plan') {
    return judgePlan(said, heard, events.some(({ type }) => type === 'care.discharge.planned.v1'));
  }
  if (said.what === 'admission') return judgeAdmission(heard, before, after, changed);
  if (said.what === 'prescription') {
    if (linesIn(said).some((prescription) => !lineOf(before, said.sender, prescription, by))) return { outcome: 'prescription' };
    return { outcome: changed ? 'correction' : 'repeat' };
  }
  return { outcome: changed ? 'update' : 'repeat' };
};
