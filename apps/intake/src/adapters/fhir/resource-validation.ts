import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { codeReasons, isFault, reasonOf, within, type FhirReason, type Issue, type Token, type ValueSets } from './validation-reasons.js';

/** A resource of which nothing is known but its type. */
export interface Resource {
  readonly resourceType: string;
  readonly id?: unknown;
  readonly type?: unknown;
  readonly entry?: unknown;
}

/** What is wrong with the form of a resource by R4; nothing where it is right. */
export type Validate = (resource: Resource) => Promise<readonly FhirReason[]>;

interface Definitions {
  readonly structures: readonly { readonly name: string; readonly kind: string; readonly abstract: boolean }[];
  readonly codes: ValueSets;
}

const DEFINITIONS = new URL('../../../reference/fhir-r4.json', import.meta.url);
/** Between two resources of a bundle everybody else has a turn: a big one must not hold up the acknowledgements. */
const TURN_MS = 10;
/** The library's own limit is for what it stores itself; ours is the body's. */
const ANY_SIZE = Number.MAX_SAFE_INTEGER;

/** Loaded at the first FHIR request: whoever sends HL7 only never pays for it. */
const load = async (): Promise<(resource: Resource) => readonly FhirReason[]> => {
  const [core, text] = await Promise.all([import('@medplum/core'), readFile(DEFINITIONS, 'utf8')]);
  const { structures, codes } = JSON.parse(text) as Definitions;
  core.indexStructureDefinitionBundle(structures as never);
  const types = new Set(structures.filter(({ kind, abstract }) => kind === 'resource' && !abstract).map(({ name }) => name));
  const issuesOf = (resource: Resource, tokens: Record<string, Token[]>): readonly Issue[] => {
    try {
      return core.validateResource(resource as never, { collect: { tokens: tokens as never }, base64BinaryMaxBytes: ANY_SIZE });
    } catch (error) {
      if (error instanceof core.OperationOutcomeError) return error.outcome.issue as readonly Issue[];
      throw error;
    }
  };
  return (resource) => {
    if (!types.has(resource.resourceType)) return [{ code: 200, where: 'resourceType', text: 'This is no type of resource of FHIR R4' }];
    const tokens: Record<string, Token[]> = {};
    const issues = issuesOf(resource, tokens);
    return [...issues.filter(isFault).map(reasonOf), ...codeReasons(tokens, codes)];
  };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isResource = (value: unknown): value is Resource => isObject(value) && typeof value['resourceType'] === 'string' && value['resourceType'] !== '';

interface Placed {
  readonly resource: Resource;
  readonly where: string;
}

/** The bundle's own form, and each of its resources, one by one. */
const partsOf = (resource: Resource): readonly Placed[] => {
  if (resource.resourceType !== 'Bundle' || !Array.isArray(resource.entry)) return [{ resource, where: resource.resourceType }];
  const entries: readonly unknown[] = resource.entry;
  const shell = entries.map((entry) => {
    if (!isObject(entry) || !isResource(entry['resource'])) return entry;
    const { resource: _inner, ...rest } = entry;
    // An entry may hold nothing but its resource, and an empty one would be a fault of its own.
    return Object.keys(rest).length > 0 ? rest : { fullUrl: 'urn:none' };
  });
  const inner = entries.flatMap((entry, n) => {
    const held = isObject(entry) ? entry['resource'] : undefined;
    return isResource(held) ? partsOf(held).map((part) => ({ ...part, where: `Bundle.entry[${n}].resource${part.where.slice(held.resourceType.length)}` })) : [];
  });
  return [{ resource: { ...resource, entry: shell }, where: 'Bundle' }, ...inner];
};

/**
 * By the form that R4 gives its resources: elements, cardinalities, types, dates, codes of required bindings. Not by profiles,
 * invariants or terminologies: what those find does not keep anybody from reading the fact.
 */
export const resourceValidation = (): Validate => {
  let loading: ReturnType<typeof load> | undefined;
  return async (resource) => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    const validated = await loading;
    const reasons: FhirReason[] = [];
    let turn = performance.now();
    for (const part of partsOf(resource)) {
      reasons.push(...validated(part.resource).map((reason) => within(reason, part.where)));
      if (performance.now() - turn < TURN_MS) continue;
      await setImmediate();
      turn = performance.now();
    }
    return [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()];
  };
};
