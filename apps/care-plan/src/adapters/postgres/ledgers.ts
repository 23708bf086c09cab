import type { LedgerSource } from '@throughline/platform/service/ledger';

/** One line per episode, in the order of their ids, which never changes. */
export const episodeLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id::text as cursor, id, opened_at as at, correlation_id as "correlationId", 'episode' as kind, id as subject,
            status as outcome, status, discharge_id as "dischargeId", protocol_id as "protocolId", protocol_version as "protocolVersion", version
       from episode where $1::uuid is null or id > $1 order by id limit $2`,
    [after ?? null, limit],
  );

export const taskLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id::text as cursor, id, opened_at as at, correlation_id as "correlationId", 'task' as kind, id as subject,
            status as outcome, status, discharge_id as "dischargeId", episode_id as "episodeId", step_id as "stepId", due_at as "dueAt", version
       from task where $1::uuid is null or id > $1 order by id limit $2`,
    [after ?? null, limit],
  );
