import type { PatientRow } from '@throughline/platform/persistence/sql';
import type { PatientRows } from '@throughline/platform/persistence/unit';

/** Domain values in rows: the whole value is `body`, the other columns are what is searched by. */
export const kept = <Value, Row extends PatientRow & { body: Value }>(rows: PatientRows<Row>, rowOf: (value: Value) => Row) => ({
  of: async (patientId: string): Promise<readonly Value[]> => (await rows.of(patientId)).map((row) => row.body),
  get: async (patientId: string, id: string): Promise<Value | undefined> => (await rows.get(patientId, id))?.body,
  put: (value: Value): void => rows.put(rowOf(value)),
});
