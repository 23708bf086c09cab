import { patientLabel, type PatientLabel } from '@throughline/kernel/patient-label';
import type { KeptPatient } from './patient-fact.row.js';

/** The id that the person whom parameter `n` names goes by today. */
export const survivorOf = (n: number): string => `coalesce((select survivor_id from patient_alias where patient_id = $${n}::uuid), $${n}::uuid)`;

/** Every key of that person under today's aliases, for `patient_id in ${keysOfPerson(1)}`: rows never move when ids are merged. */
export const keysOfPerson = (n: number): string => `(
  select $${n}::uuid
  union select ${survivorOf(n)}
  union select patient_alias.patient_id from patient_alias where patient_alias.survivor_id = ${survivorOf(n)})`;

/** Columns for the select list and joins that show each row of `table` with its patient, the survivor where ids were merged. */
export const withPatient = (table: string): { readonly columns: string; readonly joins: string } => ({
  columns: `coalesce(alias.survivor_id, ${table}.patient_id) as patient_shown_id, patient.body as patient_fact`,
  joins: `left join patient_alias alias on alias.patient_id = ${table}.patient_id
    left join patient on patient.id = coalesce(alias.survivor_id, ${table}.patient_id)`,
});

/** What `withPatient` adds to a row. */
export interface WithPatient {
  readonly patient_shown_id: string;
  readonly patient_fact: KeptPatient | null;
}

export const labelOf = (row: WithPatient): PatientLabel => patientLabel(row.patient_shown_id, row.patient_fact);
