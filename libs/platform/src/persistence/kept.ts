import type { Kept } from '@throughline/kernel/kept';
import type { KeptRow } from './kept.row.js';
import type { PatientRows } from './unit.js';

/** The port over rows: `rowOf` fills the columns that are searched by. */
export const kept = <Value, Row extends KeptRow<Value>>(rows: PatientRows<Row>, rowOf: (value: Value) => Row): Kept<Value> => ({
  of: async (patientId) => (await rows.of(patientId)).map((row) => row.body),
  get: async (patientId, id) => (await rows.get(patientId, id))?.body,
  put: (value) => rows.put(rowOf(value)),
});
