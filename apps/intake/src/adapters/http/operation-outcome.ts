import type { Problem } from '@throughline/platform/http/problem';
import type { Arrival } from '../../application/ports.js';

export const FHIR_JSON = 'application/fhir+json; charset=utf-8';

export interface Issue {
  readonly severity: 'error' | 'information';
  /** https://hl7.org/fhir/R4/valueset-issue-type.html */
  readonly code: string;
  readonly diagnostics: string;
  /** FHIRPath. */
  readonly expression?: readonly string[];
}

export interface OperationOutcome {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly Issue[];
}

export type Reasons = Extract<Arrival['content'], { readonly answer: unknown }>['reasons'];

const outcomeOf = (...issue: readonly Issue[]): OperationOutcome => ({ resourceType: 'OperationOutcome', issue });

/** By the codes of our reasons (HL7 table 0357). */
const OF_REASON: Readonly<Record<number, string>> = { 100: 'structure', 101: 'required', 102: 'value', 103: 'code-invalid', 204: 'unknown', 207: 'exception' };

export const ofReasons = (reasons: Reasons): OperationOutcome =>
  outcomeOf(...reasons.map(({ code, where, text }): Issue => ({ severity: 'error', code: OF_REASON[code] ?? 'not-supported', diagnostics: text, ...(where === undefined ? {} : { expression: [where] }) })));

const OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid', 401: 'login', 403: 'forbidden', 404: 'not-found', 405: 'not-supported', 409: 'conflict', 413: 'too-long', 415: 'not-supported', 429: 'throttled', 500: 'exception', 503: 'transient',
};

/** What the platform says in the words of its own calls. */
const OWN_WORDS: Readonly<Record<number, string>> = {
  404: 'There is nothing at this address. GET /fhir/metadata says what there is.',
  413: 'The body is too large. Send less at once; the limit is 16 MiB.',
  415: 'Send FHIR R4 as JSON, not packed, with Content-Type: application/fhir+json. XML is not read.',
  500: 'Something went wrong here. It is in the log under the x-correlation-id of this answer; sending the same again is safe.',
};

export const ofProblem = ({ status, detail }: Pick<Problem, 'status' | 'detail'>): OperationOutcome =>
  outcomeOf({ severity: 'error', code: OF_STATUS[status] ?? (status < 500 ? 'processing' : 'exception'), diagnostics: OWN_WORDS[status] ?? detail });

/** What an operator finds the message by. */
export const taken = (inboundId: string, repeat: boolean): OperationOutcome =>
  outcomeOf({ severity: 'information', code: 'informational', diagnostics: `Message ${inboundId} is ${repeat ? 'known: it was taken before' : 'taken'}` });
