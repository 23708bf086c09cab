import { referralSays } from '../../domain/referral.js';
import type { StatementSaid } from '../../domain/statement.js';
import { codedOf, saysNothing, wordsOf, type Coded } from './fhir-codes.js';
import { frameOf, stated } from './fhir-statements.js';
import { readTime } from './fhir-times.js';
import { entryFor, part, parts, text, type Json } from './json-values.js';
import type { Reader, Reading } from './reading.js';
import type { Entry } from './references.js';
import { ofSubject } from './subject.js';

type Referral = Extract<StatementSaid, { kind: 'referral' }>;

const BY: Readonly<Record<string, Referral['says']['by']>> = {
  Practitioner: 'clinician', PractitionerRole: 'clinician', Patient: 'patient', RelatedPerson: 'patient',
};
const URGENT: readonly string[] = ['urgent', 'asap', 'stat'];
const TAKEN_BACK: readonly string[] = ['revoked', 'entered-in-error'];

const byOf = (entry: Entry, reading: Reading): Referral['says']['by'] =>
  entryFor(BY, reading.resolve(part(entry.resource, 'requester'), entry)?.type ?? '') ?? 'unknown';

/** What for: a reason in words or codes, else the condition that is referred to. */
const reasonOf = (entry: Entry, reading: Reading): Coded | undefined => {
  const [concept] = parts(entry.resource, 'reasonCode');
  const coded = codedOf(concept);
  if (!saysNothing(coded)) return coded;
  const [reference] = parts(entry.resource, 'reasonReference');
  const condition: Json | undefined = reading.resolve(reference, entry)?.entry?.resource;
  const named = codedOf(part(condition, 'code'));
  return saysNothing(named) ? undefined : named;
};

/** A request that orders no test: somebody asks that the patient be looked after. */
export const readReferral: Reader = (entry, reading) => {
  const { resource } = entry;
  return ofSubject(entry, reading, 'subject', (subject) => {
    const reason = reasonOf(entry, reading);
    const programme = wordsOf(codedOf(part(resource, 'code')));
    const asked = {
      by: byOf(entry, reading),
      ...(reason ? { reason } : {}),
      ...(programme === '' ? {} : { programme: programme.slice(0, 200) }),
      urgency: URGENT.includes(text(resource, 'priority')) ? ('urgent' as const) : ('routine' as const),
    };
    const at = readTime(text(resource, 'authoredOn'), reading.zone)?.instant ?? subject.moment.at;
    const says = referralSays(asked, { at, zone: reading.zone, receivedAt: reading.receivedAt });
    return stated(subject, { kind: 'referral', ...frameOf(entry, reading, part(resource, 'encounter'), TAKEN_BACK.includes(text(resource, 'status'))), says });
  });
};
