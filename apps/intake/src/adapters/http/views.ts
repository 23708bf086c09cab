import type { InboundSeen, PatientSeen, PersonSeen } from '../../application/reads.js';
import type { PatientState } from '../../domain/patient.js';
import type { PrescriptionState } from '../../domain/prescription.js';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const labelOf = (patient: PatientState) => {
  const facts = patient.published;
  const { family = '', given = '' } = facts?.name ?? {};
  return {
    id: patient.patientId,
    name: [given, family].filter((part) => part !== '').join(' '),
    birthDate: facts?.birthDate ?? null,
    recordNumber: facts?.recordNumber?.value ?? null,
    recordAuthority: facts?.recordNumber?.authority ?? null,
    deceased: facts?.deceased ?? false,
  };
};

export const patientView = ({ patient }: PatientSeen) => labelOf(patient);

export const personView = ({ patient, records, encounters, discharges }: PersonSeen) => ({
  ...labelOf(patient),
  records: records.map((one) => ({ ...labelOf(one), goesBy: one.alias?.published.survivorId ?? one.patientId })),
  sex: patient.published?.sex ?? null,
  phone: patient.published?.phone ?? null,
  language: patient.published?.language ?? null,
  zone: patient.published?.zone ?? null,
  identifiers: patient.identifiers.map(({ kind, authority, value }) => ({ kind, authority, value })),
  encounters: encounters.flatMap(({ published }) => (published ? [published] : [])),
  discharges: discharges.flatMap(({ published, version }) => (published ? [{ ...published, version }] : [])),
  /** Announced, and not happened. */
  plannedDischarges: discharges.flatMap(({ published, plan, version }) => (plan && !published && !plan.withdrawn ? [{ ...plan, version }] : [])),
});

export const lineView = (line: PrescriptionState) => ({ id: line.lineId, version: line.version, ...line.published });

const SAID: Readonly<Record<string, string>> = {
  discharge: 'Discharge recorded',
  'not-followed-up': 'Discharge recorded, no follow-up',
  correction: 'Discharge corrected',
  withdrawn: 'Discharge withdrawn',
  admission: 'Admission recorded',
  prescription: 'Prescription received',
  update: 'Details updated',
  planned: 'Discharge planned',
  document: 'Document received',
  merged: 'Records merged',
  repeat: 'The same news again',
};

/** One line of a person's timeline: what a message did. */
export const timelineView = (message: InboundSeen) => ({
  id: message.id,
  at: message.receivedAt.toISOString(),
  kind: 'inbound',
  label: message.trigger === 'prescription' && message.outcome === 'correction' ? 'Prescription changed' : (SAID[message.outcome] ?? message.outcome),
  by: message.sender,
  controlId: message.controlId,
  detail: [message.trigger, message.reason].filter((part) => part !== null && part !== '').join(', '),
  outcome: message.outcome,
  reason: message.reason,
  trigger: message.trigger,
  encounterId: message.encounterId,
  dischargeId: message.dischargeId,
  dischargedAt: iso(message.dischargedAt),
  timeSource: message.timeSource,
  flags: message.flags ?? [],
});

/** An inbound message as the operator's list shows it: ids, codes and times. */
export const inboundView = (message: InboundSeen) => ({
  ...message,
  receivedAt: message.receivedAt.toISOString(),
  dischargedAt: iso(message.dischargedAt),
  decidedAt: iso(message.decidedAt),
  correlationId: message.id,
  flags: message.flags ?? [],
});

/** The message itself: text where it is text, and always its bytes. */
export const messageView = ({ raw, ...message }: InboundSeen & { readonly raw: Buffer }) => ({
  ...inboundView(message),
  text: raw.toString('utf8'),
  raw: raw.toString('base64'),
});
