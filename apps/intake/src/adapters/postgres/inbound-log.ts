import type { BusRecord } from '@throughline/platform/bus/bus';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { Message } from '@throughline/platform/runner/message';
import { acceptedOf } from './identity-resolver.js';
import { planned } from '@throughline/platform/persistence/planned';

/** Name of the log of accepted messages: in `log_head`, in positions and in the parked list. */
export const INBOUND = 'inbound';

interface LogRow {
  readonly log_offset: number;
  readonly id: string;
  readonly value: string;
  readonly received_at: Date;
  readonly traceparent: string | null;
}

/** Accepted messages in the order of the log, as records of a topic with one partition. */
export const readInbound = async (sql: Sql, from: number, limit: number): Promise<readonly BusRecord[]> => {
  const rows = await planned<LogRow>(
    sql,
    `select l.log_offset, l.traceparent, i.id, i.received_at,
            json_build_object('inboundId', i.id, 'controlIdReused', i.control_id_reused, 'said', i.said)::text as value
     from inbound_log l join inbound i on i.id = l.inbound_id
     where l.log_offset >= $1 order by l.log_offset limit $2`,
    [from, limit],
  );
  return rows.map((row) => ({
    topic: INBOUND,
    partition: 0,
    offset: row.log_offset,
    key: null,
    headers: { ce_id: row.id, ce_type: 'inbound', ce_correlationid: row.id, ...(row.traceparent === null ? {} : { ce_traceparent: row.traceparent }) },
    value: row.value,
    at: row.received_at,
  }));
};

export const inboundMessage = (record: BusRecord): Message => {
  const accepted = acceptedOf(record);
  const { inboundId } = accepted;
  const traceparent = record.headers['ce_traceparent'];
  return {
    id: inboundId,
    type: INBOUND,
    cause: { correlationId: inboundId, causationId: inboundId, actor: 'service:intake', ...(traceparent === undefined ? {} : { traceparent }) },
    payload: accepted,
  };
};

/** Accepted messages that are not decided yet, the parked ones not counted. */
export const undecided = async (sql: Sql): Promise<number> => {
  const [row] = await sql.query<{ n: number }>(
    `select (select next_offset from log_head where log = $1) - coalesce((select next_offset from position where topic = $1 and partition = 0), 0) as n`,
    [INBOUND],
  );
  return row?.n ?? 0;
};
