import type { Identifier, MergeSaid } from '../../domain/said.js';
import { personOf, personOfTarget } from './fhir-patient.js';
import { part, parts, text } from './json-values.js';
import { momentOf, NOTHING, type Fact, type Person, type Reader } from './reading.js';

const same = (a: Identifier, b: Identifier): boolean => a.kind === b.kind && a.authority === b.authority && a.value === b.value;

/** The numbers of one record alone: one that both bear says nothing of whose record ends. */
const mergeOf = (into: Person, retired: Person): MergeSaid | undefined => {
  const numbers = retired.patient.identifiers.filter((one) => !into.patient.identifiers.some((other) => same(one, other)));
  return numbers.length === 0 || into.patient.identifiers.length === 0 ? undefined : { into: into.patient, retired: numbers };
};

/**
 * What a Patient says of other records of the same person (IHE PMIR tells of a merge so): `replaced-by` another, or the
 * `replaces` that says it from the other side. A record that is only pointed at stays as it is.
 */
export const readLinks: Reader = (entry, reading) => {
  const own = personOf(entry, reading);
  const facts: Fact[] = [];
  const flags: string[] = [];
  for (const link of parts(entry.resource, 'link')) {
    const target = reading.resolve(part(link, 'other'), entry);
    const type = text(link, 'type');
    if (!target || target.type === 'RelatedPerson' || (type !== 'replaced-by' && type !== 'replaces')) {
      flags.push('link-not-taken');
      continue;
    }
    const other = personOfTarget(target, reading);
    const [into, retired] = type === 'replaced-by' ? [other, own] : [own, other];
    const merge = mergeOf(into, retired);
    if (merge) facts.push({ kind: 'merge', person: into, moment: momentOf(reading, entry.resource), flags: into.flags, merge });
    else flags.push('link-without-number');
  }
  return { ...NOTHING, facts, flags };
};
