import * as z from 'zod';
import { defineEvent, fact } from './define-event.js';

/**
 * Where a time in a message was read from: a field of HL7 v2, `period.end`, `timestamp` or `lastUpdated` of FHIR,
 * `effectiveTime` of C-CDA; `received` means the sender gave none we could read.
 */
export const TimeSource = z.enum(['PV1-45', 'PV1-44', 'EVN-6', 'EVN-2', 'MSH-7', 'period.end', 'timestamp', 'lastUpdated', 'effectiveTime', 'stated', 'received']);

export const PatientData = z.object({
  ...fact,
  name: z.object({ family: z.string(), given: z.string() }),
  birthDate: z.iso.date().optional(),
  sex: z.string().optional(),
  /** IANA zone of the patient's home; absent = not known, use the facility's. */
  zone: z.string().optional(),
  language: z.string().optional(),
  phone: z.string().optional(),
  deceased: z.boolean(),
  /** The identifier people read out: value and who gave it. */
  recordNumber: z.object({ value: z.string(), authority: z.string() }).optional(),
});

export const Facility = z.object({ code: z.string(), name: z.string().optional() });
export const Code = z.object({ code: z.string(), system: z.string().optional(), display: z.string().optional() });

export const EncounterData = z.object({
  ...fact,
  encounterId: z.uuid(),
  status: z.enum(['admitted', 'discharged', 'discharge-withdrawn']),
  encounterClass: z.string().optional(),
  /** Whether its class is a stay in hospital's, by the operator's list; absent: no class is known. */
  inpatient: z.boolean().optional(),
  facility: Facility,
  admittedAt: z.iso.datetime().optional(),
});

/** A stay that was recorded and was none: its admission was cancelled, or the visit deleted. */
export const EncounterWithdrawnData = EncounterData.omit({ status: true });

/**
 * Which id a patient goes by. `aliasId` is the subject, and not the patient: what is said of the person and which id they go by
 * are numbered apart, so that saying one again never makes the other look old.
 */
export const PatientsMergedData = z.object({
  ...fact,
  aliasId: z.uuid(),
  /** The id to show and to ask for; the patient's own when nobody else's record took theirs over, or no longer does. */
  survivorId: z.uuid(),
  /** Every id that names the person now, this one included, in order. */
  together: z.array(z.uuid()),
});

/** What names a discharge, planned or happened. */
const discharge = {
  ...fact,
  dischargeId: z.uuid(),
  encounterId: z.uuid(),
  /** Which discharge of this encounter: a correction keeps it, a new discharge after a cancel gets the next, a plan has the one's that it announces. */
  n: z.int().positive(),
  facility: Facility,
  /** IANA zone the local date and the deadlines are counted in. */
  facilityZone: z.string(),
};

export const DischargePlanData = z.object({
  ...discharge,
  /** When the sender expects the patient to leave, where it says so. */
  expectedAt: z.iso.datetime().optional(),
  /** The plan was taken back. The next plan of the same stay has the same id. */
  withdrawn: z.boolean(),
});

export const DischargeData = z.object({
  ...discharge,
  dischargedAt: z.iso.datetime(),
  dischargedAtSource: TimeSource,
  /** Local calendar date at the facility. */
  dischargeDate: z.iso.date(),
  admittedAt: z.iso.datetime().optional(),
  encounterClass: z.string().optional(),
  disposition: z.string().optional(),
  destination: z.string().optional(),
  diagnoses: z.array(Code),
  /** Whether a follow-up is owed, and if not, why not. A missing disposition or diagnosis is never a reason. */
  followUp: z.discriminatedUnion('wanted', [
    z.object({ wanted: z.literal(true) }),
    z.object({ wanted: z.literal(false), reason: z.enum(['deceased', 'not-an-inpatient-stay', 'left-to-inpatient-care', 'hospice', 'earlier-stay']) }),
  ]),
  /** Heard of more than 30 days after it happened: tasks open overdue, escalation is one digest. */
  backdated: z.boolean(),
  withdrawn: z.boolean(),
});

export const PrescriptionData = z.object({
  ...fact,
  lineId: z.uuid(),
  encounterId: z.uuid().optional(),
  dischargeId: z.uuid().optional(),
  source: z.string(),
  orderId: z.string().optional(),
  /** The medicine as the source wrote it. */
  medicine: Code.partial({ code: true }).extend({ text: z.string() }),
  dose: z.object({ value: z.string(), unit: z.string().optional() }).optional(),
  route: z.string().optional(),
  /** Directions as the source wrote them. */
  directions: z.string().optional(),
  /** How often and how long, in the source's codes and words (`BID`, `Q6H`). */
  timing: z.object({ code: z.string().optional(), text: z.string().optional(), duration: z.string().optional(), startsAt: z.iso.datetime().optional(), endsAt: z.iso.datetime().optional() }).optional(),
  prescribedAt: z.iso.datetime().optional(),
  /** Absent: the source says nothing of it, and the line is taken to hold. */
  status: z.enum(['stopped', 'cancelled', 'on-hold', 'completed']).optional(),
  /** What the source told of: an order, a dispensing, or a dose that was given. */
  basis: z.enum(['ordered', 'dispensed', 'administered']).optional(),
});

/** A document about a patient: that there is one, and what kind. Its text stays in intake, in the message that brought it. */
export const DocumentData = z.object({
  ...fact,
  documentId: z.uuid(),
  /** The stay it is about, where the message names one. */
  encounterId: z.uuid().optional(),
  source: z.string(),
  /** The number that its source gave it. */
  number: z.string().optional(),
  /** As its source calls it (HL7 table 0270: `DS`, `PN`, ...). */
  kind: Code.partial({ code: true }),
  /** It is the summary of a discharge, by the operator's list of kinds. */
  dischargeSummary: z.boolean(),
  /** HL7 table 0271 as sent: `DI`, `DO`, `PA`, `AU`, `LA`, ... */
  completion: z.string().optional(),
  writtenAt: z.iso.datetime().optional(),
  /** False: announced only, without its text. */
  withContent: z.boolean(),
  /** Its source took it back. */
  withdrawn: z.boolean(),
});

/** A stay that began within 30 days after the patient left another one. */
export const ReadmissionData = z.object({
  ...fact,
  readmissionId: z.uuid(),
  /** The new stay. */
  encounterId: z.uuid(),
  admittedAt: z.iso.datetime(),
  /** The discharge before it. */
  afterDischargeId: z.uuid(),
  dischargedAt: z.iso.datetime(),
  /** Whole days from the discharge to the admission. */
  days: z.int().nonnegative(),
  facility: Facility,
  /** It turned out not to be one. */
  withdrawn: z.boolean(),
});

export const EmergencyVisitData = z.object({
  ...fact,
  emergencyVisitId: z.uuid(),
  encounterId: z.uuid(),
  arrivedAt: z.iso.datetime(),
  facility: Facility,
  /** The discharge that it follows within 30 days, if it does. */
  afterDischargeId: z.uuid().optional(),
  days: z.int().nonnegative().optional(),
  withdrawn: z.boolean(),
});

export const PatientRecorded = defineEvent('care.patient.recorded.v1', 'patientId', PatientData, 'Who the patient is, as intake knows them now');
export const EncounterRecorded = defineEvent('care.encounter.recorded.v1', 'encounterId', EncounterData, 'A stay in hospital began or changed');
export const EncounterWithdrawn = defineEvent('care.encounter.withdrawn.v1', 'encounterId', EncounterWithdrawnData, 'A stay turned out not to have been: the admission was cancelled or the visit deleted');
export const PatientsMerged = defineEvent('care.patients.merged.v1', 'aliasId', PatientsMergedData, 'Two records are one person, or are two again: which id a patient goes by');
export const DischargePlanned = defineEvent('care.discharge.planned.v1', 'dischargeId', DischargePlanData, 'A patient is expected to leave hospital; never a discharge');
export const DischargeRecorded = defineEvent('care.discharge.recorded.v1', 'dischargeId', DischargeData, 'A patient left hospital, or what is known of it was corrected');
export const DischargeWithdrawn = defineEvent('care.discharge.withdrawn.v1', 'dischargeId', DischargeData, 'A discharge turned out wrong or was reversed');
export const PrescriptionAdded = defineEvent('care.prescription.added.v1', 'lineId', PrescriptionData, 'A source said that the patient takes, or shall take, a medicine');
export const DocumentReceived = defineEvent('care.document.received.v1', 'documentId', DocumentData, 'A document about a patient came, was replaced, or was taken back by its source');
export const PatientReadmitted = defineEvent('care.patient.readmitted.v1', 'readmissionId', ReadmissionData, 'A patient is in hospital again within 30 days of leaving');
export const EmergencyVisited = defineEvent('care.emergency.visited.v1', 'emergencyVisitId', EmergencyVisitData, 'A patient came to an emergency department');
