/** What the library finds, as far as it is read here. */
export interface Issue {
  readonly severity?: string;
  readonly details?: { readonly text?: string };
  readonly expression?: readonly string[];
}

/** A value that a required binding is about. */
export interface Token {
  readonly path: string;
  readonly value: unknown;
}

/** As the reasons of HL7 v2 (table 0357): 100 structure, 101 required, 102 value, 103 code, 200 not supported. */
export interface FhirReason {
  readonly code: number;
  /** FHIRPath. */
  readonly where?: string;
  /** No value of the message is in it. */
  readonly text: string;
}

/** Value set -> system -> codes. */
export type ValueSets = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Steps of an element as R4 writes them. Another name is the sender's own, and may be anything: the path ends before it. */
const STEP = /^_?[a-z][A-Za-z0-9]{0,40}(?:\[(?:\d+|x)\])?$/;

/** `Observation.value[x].code` -> `Observation.value.code`; a string where an object belongs is reported letter by letter. */
const pathOf = (expression: string): string => {
  const [type = '', ...steps] = expression.split('.');
  const end = steps.findIndex((step) => !STEP.test(step));
  return [type, ...(end < 0 ? steps : steps.slice(0, end))].map((step) => step.replace('[x]', '')).join('.');
};

const LETTER = /\.\d+$/;

const told = (said: string, expression: string): Pick<FhirReason, 'code' | 'text'> => {
  if (LETTER.test(expression)) return { code: 102, text: 'A plain value stands where R4 has an element with parts' };
  if (said.startsWith('Invalid additional property')) return { code: 100, text: 'An element that R4 does not have here: remove it, or send it as an extension' };
  if (said.startsWith('Conflicting choice')) return { code: 100, text: 'More than one of a choice of elements: send one' };
  if (said.startsWith('Missing required') || said.startsWith('Invalid number of values')) return { code: 101, text: 'A required element is missing' };
  if (said.startsWith('Expected array')) return { code: 100, text: 'R4 has a list here' };
  if (said.startsWith('Expected single')) return { code: 100, text: 'R4 has one value here, and no list' };
  if (said.startsWith('Unknown data type')) return { code: 200, text: 'This is no type of resource of FHIR R4' };
  // What remains names a kind of value and what is wrong with it; what stands in quotes could be the value.
  return { code: 102, text: said.replace(/"[^"]*"/g, '...') };
};

/** Errors, and the one warning that leaves open what is meant; a very long text is as it should be. */
export const isFault = ({ severity, details }: Issue): boolean =>
  details?.text?.startsWith('Conflicting choice') === true || (severity === 'error' && details?.text?.startsWith('String cannot be larger') !== true);

export const reasonOf = ({ expression, details }: Issue): FhirReason => {
  const at = expression?.[0] ?? '';
  return { ...told(details?.text ?? 'Not as R4 has it', at), where: pathOf(at) };
};

/** `Patient.gender` in the patient of an entry -> `Bundle.entry[3].resource.gender`. */
export const within = (reason: FhirReason, where: string): FhirReason => {
  const [, ...steps] = (reason.where ?? '').split('.');
  return { ...reason, where: [where, ...steps].join('.') };
};

interface Coding {
  readonly system?: unknown;
  readonly code?: unknown;
}

const codingsOf = (value: unknown): readonly Coding[] => {
  if (typeof value !== 'object' || value === null) return [];
  const { coding } = value as { readonly coding?: unknown };
  return Array.isArray(coding) ? (coding as readonly Coding[]) : [value];
};

/** A concept may be told by its text, or in another system's words; in the set's own system it has to be one of the set. */
const isKnown = (value: unknown, set: ValueSets[string]): boolean => {
  const plain: unknown = (value as { valueOf(): unknown }).valueOf();
  if (typeof plain === 'string') return Object.values(set).some((codes) => codes.includes(plain));
  return codingsOf(plain).every(({ system, code }) => typeof system !== 'string' || typeof code !== 'string' || set[system]?.includes(code) !== false);
};

export const codeReasons = (tokens: Readonly<Record<string, readonly Token[]>>, sets: ValueSets): readonly FhirReason[] =>
  Object.entries(tokens).flatMap(([url, values]) => {
    const set = sets[url];
    if (set === undefined) return [];
    return values
      .filter(({ value }) => value !== undefined && value !== null && !isKnown(value, set))
      .map(({ path }) => ({ code: 103, where: pathOf(path), text: `This code is not in the value set ${url.slice(url.lastIndexOf('/') + 1)}` }));
  });
