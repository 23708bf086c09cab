import type { LedgerSource } from '@throughline/platform/service/ledger';

export const noticeLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select number::text as cursor, id, at, body->>'correlationId' as "correlationId", 'notice' as kind, body->>'taskId' as subject, body->>'status' as outcome,
            body->>'dischargeId' as "dischargeId", body->>'type' as type, number
       from task_notice where number > $1 order by task_notice.number limit $2`,
    [Number(after ?? 0), limit],
  );

export const messageLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id as cursor, id, planned_at as at, body->>'correlationId' as "correlationId", 'message' as kind, id as subject, state as outcome,
            body->'task'->>'dischargeId' as "dischargeId", body->'task'->>'taskId' as "taskId", (body->>'attempts')::int as attempts
       from message where ($1::uuid is null or id > $1::uuid) order by id limit $2`,
    [after ?? null, limit],
  );
