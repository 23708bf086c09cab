import type { PatientData } from '@throughline/contracts/intake-events';
import type * as z from 'zod';
import { keep, present, type Kept, type Stamp } from './kept.js';
import type { AliasFacts, MergeFact, Parting } from './merge.js';
import type { Identifier, PatientSaid } from './said.js';
import { inOrder } from './identity.js';

export type PatientFacts = Omit<z.infer<typeof PatientData>, 'version'>;

export interface PatientState {
  readonly patientId: string;
  readonly version: number;
  readonly name?: Kept<{ readonly family: string; readonly given: string }> | undefined;
  readonly birthDate?: Kept<string> | undefined;
  readonly sex?: Kept<string> | undefined;
  readonly phone?: Kept<string> | undefined;
  readonly language?: Kept<string> | undefined;
  readonly zone?: Kept<string> | undefined;
  readonly deceased?: Kept<boolean> | undefined;
  readonly identifiers: readonly Identifier[];
  /** What was last published, without its version. */
  readonly published?: PatientFacts | undefined;
  /** Which records took this one over, as said. */
  readonly merges?: readonly MergeFact[] | undefined;
  /** When people said that they are two after all. */
  readonly parted?: readonly Parting[] | undefined;
  /** Which id it goes by, as last published. */
  readonly alias?: { readonly version: number; readonly published: AliasFacts } | undefined;
}

export const newPatient = (patientId: string): PatientState => ({ patientId, version: 0, identifiers: [] });

export const isDeceased = (patient: PatientState): boolean => patient.deceased?.value === true;

/** Takes in what a message says of the person: each matter keeps the latest word by the senders' time. */
export const hear = (patient: PatientState, said: PatientSaid, stamp: Stamp): PatientState => ({
  ...patient,
  name: keep(patient.name, said.name, stamp),
  birthDate: keep(patient.birthDate, said.birthDate, stamp),
  sex: keep(patient.sex, said.sex, stamp),
  phone: keep(patient.phone, said.phone, stamp),
  language: keep(patient.language, said.language, stamp),
  zone: keep(patient.zone, said.zone, stamp),
  deceased: keep(patient.deceased, said.deceased, stamp),
  identifiers: inOrder([...patient.identifiers, ...said.identifiers]),
});

/** The whole current fact, as the event states it. `deceased`: the person, under whatever record that was said. */
export const factsOf = (patient: PatientState, deceased: boolean): PatientFacts => {
  const record = patient.identifiers.find((one) => one.kind === 'record-number');
  return present({
    patientId: patient.patientId,
    name: patient.name?.value ?? { family: '', given: '' },
    birthDate: patient.birthDate?.value ?? undefined,
    sex: patient.sex?.value ?? undefined,
    zone: patient.zone?.value ?? undefined,
    language: patient.language?.value ?? undefined,
    phone: patient.phone?.value ?? undefined,
    deceased,
    recordNumber: record && { value: record.value, authority: record.authority },
  });
};
