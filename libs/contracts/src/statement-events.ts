import * as z from 'zod';
import { defineEvent, fact } from './define-event.js';
import { Code } from './intake-events.js';

// What sources state of a patient beside stays, medicines and documents; intake publishes it.

/** What a source calls something: code and system where it has them, and its words. */
export const Coded = Code.partial({ code: true }).extend({ text: z.string().optional() });

/** What every statement of a source has beside its own fields. */
const statement = {
  ...fact,
  /** The stay it is about, where the message names one. */
  encounterId: z.uuid().optional(),
  source: z.string(),
  /** The number that its source gave it. */
  number: z.string().optional(),
  /** Its source took it back. */
  withdrawn: z.boolean(),
};

export const TestOrderData = z.object({
  ...statement,
  testOrderId: z.uuid(),
  code: Coded,
  status: z.enum(['ordered', 'on-hold', 'cancelled', 'completed', 'unknown']),
  /** When the order was given. */
  orderedAt: z.iso.datetime().optional(),
  /** When the test shall be done. */
  wantedAt: z.iso.datetime().optional(),
});

/** What rules look at; every other result stays in the message that brought it. */
export const ANALYTES = ['sodium', 'potassium', 'creatinine', 'egfr', 'haemoglobin', 'inr', 'hba1c'] as const;

export const TestResultData = z.object({
  ...statement,
  testResultId: z.uuid(),
  code: Coded,
  status: z.enum(['registered', 'preliminary', 'final', 'corrected', 'cancelled', 'unknown']),
  /** Numbers of the order that it answers, as its source gave them. */
  orders: z.array(z.string()).optional(),
  /** When the specimen was taken or the thing observed. */
  observedAt: z.iso.datetime().optional(),
  reportedAt: z.iso.datetime().optional(),
  /** The gravest flag in it, as sent (HL7 table 0078: `H`, `LL`, `A`, ...); absent: none was sent. */
  abnormal: z.string().optional(),
  values: z.array(z.object({ analyte: z.enum(ANALYTES), value: z.string(), unit: z.string().optional(), abnormal: z.string().optional() })).optional(),
});

export const ConditionData = z.object({
  ...statement,
  conditionId: z.uuid(),
  code: Coded,
  /** As sent: `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`. */
  clinicalStatus: z.string().optional(),
  verification: z.string().optional(),
  onsetAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
});

export const AllergyData = z.object({
  ...statement,
  allergyId: z.uuid(),
  /** What the patient must not have; for "no known allergies" the code that says so. */
  code: Coded,
  noneKnown: z.boolean(),
  /** As sent: `food`, `medication`, `environment`, `biologic`, or HL7 table 0127. */
  category: z.string().optional(),
  criticality: z.string().optional(),
  reactions: z.array(z.string()).optional(),
  clinicalStatus: z.string().optional(),
});

export const AppointmentData = z.object({
  ...statement,
  appointmentId: z.uuid(),
  status: z.enum(['proposed', 'booked', 'arrived', 'kept', 'cancelled', 'missed', 'unknown']),
  kind: Coded.optional(),
  reason: Coded.optional(),
  startsAt: z.iso.datetime().optional(),
  endsAt: z.iso.datetime().optional(),
  /** Where and with whom, in the source's words. */
  place: z.string().optional(),
  with: z.string().optional(),
});

export const CoverageData = z.object({
  ...statement,
  coverageId: z.uuid(),
  payer: z.string().optional(),
  kind: Coded.optional(),
  status: z.string().optional(),
  startsOn: z.iso.date().optional(),
  endsOn: z.iso.date().optional(),
});

export const ReferralData = z.object({
  ...statement,
  referralId: z.uuid(),
  /** When somebody asked that the patient be looked after. */
  referredAt: z.iso.datetime(),
  /** Local calendar date in `zone`, which the deadlines are counted in. */
  referredDate: z.iso.date(),
  zone: z.string(),
  by: z.enum(['clinician', 'payer', 'community', 'patient', 'unknown']),
  /** What for: a new diagnosis, a need. */
  reason: Coded.optional(),
  /** The programme asked for, where one is named. */
  programme: z.string().optional(),
  urgency: z.enum(['routine', 'urgent']).optional(),
  /** Heard of more than 30 days after it was asked. */
  backdated: z.boolean(),
});

export const TestOrdered = defineEvent('care.test.ordered.v1', 'testOrderId', TestOrderData, 'A source said that a test was ordered, or what became of the order');
export const TestResulted = defineEvent('care.test.resulted.v1', 'testResultId', TestResultData, 'A source reported on a test: that there is a result, how final, and whether abnormal');
export const ConditionStated = defineEvent('care.condition.stated.v1', 'conditionId', ConditionData, 'A source said that the patient has, or had, a condition');
export const AllergyStated = defineEvent('care.allergy.stated.v1', 'allergyId', AllergyData, 'A source said what the patient is allergic to, or that nothing is known');
export const AppointmentStated = defineEvent('care.appointment.stated.v1', 'appointmentId', AppointmentData, 'A source told of an appointment in its own calendar');
export const CoverageStated = defineEvent('care.coverage.stated.v1', 'coverageId', CoverageData, 'A source said who pays for the patient');
export const PatientReferred = defineEvent('care.patient.referred.v1', 'referralId', ReferralData, 'Somebody asked that a patient be looked after, without a discharge');
