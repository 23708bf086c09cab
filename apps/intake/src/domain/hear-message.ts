import { numbered } from './departures.js';
import { findStay, nameStay, type StayNames } from './find-stay.js';
import type { Stamp } from './kept.js';
import type { Person } from './person.js';
import { hearLine, lineId, type PrescriptionState } from './prescription.js';
import type { PrescriptionSaid, Said, StaySaid } from './said.js';
import { hearStay, newEncounter, type EncounterState } from './stay.js';
import { addFact, type StayFact } from './stay-facts.js';

export type StayMessage = Said & { readonly stay: StaySaid };

const namesOf = (said: StayMessage): StayNames => ({
  visit: said.stay.visit,
  account: said.stay.account,
  admittedAt: said.stay.admittedAt,
  left: said.what === 'discharge' ? said.discharge.at : said.what === 'cancel-discharge' ? said.cancels : undefined,
  at: said.at,
});

export const stampOf = ({ at, receivedAt }: Said, by: string): Stamp => ({ at, receivedAt, by });

const factOf = (said: StayMessage, by: string): StayFact | undefined => {
  const stamp = stampOf(said, by);
  switch (said.what) {
    case 'admission':
      return { kind: 'admitted', ...stamp, ...(said.still ? { still: true } : {}) };
    case 'discharge':
      return { kind: 'left', ...stamp, discharge: said.discharge, stay: said.stay, n: 0 };
    case 'cancel-discharge':
      return { kind: 'cancelled', ...stamp };
    case 'cancel-stay':
      return { kind: 'voided', ...stamp };
    case 'plan-discharge':
      return { kind: 'planned', ...stamp, stay: said.stay, n: 0, ...(said.expectedAt === undefined ? {} : { expectedAt: said.expectedAt }) };
    case 'cancel-plan':
      return { kind: 'plan-cancelled', ...stamp };
    default: {
      const { disposition, destination } = said.stay;
      if (disposition === undefined && destination === undefined) return undefined;
      return { kind: 'amended', ...stamp, ...(disposition === undefined ? {} : { disposition }), ...(destination === undefined ? {} : { destination }) };
    }
  }
};

/** What is known after a message, and what of it the message was about. */
export interface Heard {
  readonly person: Person;
  readonly before?: EncounterState | undefined;
  readonly encounter?: EncounterState | undefined;
  readonly flags: readonly string[];
}

const replace = (person: Person, encounter: EncounterState): Person => ({
  ...person,
  encounters: [...person.encounters.filter((one) => one.encounterId !== encounter.encounterId), encounter],
});

/** These do not say that anybody is or was in the stay. */
const SAYS_NO_STAY: readonly Said['what'][] = ['update', 'cancel-stay'];

export const hearStayOf = (person: Person, said: StayMessage, by: string): Heard => {
  const names = namesOf(said);
  const found = findStay(person.encounters, names);
  const named = found ? undefined : nameStay(person.patient.patientId, names);
  // One that is known by its fact alone (`restored`) has no numbers to be found by: its name is the same.
  const before = found ?? person.encounters.find(({ encounterId }) => encounterId === named!.encounterId);
  const known = before ?? newEncounter(named!.encounterId, person.patient.patientId);
  const fact = factOf(said, by);
  const told = hearStay({ ...known, seen: known.seen || !SAYS_NO_STAY.includes(said.what) }, said.stay, stampOf(said, by));
  const encounter = numbered(fact ? addFact(told, fact) : told);
  return { person: replace(person, encounter), before, encounter, flags: named?.flags ?? [] };
};

/** The line that the message is about, under whichever of the person's records it was first heard of. */
export const lineOf = (person: Person, sender: string, prescription: PrescriptionSaid, by: string): PrescriptionState | undefined =>
  [person.patient, ...person.others]
    .map(({ patientId }) => lineId(patientId, sender, prescription, by))
    .map((id) => person.lines.find((one) => one.lineId === id))
    .find((line) => line !== undefined);

export type PrescriptionMessage = Said & { what: 'prescription' };
export const linesIn = ({ prescription, more = [] }: PrescriptionMessage): readonly PrescriptionSaid[] => [prescription, ...more];

export const hearPrescription = (person: Person, said: PrescriptionMessage, by: string): Heard => {
  const lines = linesIn(said).reduce<readonly PrescriptionState[]>((kept, prescription) => {
    const known = lineOf({ ...person, lines: kept }, said.sender, prescription, by);
    const patientId = known?.patientId ?? person.patient.patientId;
    const id = lineId(patientId, said.sender, prescription, by);
    const line = hearLine(known, { lineId: id, patientId, version: 0, stay: said.stay, source: said.sender, said: prescription, stamp: stampOf(said, by) });
    return [...kept.filter((one) => one.lineId !== id), line];
  }, person.lines);
  return { person: { ...person, lines }, flags: [] };
};
