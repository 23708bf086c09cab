import type { LedgerSource } from '@throughline/platform/service/ledger';
import { rowLedger } from '@throughline/platform/service/row-ledger';

export const noticeLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select number::text as cursor, id, at, body->>'correlationId' as "correlationId", 'notice' as kind, body->>'taskId' as subject, body->>'status' as outcome,
            body->>'dischargeId' as "dischargeId", body->>'referralId' as "referralId", body->>'type' as type, number
       from task_notice where number > $1 order by task_notice.number limit $2`,
    [Number(after ?? 0), limit],
  );

export const messageLedger = rowLedger('message', 'message', {
  at: 'planned_at',
  correlationId: "body->>'correlationId'",
  outcome: 'state',
  dischargeId: "body->'task'->>'dischargeId'",
  referralId: "body->'task'->>'referralId'",
  taskId: "body->'task'->>'taskId'",
  attempts: "(body->>'attempts')::int",
});
