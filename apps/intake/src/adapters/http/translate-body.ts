import { identifierKind } from '../../domain/identifier-kind.js';
import { referralSays } from '../../domain/referral.js';
import type { Identifier, PatientSaid, Said } from '../../domain/said.js';
import type { DischargeBody } from './discharge-body.js';
import type { MessageBody, StayBody } from './message-body.js';
import type { PatientBody } from './person-body.js';
import type { PrescriptionBody } from './prescription-body.js';
import type { ReferralBody } from './referral-body.js';

export interface BodyContext {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly controlId: string;
  readonly defaultZone: string;
  readonly senders: Readonly<Record<string, { readonly zone?: string | undefined; readonly authority?: string | undefined }>>;
}

/** No number in the body may say who the patient is. */
export class NoIdentifier extends Error {
  override readonly name = 'NoIdentifier';
}

const utc = (instant: string): string => new Date(instant).toISOString();

const identifiersOf = (body: PatientBody, ownAuthority: string): readonly Identifier[] =>
  body.identifiers.flatMap(({ value, authority = ownAuthority, type = '' }) => {
    const kind = identifierKind(type);
    return kind === undefined || value.trim() === '' ? [] : [{ kind, own: authority === ownAuthority, authority, value: value.trim() }];
  });

const patientOf = (body: PatientBody, ownAuthority: string): PatientSaid => {
  const identifiers = identifiersOf(body, ownAuthority);
  if (identifiers.length === 0) throw new NoIdentifier();
  const { family, given, birthDate, sex, phone, language, zone, deceased } = body;
  return {
    identifiers,
    ...(family === undefined && given === undefined ? {} : { name: { family: family ?? '', given: given ?? '' } }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { sex }),
    ...(phone === undefined ? {} : { phone }),
    ...(language === undefined ? {} : { language }),
    ...(zone === undefined ? {} : { zone }),
    ...(deceased === undefined ? {} : { deceased }),
  };
};

/** A call says when it was made by being made: the time received orders it. */
const messageOf = (body: MessageBody, context: BodyContext) => ({
  sender: body.sender,
  controlId: context.controlId,
  at: context.receivedAt,
  atSource: 'received' as const,
  receivedAt: context.receivedAt,
  patient: patientOf(body.patient, context.senders[body.sender]?.authority ?? body.sender),
  flags: [],
});

const numbersOf = (stay: StayBody | undefined) => ({
  ...(stay?.visitNumber === undefined ? {} : { visit: { value: stay.visitNumber } }),
  ...(stay?.account === undefined ? {} : { account: { value: stay.account } }),
});

/** Body -> our words. Pure. @throws NoIdentifier */
export const dischargeSaid = (body: DischargeBody, context: BodyContext): Said => {
  const { encounter, disposition, destination, diagnoses = [] } = body;
  return {
    ...messageOf(body, context),
    what: 'discharge',
    stay: {
      ...numbersOf(encounter),
      ...(encounter.class === undefined ? {} : { encounterClass: encounter.class }),
      facility: { code: encounter.facility.code, ...(encounter.facility.name === undefined ? {} : { name: encounter.facility.name }) },
      zone: encounter.facilityZone ?? context.senders[body.sender]?.zone ?? context.defaultZone,
      ...(encounter.admittedAt === undefined ? {} : { admittedAt: utc(encounter.admittedAt) }),
      diagnoses: diagnoses.map(({ code, system, display }) => ({ code, ...(system === undefined ? {} : { system }), ...(display === undefined ? {} : { display }) })),
      ...(disposition === undefined ? {} : { disposition }),
      ...(destination === undefined ? {} : { destination }),
    },
    discharge: { at: utc(body.dischargedAt), source: 'stated' },
  };
};

/** Body -> our words. Pure. @throws NoIdentifier */
export const prescriptionSaid = (body: PrescriptionBody, context: BodyContext): Said => {
  const { orderId, medicine, dose, route, directions, prescribedAt } = body;
  return {
    ...messageOf(body, context),
    what: 'prescription',
    stay: numbersOf(body.encounter),
    prescription: {
      ...(orderId === undefined ? {} : { orderId }),
      medicine: { text: medicine.text, ...(medicine.code === undefined ? {} : { code: medicine.code }), ...(medicine.system === undefined ? {} : { system: medicine.system }) },
      ...(dose === undefined ? {} : { dose: { value: dose.value, ...(dose.unit === undefined ? {} : { unit: dose.unit }) } }),
      ...(route === undefined ? {} : { route }),
      ...(directions === undefined ? {} : { directions }),
      ...(prescribedAt === undefined ? {} : { prescribedAt: utc(prescribedAt) }),
    },
  };
};

/** Body -> our words. Pure. @throws NoIdentifier */
export const referralSaid = (body: ReferralBody, context: BodyContext): Said => {
  const { number, by, referredAt, zone, reason, programme, urgency } = body.referral;
  const at = referredAt === undefined ? context.receivedAt : utc(referredAt);
  const asked = {
    by,
    ...(reason === undefined ? {} : { reason: { ...reason } }),
    ...(programme === undefined ? {} : { programme }),
    ...(urgency === undefined ? {} : { urgency }),
  };
  const when = { at, zone: zone ?? context.senders[body.sender]?.zone ?? context.defaultZone, receivedAt: context.receivedAt };
  return { ...messageOf(body, context), what: 'statements', statements: [{ kind: 'referral', ...(number === undefined ? {} : { number }), says: referralSays(asked, when) }] };
};
