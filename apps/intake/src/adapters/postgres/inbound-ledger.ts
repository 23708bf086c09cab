import type { LedgerSource } from '@throughline/platform/service/ledger';

/**
 * What became of a message, in one word. Exactly one is true at any time: in quarantine, decided, set aside, discarded by a
 * person, or waiting for its turn. For a query with `inbound i left join inbound_outcome o using (id)`.
 */
export const OUTCOME_OF = `
  case when i.replayed_as is not null then 'repeat'
       when i.answer <> 'AA' then 'quarantined'
       when o.id is not null then o.outcome
       when exists (select 1 from parked p where p.event_id = i.id and p.state <> 'discarded') then 'parked'
       when exists (select 1 from parked p where p.event_id = i.id) then 'refused'
       else 'pending' end`;

/** ADT events by their trigger alone. */
export const TRIGGER_OF = `case when i.trigger like 'ADT^%' then substr(i.trigger, 5) else i.trigger end`;

const CURSOR = `to_char(i.received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** One line per inbound message, in the order received. `followUp` is what holds for its discharge now. */
export const inboundLedger: LedgerSource = (sql, after, limit) => {
  const [at, id] = after?.split(' ') ?? [];
  return sql.query(
    `select ${CURSOR} || ' ' || i.id as cursor, i.id, i.received_at as at, i.id as "correlationId", 'inbound' as kind, i.id as subject,
            ${OUTCOME_OF} as outcome, coalesce(o.reason, i.reasons -> 0 ->> 'code') as reason, i.sender, i.control_id as "controlId",
            ${TRIGGER_OF} as trigger, i.answer, o.discharge_id as "dischargeId", o.discharged_at as "dischargedAt", o.time_source as "timeSource", o.flags,
            case when d.id is null then null
                 when (d.body -> 'published' ->> 'withdrawn')::boolean then 'withdrawn'
                 when (d.body -> 'published' -> 'followUp' ->> 'wanted')::boolean then 'wanted'
                 else d.body -> 'published' -> 'followUp' ->> 'reason' end as "followUp"
     from inbound i left join inbound_outcome o on o.id = i.id left join discharge d on d.id = o.discharge_id
     where $1::timestamptz is null or (i.received_at, i.id) > ($1::timestamptz, $2::uuid)
     order by i.received_at, i.id limit $3`,
    [at ?? null, id ?? null, limit],
  );
};
