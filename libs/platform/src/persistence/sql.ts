/** A connection inside a transaction. Parameters are `$1 ...`; json columns come back parsed, bigint as number, timestamptz as Date. */
export interface Sql {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
}

/** A TypeORM entity class. Its metadata (columns and types) drives the multi-row writes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type EntityClass<Row> = new (...args: any[]) => Row;

/** Every row of a patient's facts: filed for good under the patient id its encounter was first seen with. */
export interface PatientRow {
  id: string;
  patientId: string;
}
