// `node infra/scripts/fhir-definitions.mjs FOLDER`: writes apps/intake/reference/fhir-r4.json, what FHIR R4 (4.0.1) says of the form
// of its resources: elements, cardinalities, types, and the codes of required bindings. FOLDER is `definitions.json.zip` of
// hl7.org/fhir/R4 (CC0), unpacked. Descriptions, invariants and profiles are left out: they are not checked at the door.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder that holds profiles-types.json, profiles-resources.json and valuesets.json.');
const target = join(resolve(fileURLToPath(import.meta.url), '../../..'), 'apps/intake/reference/fhir-r4.json');
const resourcesOf = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).entry.map(({ resource }) => resource);

const terms = new Map(resourcesOf('valuesets.json').map((one) => [`${one.resourceType} ${one.url}`, one]));
const codesIn = (concepts = []) => concepts.flatMap(({ code, concept }) => [code, ...codesIn(concept)]);

/** System and codes of one part of a value set; undefined where they are not all written down. */
const partOf = ({ system, concept, filter = [], valueSet }) => {
  if (valueSet !== undefined || filter.length > 0) return undefined;
  if (concept !== undefined) return [system, concept.map(({ code }) => code)];
  const all = terms.get(`CodeSystem ${system}`);
  return all?.content === 'complete' && all.concept ? [system, codesIn(all.concept)] : undefined;
};

/** The codes of a value set by their system; undefined for one that is open (media types, currencies, units). */
const closedSet = (url) => {
  const { compose } = terms.get(`ValueSet ${url}`) ?? {};
  if (compose === undefined || (compose.exclude ?? []).length > 0) return undefined;
  const parts = compose.include.map(partOf);
  return parts.includes(undefined) ? undefined : Object.fromEntries(parts);
};

const codes = new Map();
const knownSet = (binding) => {
  if (binding?.strength !== 'required') return undefined;
  const url = binding.valueSet?.split('|')[0];
  if (!codes.has(url)) codes.set(url, closedSet(url));
  return codes.get(url) && url;
};

const elementOf = ({ id, path, min, max, base, type, contentReference, binding }) => {
  const valueSet = knownSet(binding);
  return {
    id, path, min, max,
    ...(base?.max !== undefined && (contentReference || base.max !== max) ? { base } : {}),
    ...(type ? { type: type.map(({ code, extension }) => ({ code, ...(extension ? { extension } : {}) })) } : {}),
    ...(contentReference ? { contentReference } : {}),
    ...(valueSet ? { binding: { strength: 'required', valueSet } } : {}),
  };
};

const structures = ['profiles-types.json', 'profiles-resources.json']
  .flatMap(resourcesOf)
  .filter(({ resourceType, fhirVersion, kind, derivation }) => resourceType === 'StructureDefinition' && fhirVersion === '4.0.1' && kind !== 'logical' && derivation !== 'constraint')
  .map(({ url, name, type, kind, abstract, snapshot }) => ({ resourceType: 'StructureDefinition', url, name, type, kind, abstract, snapshot: { element: snapshot.element.map(elementOf) } }));
const lines = (all) => all.join(',\n');
const closed = [...codes].filter(([, members]) => members);
writeFileSync(target, `{"structures":[\n${lines(structures.map((one) => JSON.stringify(one)))}\n],"codes":{\n${lines(closed.map(([url, members]) => `${JSON.stringify(url)}:${JSON.stringify(members)}`))}\n}}\n`);
console.log(`${structures.length} structures, ${closed.length} value sets; open, and not checked: ${[...codes.keys()].filter((url) => !codes.get(url)).join(', ')}`);
