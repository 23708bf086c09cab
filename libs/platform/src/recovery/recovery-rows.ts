import type { Sql } from '../persistence/sql.js';

/** Something that could not be had again. */
export interface Loss {
  readonly type: string;
  readonly subject: string;
  readonly patientId: string | null;
  readonly at: string | null;
  /** Never a patient's words: a field's name, or why. */
  readonly what: string;
}

export interface RecoveryRow {
  readonly id: number;
  readonly askedBy: string;
  readonly begunAt: Date;
  readonly endedAt: Date | null;
  /** Events of its own topic that were applied again. */
  readonly restored: number;
}

const COLUMNS = 'id, asked_by as "askedBy", begun_at as "begunAt", ended_at as "endedAt", restored';

/** The newest, ended or not. */
export const lastRecovery = async (sql: Sql): Promise<RecoveryRow | undefined> => (await sql.query<RecoveryRow>(`select ${COLUMNS} from recovery order by id desc limit 1`))[0];

export const beginRecovery = async (sql: Sql, askedBy: string, correlationId: string, now: Date): Promise<void> => {
  await sql.query('insert into recovery (asked_by, correlation_id, begun_at) values ($1, $2, $3) on conflict do nothing', [askedBy, correlationId, now]);
};

export const endRecovery = async (sql: Sql, id: number, now: Date): Promise<void> => {
  await sql.query('delete from recovering_event');
  await sql.query('update recovery set ended_at = $2 where id = $1', [id, now]);
};

export const addRestored = async (sql: Sql, id: number, restored: number): Promise<void> => {
  if (restored > 0) await sql.query('update recovery set restored = restored + $2 where id = $1', [id, restored]);
};

export const addLosses = async (sql: Sql, id: number, losses: readonly Loss[]): Promise<void> => {
  if (losses.length === 0) return;
  await sql.query(
    `insert into recovery_loss (recovery_id, type, subject, patient_id, at, what)
     select $1::bigint, * from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[])`,
    [id, losses.map((one) => one.type), losses.map((one) => one.subject), losses.map((one) => one.patientId), losses.map((one) => one.at), losses.map((one) => one.what)],
  );
};

export interface ListedLoss extends Loss {
  readonly id: number;
}

/** Of one recovery, in the order they were found. */
export const lossesOf = (sql: Sql, recoveryId: number, after: number, limit: number): Promise<readonly ListedLoss[]> =>
  sql.query<ListedLoss>('select id, type, subject, patient_id as "patientId", at, what from recovery_loss where recovery_id = $1 and id > $2 order by id limit $3', [recoveryId, after, limit]);

export const countLosses = async (sql: Sql, recoveryId: number): Promise<number> =>
  (await sql.query<{ n: number }>('select count(*) as n from recovery_loss where recovery_id = $1', [recoveryId]))[0]!.n;

/** Events that what is applied again was made from. */
export const addHeard = async (sql: Sql, ids: readonly string[]): Promise<void> => {
  if (ids.length > 0) await sql.query('insert into recovering_event (id) select unnest($1::uuid[]) on conflict do nothing', [ids]);
};

export const heardAmong = async (sql: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set((await sql.query<{ id: string }>('select id from recovering_event where id = any($1::uuid[])', [ids])).map((row) => row.id));

/** Persons that were touched and not yet settled. */
export const unsettledPersons = async (sql: Sql, limit: number): Promise<readonly string[]> =>
  (await sql.query<{ id: string }>('select id from recovering_person order by id limit $1', [limit])).map((row) => row.id);

export const personsSettled = async (sql: Sql, ids: readonly string[]): Promise<void> => {
  await sql.query('delete from recovering_person where id = any($1::uuid[])', [ids]);
};
