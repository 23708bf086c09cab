import type { StaySaid } from '../../domain/said.js';
import type { Er7Message } from './er7.js';
import type { Header } from './header.js';
import type { Times } from './message-times.js';
import { stayNumberOf } from './person-segments.js';
import { said } from './said-parts.js';

/** PL-4 of the location is the facility; else who the event or the message came from. */
const facilityOf = (message: Er7Message, header: Header): StaySaid['facility'] => {
  const pv1 = message.first('PV1');
  const named = message.first('PV2')?.text(23) ?? '';
  const code = pv1?.text(3, 4) || message.first('EVN')?.text(7) || message.first('MSH')!.text(4) || header.sender;
  return named === '' ? { code } : { code, name: named };
};

const MAX_DIAGNOSES = 200;

const diagnosesOf = (message: Er7Message): StaySaid['diagnoses'] =>
  message.all('DG1').slice(0, MAX_DIAGNOSES).flatMap((dg1) => {
    // Before 2.7 some senders put the code's system in DG1-2 and the words in DG1-4.
    const code = dg1.text(3) || dg1.text(4);
    if (code === '' || code === '""') return [];
    const system = dg1.text(3, 3) || dg1.text(2);
    const display = dg1.text(3, 2) || dg1.text(4);
    return [{ code, ...(system === '' ? {} : { system }), ...(display === '' ? {} : { display }) }];
  });

/** PV1, PV2, DG1 and the account in PID: the stay as one message has it. */
export const stayOf = (message: Er7Message, header: Header, times: Times): StaySaid => {
  const pv1 = message.first('PV1');
  const pid = message.first('PID')!;
  const visit = pv1 && stayNumberOf(pv1, 19);
  const account = stayNumberOf(pid, 18);
  return {
    ...(visit ? { visit } : {}),
    ...(account ? { account } : {}),
    ...said('encounterClass', pv1?.text(2)),
    facility: facilityOf(message, header),
    zone: times.zone,
    ...said('admittedAt', times.read(pv1, 44)?.instant),
    diagnoses: diagnosesOf(message),
    ...said('disposition', pv1?.text(36)),
    ...said('destination', pv1?.text(37)),
  };
};

/** The stay that a medicine or a document belongs to, where the message names one. */
export const stayNumbers = (message: Er7Message): { readonly stay?: Pick<StaySaid, 'visit' | 'account'> } => {
  const [pid, pv1] = [message.first('PID')!, message.first('PV1')];
  const [visit, account] = [pv1 && stayNumberOf(pv1, 19), stayNumberOf(pid, 18)];
  return visit || account ? { stay: { ...(visit ? { visit } : {}), ...(account ? { account } : {}) } } : {};
};
