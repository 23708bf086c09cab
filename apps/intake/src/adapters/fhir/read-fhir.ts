import { depthOf, faultIn } from '@throughline/platform/http/json-scan';
import type { Arrival, Kept } from '../../application/ports.js';
import { isResource, type Resource, type Validate } from './resource-validation.js';
import { translateFhir, type FhirContext, type FhirTranslation } from './translate-fhir.js';
import type { FhirReason } from './validation-reasons.js';

export interface FhirRead {
  readonly arrival: Arrival;
  /** Absent: what came is no FHIR. */
  readonly resource?: Resource;
}

type Header = FhirTranslation['header'];
type Unreadable = Extract<Arrival['content'], { readonly answer: unknown }>;

/** FHIR nests deeper than the bodies of our own calls: a questionnaire in a bundle in a bundle. */
const MAX_DEPTH = 200;
const MOST_REASONS = 20;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON value, or why there is none. */
const parsed = (raw: Uint8Array): { readonly value: unknown } | FhirReason => {
  let text: string;
  try {
    text = utf8.decode(raw);
  } catch {
    return { code: 102, text: 'The body is not UTF-8. Send JSON in UTF-8' };
  }
  if (depthOf(text) > MAX_DEPTH) return { code: 102, text: `The body nests deeper than ${MAX_DEPTH}` };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    const { line, column } = faultIn(text);
    return { code: 102, text: `The text stops being JSON at line ${line}, column ${column}` };
  }
};

const unreadable = (reasons: readonly FhirReason[]): Unreadable => {
  const more = reasons.length - MOST_REASONS;
  const shown = more > 0 ? [...reasons.slice(0, MOST_REASONS), { code: reasons[0]!.code, text: `And ${more} more` }] : reasons;
  return { answer: reasons.some(({ code }) => code === 200 || code === 207) ? 'AR' : 'AE', reasons: shown };
};

/** Reading beside telling changes nothing of what is told: such an entry is answered by itself. */
const METHODS = ['POST', 'PUT', 'GET', 'HEAD'];

/** A transaction is done whole or not at all, and a part of this one cannot be done. */
const notOffered = ({ resourceType, type, entry }: Resource): readonly FhirReason[] => {
  if (resourceType !== 'Bundle' || type !== 'transaction' || !Array.isArray(entry)) return [];
  return (entry as readonly { readonly request?: { readonly method?: string } }[]).flatMap(({ request }, n) =>
    request?.method === undefined || METHODS.includes(request.method) ? [] : [{ code: 200, where: `Bundle.entry[${n}].request.method`, text: 'Nothing is deleted or changed in part here; state what holds with PUT, what was wrong as entered-in-error, and send the transaction without this' }],
  );
};

const NOT_FHIR: FhirReason = { code: 102, where: 'resourceType', text: 'The body is no FHIR resource: it names no resourceType' };
const NOT_UNDERSTOOD: FhirReason = { code: 207, text: 'The message is kept and could not be read here; the receiver has to look at it' };

export interface FhirReader extends Pick<FhirContext, 'defaultZone' | 'senders'> {
  readonly validate: Validate;
}

/** Bytes -> our words, or why there are none: by the form of R4 first, then by what is said. */
export const readFhir = ({ validate, ...settings }: FhirReader) => {
  /** A defect in our reading is not the sender's affair: the message is kept, and read again when that is mended. */
  const understood = (resource: Resource, context: FhirContext): FhirTranslation => {
    try {
      return translateFhir(resource, context);
    } catch {
      return { kind: 'unreadable', header: { sender: context.caller, controlId: '', trigger: resource.resourceType }, reasons: [NOT_UNDERSTOOD] };
    }
  };

  /** @param kept `sender`: who calls */
  return async ({ raw, receivedAt, sender }: Omit<Kept, 'protocol'>): Promise<FhirRead> => {
    const arrival = (header: Header, content: Arrival['content']): Arrival => ({ protocol: 'fhir', raw, ...header, receivedAt, content });
    const nameless: Header = { sender, controlId: '', trigger: '' };
    const read = parsed(raw);
    if (!('value' in read)) return { arrival: arrival(nameless, unreadable([read])) };
    const resource = read.value;
    if (!isResource(resource)) return { arrival: arrival(nameless, unreadable([NOT_FHIR])) };
    const faults = await validate(resource);
    const translation = understood(resource, { ...settings, receivedAt, caller: sender });
    const reasons = faults.length > 0 ? faults : notOffered(resource);
    if (reasons.length > 0) return { arrival: arrival(translation.header, unreadable(reasons)), resource };
    return { arrival: arrival(translation.header, translation.kind === 'readable' ? { said: translation.said } : unreadable(translation.reasons)), resource };
  };
};
