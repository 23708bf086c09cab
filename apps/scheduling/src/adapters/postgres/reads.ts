import { keysOfPerson, labelOf, withPatient, type WithPatient } from '@throughline/platform/patients/patient-reads';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { FollowUpSeen, Reads } from '../../application/ports.js';
import type { FollowUp } from '../../domain/follow-up.js';
import type { StatedAppointment } from '../../domain/stated-appointment.js';

const PATIENT = withPatient('it');

interface Record extends WithPatient {
  readonly body: FollowUp;
}

const seen = (row: Record): FollowUpSeen => ({ followUp: row.body, patient: labelOf(row) });

const LIST = `select it.body, ${PATIENT.columns} from follow_up it ${PATIENT.joins}
  where ($1::uuid is null or it.patient_id in ${keysOfPerson(1)}) and ($2::text is null or it.status = $2)
    and ($3::timestamptz is null or (it.due_at, it.id) > ($3::timestamptz, $4::uuid))
  order by it.due_at, it.id limit $5`;
/** One that has no time sorts as if it were never. */
const STATED = `select body from stated_appointment where patient_id in ${keysOfPerson(1)}
    and ($3::uuid is null or (coalesce(starts_at, 'infinity'), id) > (coalesce($2::timestamptz, 'infinity'), $3::uuid))
  order by coalesce(starts_at, 'infinity'), id limit $4`;
const ONE = `select it.body, ${PATIENT.columns} from follow_up it ${PATIENT.joins} where it.id = $1`;

export const postgresReads = (read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>): Reads => ({
  followUps: async ({ patient, status }, after, limit) =>
    (await read((sql) => sql.query<Record>(LIST, [patient ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit]))).map(seen),
  statedAppointments: async (patient, after, limit) =>
    (await read((sql) => sql.query<{ body: StatedAppointment }>(STATED, [patient, after?.[0] ?? null, after?.[1] ?? null, limit]))).map((row) => row.body),
  followUp: async (id) => (await read((sql) => sql.query<Record>(ONE, [id]))).map(seen)[0],
});
