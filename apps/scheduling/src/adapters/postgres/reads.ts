import type { Sql } from '@throughline/platform/persistence/sql';
import type { FollowUpSeen, PatientFact, PatientLabel, Reads } from '../../application/ports.js';
import type { FollowUp } from '../../domain/follow-up.js';

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
  readonly body: FollowUp;
}

const seen = (row: Record): FollowUpSeen => ({ followUp: row.body, patient: labelOf(row) });

const LIST = `select ${COLUMNS} from follow_up it ${PATIENT}
  where ($1::uuid is null or ${OF_PERSON}) and ($2::text is null or it.status = $2)
    and ($3::timestamptz is null or (it.due_at, it.id) > ($3::timestamptz, $4::uuid))
  order by it.due_at, it.id limit $5`;
const ONE = `select ${COLUMNS} from follow_up it ${PATIENT} where it.id = $1`;

export const postgresReads = (read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>): Reads => ({
  followUps: async ({ patient, status }, after, limit) =>
    (await read((sql) => sql.query<Record>(LIST, [patient ?? null, status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit]))).map(seen),
  followUp: async (id) => (await read((sql) => sql.query<Record>(ONE, [id]))).map(seen)[0],
});
