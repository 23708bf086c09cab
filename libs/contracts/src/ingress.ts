import * as z from 'zod';

/** Where systems that speak CloudEvents put what they send, and where they are answered; `THROUGHLINE_INGRESS_TOPIC` and `..._ANSWERS_TOPIC` name others. */
export const INGRESS_TOPIC = 'ingress';
export const INGRESS_ANSWERS_TOPIC = 'ingress-answers';

/** Event types that are taken, and what their data is. */
export const INGRESS_TYPES = {
  'care.ingress.discharge.v1': 'The body of POST /api/intake/discharges',
  'care.ingress.prescription.v1': 'The body of POST /api/intake/prescriptions',
  'care.ingress.referral.v1': 'The body of POST /api/intake/referrals',
  'care.ingress.hl7v2.v1': 'One HL7 v2 message in ER7, as it would stand in an MLLP frame',
  'care.ingress.fhir.v1': 'One FHIR R4 resource or bundle in JSON, as it would be posted',
  'care.ingress.ccda.v1': 'One C-CDA document in XML, as it would be posted',
} as const;
export type IngressType = keyof typeof INGRESS_TYPES;

export const ANSWERED = 'care.ingress.answered.v1';

/** What became of one record: codes, ids and places, nothing that it said. */
export const AnsweredData = z.object({
  /** Of the event that is answered; empty where it did not say. */
  source: z.string(),
  id: z.string(),
  /** AA: on disk and readable. AE: in quarantine, correct it and send it again. AR: in quarantine, not handled here. */
  answer: z.enum(['AA', 'AE', 'AR']),
  inboundId: z.uuid(),
  /** On every event and log line that follows from it. */
  correlationId: z.uuid(),
  /** Accepted before: nothing new came of it. */
  repeat: z.boolean(),
  reasons: z.array(z.object({ code: z.int(), where: z.string().optional(), text: z.string() })).optional(),
});
export type Answered = z.infer<typeof AnsweredData>;
