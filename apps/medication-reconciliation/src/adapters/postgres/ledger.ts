import type { LedgerSource } from '@throughline/platform/service/ledger';

export const reconciliationLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id as cursor, id, opened_at as at, body->>'correlationId' as "correlationId", 'reconciliation' as kind, id as subject, status as outcome, discharge_id as "dischargeId"
       from reconciliation where ($1::uuid is null or id > $1::uuid) order by id limit $2`,
    [after ?? null, limit],
  );
