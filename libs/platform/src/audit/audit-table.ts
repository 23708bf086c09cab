import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { contextOf } from '../http/request-context.js';
import { withConnection } from '../persistence/database.js';
import { planned } from '../persistence/planned.js';
import type { Sql } from '../persistence/sql.js';
import type { Audit, AuditEntry } from './audit.js';

const INSERT = `insert into audit (id, at, actor, roles, action, resource, patient_id, subject, outcome, correlation_id)
  select id, $2, actor, roles::jsonb, action, resource, patient_id, subject, outcome, correlation_id
  from unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::text[], $10::text[])
    as entry (id, actor, roles, action, resource, patient_id, subject, correlation_id, outcome)`;

/** `Audit` over the table `audit`. */
export const auditTable = (dataSource: DataSource, now: () => Date): Audit => {
  const write = async (sql: Sql, entries: readonly AuditEntry[]): Promise<void> => {
    const column = <T>(of: (entry: AuditEntry) => T): readonly T[] => entries.map(of);
    await planned(sql, INSERT, [
      column(() => randomUUID()),
      now(),
      column((entry) => entry.actor),
      column((entry) => JSON.stringify(entry.roles)),
      column((entry) => entry.action),
      column((entry) => entry.kind),
      column((entry) => entry.patientId ?? null),
      column((entry) => entry.subject ?? null),
      column((entry) => entry.correlationId),
      column((entry) => entry.outcome ?? 'allowed'),
    ]);
  };
  const whoAsks = (request: object): Pick<AuditEntry, 'actor' | 'roles' | 'correlationId'> => {
    const { actor, correlationId } = contextOf(request);
    if (!actor) throw new Error('An audited request without an actor');
    return { actor: actor.sub, roles: actor.roles, correlationId };
  };

  return {
    write,
    disclose: async (request, kind, patientIds, subject) => {
      const who = whoAsks(request);
      const patients = patientIds.length > 0 ? [...new Set(patientIds)] : [undefined];
      await withConnection(dataSource, (sql) => write(sql, patients.map((patientId) => ({ ...who, action: 'read', kind, patientId, subject }))));
      contextOf(request).audited = true;
    },
    deny: async (request, attempt) => {
      const entry: AuditEntry = { ...whoAsks(request), ...attempt, outcome: 'denied' };
      await withConnection(dataSource, (sql) => write(sql, [entry]));
    },
  };
};
