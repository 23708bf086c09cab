import type { SaidOnce, StaySaid } from '../../domain/said.js';
import type { Er7Message } from './er7.js';
import type { Trigger } from './header.js';
import type { MergeTrigger } from './merges.js';
import { firstTime, type Times } from './message-times.js';
import { identifiersOf, stayNumberOf } from './person-segments.js';

/** What every message says, whatever it is about. */
export type Base = Pick<SaidOnce, 'sender' | 'controlId' | 'receivedAt' | 'patient' | 'at' | 'atSource' | 'flags'>;

/** Everything that a trigger's words are made of. */
export interface Read {
  readonly message: Er7Message;
  readonly base: Base;
  readonly times: Times;
  readonly stay: StaySaid;
  readonly authority: string;
  readonly receivedAt: string;
}

const discharged = ({ message, base, times, stay, receivedAt }: Read): SaidOnce => {
  const [evn, pv1] = [message.first('EVN'), message.first('PV1')];
  const gone = firstTime(
    [['PV1-45', times.read(pv1, 45)], ['EVN-6', times.read(evn, 6)], ['EVN-2', times.read(evn, 2)], ['MSH-7', times.read(message.first('MSH'), 7)]],
    receivedAt,
  );
  const rough = gone.time?.precision === 'day' ? ['discharge-time-is-a-day'] : [];
  return { ...base, flags: [...base.flags, ...rough], what: 'discharge', stay, discharge: { at: gone.at, source: gone.source } };
};

const dischargeCancelled = ({ message, base, times, stay }: Read): SaidOnce => {
  const cancels = times.read(message.first('EVN'), 6)?.instant ?? times.read(message.first('PV1'), 45)?.instant;
  return { ...base, what: 'cancel-discharge', stay, ...(cancels === undefined ? {} : { cancels }) };
};

const dischargePlanned = ({ message, base, times, stay }: Read): SaidOnce => {
  const expected = times.read(message.first('PV2'), 9) ?? times.read(message.first('EVN'), 3);
  return { ...base, what: 'plan-discharge', stay, ...(expected === undefined ? {} : { expectedAt: expected.instant }) };
};

/** Numbers alone: where a stay is taken back, what else the message says of it (a ward, a class) holds for nothing. */
const numbersOf = ({ visit, account, admittedAt, facility, zone }: StaySaid): StaySaid => ({
  ...(visit ? { visit } : {}), ...(account ? { account } : {}), ...(admittedAt === undefined ? {} : { admittedAt }), facility, zone, diagnoses: [],
});

/** HL7 table 0004 and FHIR: a visit to the emergency department. */
const EMERGENCY = ['E', 'EMER'];

/**
 * A registration says that somebody is here only in the emergency department; else it announces a visit, and one without a
 * number of its own is not kept as a stay: nothing later could be told to be about it.
 */
const registered = ({ base, stay }: Read): SaidOnce => {
  if (EMERGENCY.includes((stay.encounterClass ?? '').toUpperCase())) return { ...base, what: 'admission', stay };
  return { ...base, what: 'update', ...(stay.visit || stay.account ? { stay } : {}) };
};

/** The time in an announced admission is when it is expected. */
const announced = ({ base, stay: { admittedAt: _expected, ...stay } }: Read): SaidOnce => ({ ...base, what: 'update', ...(stay.visit || stay.account ? { stay } : {}) });

const stayMoved = ({ message, base, stay, authority }: Read): SaidOnce => {
  const mrg = message.first('MRG');
  const visit = mrg && stayNumberOf(mrg, 5);
  return { ...base, what: 'move-stay', stay, from: mrg ? identifiersOf(mrg, 1, authority) : [], ...(visit ? { visit } : {}) };
};

const withStay = ({ message, base, stay }: Read): SaidOnce => ({ ...base, what: 'update', ...(message.first('PV1') ? { stay } : {}) });
const ofThePerson = ({ base }: Read): SaidOnce => ({ ...base, what: 'update' });
const inHospital = ({ base, stay }: Read): SaidOnce => ({ ...base, what: 'admission', stay });
const stayCancelled = ({ base, stay }: Read): SaidOnce => ({ ...base, what: 'cancel-stay', stay: numbersOf(stay) });
const planCancelled = ({ base, stay }: Read): SaidOnce => ({ ...base, what: 'cancel-plan', stay });

/** What each trigger says (HL7 v2.5.1, 3.3), in our words. Merges are read apart: they are about more than one person. */
export const WORDS: Readonly<Record<Exclude<Trigger, MergeTrigger>, (read: Read) => SaidOnce>> = {
  A01: inHospital, A02: inHospital, A06: inHospital,
  A03: discharged, A13: dischargeCancelled,
  A04: registered, A05: announced, A14: announced,
  A07: withStay, A08: withStay, A12: withStay, A15: withStay, A26: withStay, A60: withStay,
  A11: stayCancelled, A23: stayCancelled,
  A16: dischargePlanned, A25: planCancelled,
  A17: ofThePerson, A27: ofThePerson, A28: ofThePerson, A31: ofThePerson,
  A29: ({ base }) => ({ ...base, flags: [...base.flags, 'deleted-by-sender'], what: 'update' }),
  A45: stayMoved,
};
