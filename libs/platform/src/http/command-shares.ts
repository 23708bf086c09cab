import type { Audit, AuditEntry } from '../audit/audit.js';
import { allOf } from '../persistence/database.js';
import { planned } from '../persistence/planned.js';
import type { Sql } from '../persistence/sql.js';
import { Answer } from './answer.js';
import type { CommandRequest } from './command-request.js';
import type { AnsweredShare, Claimed, CommandShare, CommandTarget } from './commands.js';
import { Problem } from './problem.js';

interface Stored {
  readonly body_hash: string;
  readonly status: number;
  readonly answer: { readonly body: unknown; readonly version?: number };
}

export const running = (): Problem =>
  new Problem(409, 'command-running', 'Still running', 'A request with this Idempotency-Key is still running. Send it again in a moment to get its answer.', undefined, { 'retry-after': '1' });

const otherBody = (): Problem =>
  new Problem(422, 'key-reused', 'The Idempotency-Key was used for something else', 'Use a new Idempotency-Key for a new request.', [
    { field: 'Idempotency-Key', detail: 'was sent before with another address or body' },
  ]);

/** Held until the transaction ends. */
const LOCK = `
  select pg_try_advisory_xact_lock(hashtextextended(current_schema() || name, 0)) as got
  from unnest($1::text[]) with ordinality c (name, n) order by n`;

/** A statement of its own, after the locks: it sees what their last holders committed. */
const FIND = `
  select c.n::int as n, s.body_hash, s.status, s.answer
  from unnest($1::text[], $2::text[]) with ordinality c (actor, idempotency_key, n) join command s using (actor, idempotency_key)`;

const STORE = `
  insert into command (actor, idempotency_key, body_hash, status, answer, command_id, at)
  select actor, idempotency_key, body_hash, status, answer, command_id, $7::timestamptz
  from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::jsonb[], $6::uuid[]) c (actor, idempotency_key, body_hash, status, answer, command_id)`;

export const claimShares = async (sql: Sql, shares: readonly CommandShare[]): Promise<ReadonlyMap<CommandShare, Claimed>> => {
  const claimed = new Map<CommandShare, Claimed>(shares.map((share) => [share, { go: true }]));
  const keyed = shares.filter(({ command }) => command.key !== undefined);
  if (keyed.length === 0) return claimed;
  const actors = keyed.map(({ command }) => command.actor.sub);
  const keys = keyed.map(({ command }) => command.key);
  const [locks, found] = (await allOf<unknown[]>([
    planned(sql, LOCK, [keyed.map(({ command }) => JSON.stringify(['command', command.actor.sub, command.key]))]),
    planned(sql, FIND, [actors, keys]),
  ])) as [{ got: boolean }[], (Stored & { n: number })[]];
  const stored = new Map(found.map((row) => [row.n - 1, row]));
  for (const [index, share] of keyed.entries()) {
    const before = stored.get(index);
    if (!locks[index]!.got) claimed.set(share, { refusal: running() });
    else if (before && before.body_hash !== share.command.hash) claimed.set(share, { refusal: otherBody() });
    else if (before) claimed.set(share, { answer: answerOf(before) });
  }
  return claimed;
};

const answerOf = ({ status, answer: { body, version } }: Stored): Answer<unknown> =>
  new Answer(body, { status, replayed: true, ...(version === undefined ? {} : { version }) });

export const entriesOf = (command: CommandRequest, target: CommandTarget, action: 'read' | 'change'): readonly AuditEntry[] => {
  const patients = target.patientIds.length > 0 ? [...new Set(target.patientIds)] : [undefined];
  return patients.map((patientId) => ({
    actor: command.actor.sub,
    roles: command.actor.roles,
    action,
    kind: command.audit.kind,
    patientId,
    subject: target.subject,
    correlationId: target.correlationId ?? command.cause.correlationId,
  }));
};

/** The answer that was stored is given again: that reads the patient's data, and changes nothing. */
export const settleShares = async (sql: Sql, audit: Audit, answered: readonly AnsweredShare[], now: Date): Promise<void> => {
  const entries = answered.flatMap(({ share, answer }) => entriesOf(share.command, share.target, answer.options.replayed ? 'read' : 'change'));
  const fresh = answered.filter(({ share, answer }) => share.command.key !== undefined && !answer.options.replayed);
  await allOf<unknown>([
    ...(fresh.length > 0 ? [storeCommands(sql, fresh, now)] : []),
    ...(entries.length > 0 ? [audit.write(sql, entries)] : []),
  ]);
};

export const storeCommands = (sql: Sql, fresh: readonly AnsweredShare[], now: Date): Promise<unknown> =>
  planned(sql, STORE, [
    fresh.map(({ share }) => share.command.actor.sub),
    fresh.map(({ share }) => share.command.key),
    fresh.map(({ share }) => share.command.hash),
    fresh.map(({ answer }) => answer.options.status),
    fresh.map(({ answer }) => JSON.stringify({ body: answer.body ?? null, version: answer.options.version })),
    fresh.map(({ share }) => share.command.id),
    now,
  ]);
