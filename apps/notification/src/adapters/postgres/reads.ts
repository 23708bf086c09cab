import type { Sql } from '@throughline/platform/persistence/sql';
import type { DueMessage, Reads } from '../../application/ports.js';
import type { Message } from '../../domain/message.js';
import type { Notice } from '../../domain/notice.js';

const MESSAGES = `select body from message
  where ($1::text is null or state = $1) and ($2::timestamptz is null or (planned_at, id) > ($2::timestamptz, $3::uuid))
  order by planned_at, id limit $4`;

const DUE = `select id, patient_id as "patientId", body->'task'->>'team' as team, body->>'correlationId' as "correlationId",
  (select traceparent from job_origin where row_id = message.id) as traceparent
  from message where state = 'planned' and kind = $1 and due_at <= $2::timestamptz order by due_at, id limit $3`;

export const postgresReads = (read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>): Reads => ({
  noticesAfter: async (number, limit) => {
    const rows = await read((sql) => sql.query<{ number: number; body: Notice; traceparent: string | null }>('select number, body, traceparent from task_notice where number > $1 order by number limit $2', [number, limit]));
    return rows.map(({ body, number, traceparent }) => ({ ...body, number, ...(traceparent === null ? {} : { traceparent }) }));
  },
  lastNumber: async () => {
    const [head] = await read((sql) => sql.query<{ last: number }>(`select next_offset - 1 as last from log_head where log = 'task_notice'`));
    return head?.last ?? 0;
  },
  messages: async (state, after, limit) =>
    (await read((sql) => sql.query<{ body: Message }>(MESSAGES, [state ?? null, after?.[0] ?? null, after?.[1] ?? null, limit]))).map((row) => row.body),
  dueMessages: (kind, now, limit) => read((sql) => sql.query<DueMessage>(DUE, [kind, now, limit])),
});
