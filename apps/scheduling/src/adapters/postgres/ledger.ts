import type { LedgerSource } from '@throughline/platform/service/ledger';

export const followUpLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id as cursor, id, body->>'requestedAt' as at, body->>'correlationId' as "correlationId", 'follow-up' as kind, id as subject, status as outcome, discharge_id as "dischargeId"
       from follow_up where ($1::uuid is null or id > $1::uuid) order by id limit $2`,
    [after ?? null, limit],
  );
