import { saysNoneKnown } from '../../domain/none-known.js';
import type { StatementSaid } from '../../domain/statement.js';
import { codedOf, saysNothing, statusCode, wordsOf, type Coded } from './fhir-codes.js';
import { numberOf, stayOfReference } from './fhir-numbers.js';
import { choiceOfTime, readDate, readTime } from './fhir-times.js';
import { entryFor, part, parts, said, text, texts, type Json } from './json-values.js';
import { onlyFlag, told, type Reader, type Reading, type ResourceRead } from './reading.js';
import type { Entry, Target } from './references.js';
import { ofAnySubject, ofSubject, type Subject } from './subject.js';

type Of<K extends StatementSaid['kind']> = Extract<StatementSaid, { kind: K }>;
type Frame = Pick<StatementSaid, 'number' | 'withdrawn' | 'stay'>;

const IN_ERROR = 'entered-in-error';

/** What every statement has beside its own words. */
export const frameOf = (entry: Entry, reading: Reading, stay: Json | undefined, withdrawn: boolean): Frame => ({
  ...said('number', numberOf(entry, reading)),
  ...(withdrawn ? { withdrawn: true } : {}),
  ...said('stay', stayOfReference(stay, entry, reading)),
});

export const stated = (subject: Subject, statement: StatementSaid): ResourceRead => told({ kind: 'statement', ...subject, statement });

const NEVER_HELD: readonly string[] = ['refuted', IN_ERROR];

const reactionsOf = (resource: Json): readonly string[] =>
  parts(resource, 'reaction').flatMap((one) => parts(one, 'manifestation')).map((one) => wordsOf(codedOf(one))).filter((words) => words !== '');

const allergen = (resource: Json): Coded => {
  const coded = codedOf(part(resource, 'code'));
  return saysNothing(coded) ? codedOf(part(parts(resource, 'reaction').find((one) => part(one, 'substance')), 'substance')) : coded;
};

export const readAllergy: Reader = (entry, reading) => {
  const { resource } = entry;
  const code = allergen(resource);
  if (saysNothing(code)) return onlyFlag('without-code');
  return ofSubject(entry, reading, 'patient', (subject) => {
    const reactions = [...reactionsOf(resource)];
    const statement: Of<'allergy'> = {
      kind: 'allergy',
      ...frameOf(entry, reading, part(resource, 'encounter'), NEVER_HELD.includes(statusCode(resource, 'verificationStatus'))),
      says: {
        code,
        noneKnown: saysNoneKnown(code.code),
        ...said('category', texts(resource, 'category')[0]),
        ...said('criticality', text(resource, 'criticality')),
        ...(reactions.length > 0 ? { reactions } : {}),
        ...said('clinicalStatus', statusCode(resource, 'clinicalStatus')),
      },
    };
    return stated(subject, statement);
  });
};

export const readCondition: Reader = (entry, reading) => {
  const { resource } = entry;
  const code = codedOf(part(resource, 'code'));
  if (saysNothing(code)) return onlyFlag('without-code');
  return ofSubject(entry, reading, 'subject', (subject) => {
    const verification = statusCode(resource, 'verificationStatus');
    const statement: Of<'condition'> = {
      kind: 'condition',
      ...frameOf(entry, reading, part(resource, 'encounter'), verification === IN_ERROR),
      says: {
        code,
        ...said('clinicalStatus', statusCode(resource, 'clinicalStatus')),
        ...said('verification', verification),
        ...said('onsetAt', choiceOfTime(resource, 'onset', reading.zone)),
        ...said('endedAt', choiceOfTime(resource, 'abatement', reading.zone)),
      },
    };
    return stated(subject, statement);
  });
};

const nameOf = (target: Target | undefined): string => {
  if (!target) return '';
  const [person] = parts(target.entry?.resource, 'name');
  const named = person ? text(person, 'text') || [...texts(person, 'given'), text(person, 'family')].filter(Boolean).join(' ') : text(target.entry?.resource, 'name');
  return target.display || named;
};

const payerOf = (entry: Entry, reading: Reading): string => {
  const payors = parts(entry.resource, 'payor').map((one) => reading.resolve(one, entry));
  return payors.map((one) => nameOf(one) || text(one?.identifier, 'value')).find((name) => name !== '') ?? '';
};

export const readCoverage: Reader = (entry, reading) =>
  ofSubject(entry, reading, 'beneficiary', (subject) => {
    const { resource } = entry;
    const [kind, period] = [codedOf(part(resource, 'type')), part(resource, 'period')];
    const statement: Of<'coverage'> = {
      kind: 'coverage',
      ...frameOf(entry, reading, undefined, text(resource, 'status') === IN_ERROR),
      says: {
        ...said('payer', payerOf(entry, reading)),
        ...(saysNothing(kind) ? {} : { kind }),
        ...said('status', text(resource, 'status')),
        ...said('startsOn', readDate(text(period, 'start'))),
        ...said('endsOn', readDate(text(period, 'end'))),
      },
    };
    return stated(subject, statement);
  });

const APPOINTMENTS: Readonly<Record<string, Of<'appointment'>['says']['status']>> = {
  proposed: 'proposed', pending: 'proposed', waitlist: 'proposed', booked: 'booked', arrived: 'arrived', 'checked-in': 'arrived', fulfilled: 'kept',
  cancelled: 'cancelled', noshow: 'missed', [IN_ERROR]: 'cancelled',
};

/** The first of these that says anything. */
const firstCoded = (...concepts: readonly (Json | undefined)[]): Coded | undefined => concepts.map((one) => codedOf(one)).find((coded) => !saysNothing(coded));

export const readAppointment: Reader = (entry, reading) => {
  const { resource } = entry;
  const actors = parts(resource, 'participant').map((one) => ({ reference: part(one, 'actor'), target: reading.resolve(part(one, 'actor'), entry) }));
  const [patient, ...others] = actors.filter(({ target }) => target?.type === 'Patient');
  return ofAnySubject(entry, reading, patient?.reference, (subject) => {
    const names = (isPlace: boolean): string =>
      actors.filter(({ target }) => target && target.type !== 'Patient' && (target.type === 'Location') === isPlace).map(({ target }) => nameOf(target)).filter(Boolean).join(', ');
    const kind = firstCoded(...parts(resource, 'serviceType'), part(resource, 'appointmentType'), ...parts(resource, 'specialty'));
    const reason = firstCoded(...parts(resource, 'reasonCode'));
    const statement: Of<'appointment'> = {
      kind: 'appointment',
      ...frameOf(entry, reading, undefined, text(resource, 'status') === IN_ERROR),
      says: {
        status: entryFor(APPOINTMENTS, text(resource, 'status')) ?? 'unknown',
        ...(kind ? { kind } : {}),
        ...(reason ? { reason } : {}),
        ...said('startsAt', readTime(text(resource, 'start'), reading.zone)?.instant),
        ...said('endsAt', readTime(text(resource, 'end'), reading.zone)?.instant),
        ...said('place', names(true)),
        ...said('with', names(false)),
      },
    };
    return stated({ ...subject, flags: [...subject.flags, ...(others.length > 0 ? ['second-patient-not-read'] : [])] }, statement);
  });
};
