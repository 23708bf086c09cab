import type { Sql } from '@throughline/platform/persistence/sql';
import type { PatientFact, PatientLabel, Reads, ReconciliationSeen } from '../../application/ports.js';
import type { MedicationLine } from '../../domain/medication-line.js';
import type { Reconciliation } from '../../domain/reconciliation.js';

interface Labelled {
  readonly shown_id: string;
  readonly patient: PatientFact | null;
}

/** The row's patient as known today: the survivor, where the id it is filed under was merged into another. */
const PATIENT = `left join patient_alias alias on alias.patient_id = it.patient_id
  left join patient on patient.id = coalesce(alias.survivor_id, it.patient_id)`;
const COLUMNS = `it.body, coalesce(alias.survivor_id, it.patient_id) as shown_id, patient.body as patient`;
/** Rows of the person that $1 names, under whichever id they were filed. */
const OF_PERSON = `it.patient_id in (
  select $1::uuid union select survivor_id from patient_alias where patient_id = $1
  union select other.patient_id from patient_alias other
    where other.survivor_id = coalesce((select survivor_id from patient_alias where patient_id = $1), $1))`;

const labelOf = ({ shown_id, patient }: Labelled): PatientLabel => ({
  id: shown_id,
  name: patient?.name ?? null,
  birthDate: patient?.birthDate ?? null,
  recordNumber: patient?.recordNumber ?? null,
});

interface Record extends Labelled {
  readonly body: Reconciliation;
}

const seen = (row: Record): ReconciliationSeen => ({ reconciliation: row.body, patient: labelOf(row) });

const LIST = `select ${COLUMNS} from reconciliation it ${PATIENT}
  where ($1::uuid is null or ${OF_PERSON}) and ($2::text is null or it.status = $2)
    and ($3::timestamptz is null or (it.opened_at, it.id) > ($3::timestamptz, $4::uuid))
  order by it.opened_at, it.id limit $5`;
const ONE = `select ${COLUMNS} from reconciliation it ${PATIENT} where it.id = $1`;
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
