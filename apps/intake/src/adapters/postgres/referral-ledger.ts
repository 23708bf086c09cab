import type { LedgerSource } from '@throughline/platform/service/ledger';

/** One line per referral that was published: whoever asked is owed an episode at care-plan, unless it was taken back. */
export const referralLedger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id::text as cursor, id, body -> 'published' ->> 'referredAt' as at, null as "correlationId", 'referral' as kind, id as subject,
            case when (body -> 'published' ->> 'withdrawn')::boolean then 'withdrawn' else 'asked' end as outcome, id as "referralId", version
       from statement where body -> 'said' ->> 'kind' = 'referral' and body -> 'published' is not null and ($1::uuid is null or id > $1::uuid)
      order by statement.id limit $2`,
    [after ?? null, limit],
  );
