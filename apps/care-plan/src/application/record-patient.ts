import type { EventOf } from '@throughline/contracts/flow';
import type { Tx } from './ports.js';

/** Keeps what is needed to name, find and call a patient. */
export const recordPatient = ({ data }: EventOf<'care.patient.recorded.v1'>, tx: Tx): void => {
  const { patientId, version, name, deceased, birthDate, sex, zone, language, phone, recordNumber } = data;
  tx.keepPatient({ patientId, version, family: name.family, given: name.given, deceased, birthDate, sex, zone, language, phone, recordNumber });
};
