import type { Identifier, PatientSaid, Stated, StayNumber } from '../../domain/said.js';
import { identifierKind } from '../../domain/identifier-kind.js';
import type { Er7Message, Reason, Segment } from './er7.js';
import { readDate } from '../../domain/hl7-time.js';

const MAX_VALUE = 200;
const MAX_IDENTIFIERS = 50;

/** PID-3, MRG-1: every number that may say who this is. An empty authority is the sender's own. */
export const identifiersOf = (segment: Segment, field: number, ownAuthority: string): readonly Identifier[] =>
  segment.repetitions(field).slice(0, MAX_IDENTIFIERS).flatMap((repetition) => {
    const value = segment.part(repetition, 1);
    const kind = identifierKind(segment.part(repetition, 5));
    if (value === '' || value === '""' || value.length > MAX_VALUE || kind === undefined) return [];
    const authority = (segment.part(repetition, 4) || ownAuthority).slice(0, MAX_VALUE);
    return [{ kind, own: authority === ownAuthority, authority, value }];
  });

const statedText = (segment: Segment, field: number, component = 1): Stated<string> => {
  if (segment.isNull(field)) return null;
  return segment.text(field, component) || undefined;
};

/** XPN: the legal name if it is marked as such, else the first that has one. */
const nameOf = (pid: Segment): PatientSaid['name'] => {
  if (pid.isNull(5)) return null;
  const named = pid.repetitions(5).filter((one) => pid.part(one, 1) !== '' || pid.part(one, 2) !== '');
  const best = named.find((one) => pid.part(one, 7) === 'L') ?? named[0];
  return best === undefined ? undefined : { family: pid.part(best, 1), given: pid.part(best, 2) };
};

/** XTN: the number as text (until 2.6), else put together from country, area and local number. */
const phoneOf = (pid: Segment): Stated<string> => {
  if (pid.isNull(13)) return null;
  for (const one of pid.repetitions(13)) {
    const parts = [5, 6, 7].map((component) => pid.part(one, component)).filter((part) => part !== '');
    const number = pid.part(one, 1) || pid.part(one, 12) || parts.join(' ');
    if (/\d/.test(number)) return number;
  }
  return undefined;
};

/** PID-30 says so, or PID-29 has a time of death. Where both speak and disagree, the time of death counts and is flagged. */
const deathOf = (pid: Segment): { readonly deceased?: boolean; readonly flags: readonly string[] } => {
  const indicator = pid.text(30).toUpperCase();
  const dated = /^\d{4}/.test(pid.text(29));
  if (indicator === 'Y' || dated) return { deceased: true, flags: indicator === 'N' ? ['death-time-with-alive-indicator'] : [] };
  return indicator === 'N' ? { deceased: false, flags: [] } : { flags: [] };
};

export interface PersonRead {
  readonly patient?: PatientSaid;
  readonly reasons: readonly Reason[];
  readonly flags: readonly string[];
}

/** The one person the message is about. Several PID segments are tolerated while they name the same one. */
export const readPerson = (message: Er7Message, ownAuthority: string): PersonRead => {
  const [pid, ...others] = message.all('PID');
  if (!pid) return { reasons: [{ code: 100, where: 'PID', text: 'The PID segment is missing' }], flags: [] };
  if (pid.raw(3) !== '' && others.some((other) => other.raw(3) !== pid.raw(3)))
    return { reasons: [{ code: 100, where: 'PID', text: 'Several PID segments name different patients' }], flags: [] };
  const read = readPid(pid, ownAuthority);
  return others.length > 0 ? { ...read, flags: [...read.flags, 'several-pid'] } : read;
};

/** Whom one PID segment names. */
export const readPid = (pid: Segment, ownAuthority: string): PersonRead => {
  const identifiers = identifiersOf(pid, 3, ownAuthority);
  const numbered = pid.repetitions(3).some((repetition) => !['', '""'].includes(pid.part(repetition, 1)));
  if (identifiers.length === 0 && !numbered)
    return { reasons: [{ code: 101, where: 'PID-3', text: 'No number that says who the patient is' }], flags: [] };
  const { deceased, flags } = deathOf(pid);
  const birthDate = pid.isNull(7) ? null : readDate(pid.text(7));
  return {
    patient: {
      identifiers,
      name: nameOf(pid),
      birthDate,
      sex: statedText(pid, 8),
      phone: phoneOf(pid),
      language: statedText(pid, 15),
      ...(deceased === undefined ? {} : { deceased }),
    },
    reasons: [],
    flags: [
      ...flags,
      // A social security number, an account: it is somebody, and no number says who.
      ...(identifiers.length === 0 ? ['matches-nobody'] : []),
      ...(birthDate === undefined && pid.text(7) !== '' ? ['birth-date-partial'] : []),
    ],
  };
};

/** CX as the number of a stay. */
export const stayNumberOf = (segment: Segment, field: number): StayNumber | undefined => {
  const value = segment.text(field);
  if (value === '' || value === '""' || value.length > MAX_VALUE) return undefined;
  const authority = segment.text(field, 4).slice(0, MAX_VALUE);
  return { value, ...(authority === '' ? {} : { authority }) };
};
