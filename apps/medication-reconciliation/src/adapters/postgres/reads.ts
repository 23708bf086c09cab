import { keysOfPerson, labelOf, withPatient, type WithPatient } from '@throughline/platform/patients/patient-reads';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { Reads, ReconciliationSeen } from '../../application/ports.js';
import type { MedicationLine } from '../../domain/medication-line.js';
import type { Reconciliation } from '../../domain/reconciliation.js';

const PATIENT = withPatient('it');
const OF_PERSON = `it.patient_id in ${keysOfPerson(1)}`;

interface Record extends WithPatient {
  readonly body: Reconciliation;
}

const seen = (row: Record): ReconciliationSeen => ({ reconciliation: row.body, patient: labelOf(row) });

const LIST = `select it.body, ${PATIENT.columns} from reconciliation it ${PATIENT.joins}
  where ($1::uuid is null or ${OF_PERSON}) and ($2::text is null or it.status = $2)
    and ($3::timestamptz is null or (it.opened_at, it.id) > ($3::timestamptz, $4::uuid))
  order by it.opened_at, it.id limit $5`;
const ONE = `select it.body, ${PATIENT.columns} from reconciliation it ${PATIENT.joins} where it.id = $1`;
const LINES = `select it.body from medication_line it
  where ${OF_PERSON} and ($2::timestamptz is null or (it.received_at, it.id) > ($2::timestamptz, $3::uuid))
  order by it.received_at, it.id limit $4`;
const LINES_BY_ID = `select body from medication_line where id = any($1::uuid[]) order by received_at, id`;

export const postgresReads = (read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>): Reads => ({
  reconciliations: async ({ patient, status }, after, limit) =>
    (await read((sql) => sql.query<Record>(LIST, [patient ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit]))).map(seen),
  reconciliation: async (id) => (await read((sql) => sql.query<Record>(ONE, [id]))).map(seen)[0],
  lines: async (patientId, after, limit) =>
    (await read((sql) => sql.query<{ body: MedicationLine }>(LINES, [patientId, after?.[0] ?? null, after?.[1] ?? null, limit]))).map((row) => row.body),
  linesById: async (ids) => (await read((sql) => sql.query<{ body: MedicationLine }>(LINES_BY_ID, [ids]))).map((row) => row.body),
});
