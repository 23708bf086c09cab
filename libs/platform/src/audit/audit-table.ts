import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { contextOf } from '../http/request-context.js';
import { withConnection } from '../persistence/database.js';
import { planned } from '../persistence/planned.js';
import type { Sql } from '../persistence/sql.js';
import type { Audit, AuditEntry } from './audit.js';

const INSERT = `insert into audit (id, at, actor, roles, action, resource, patient_id, subject, outcome, correlation_id)
  select id, $2, actor, roles::jsonb, action, resource, patient_id, subject, 'allowed', correlation_id
  from unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::text[])
    as entry (id, actor, roles, action, resource, patient_id, subject, correlation_id)`;

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
    ]);
  };

  return {
    write,
    disclose: async (request, kind, patientIds, subject) => {
      const context = contextOf(request);
      if (!context.actor) throw new Error('An audited request without an actor');
      const { sub: actor, roles } = context.actor;
      const patients = patientIds.length > 0 ? [...new Set(patientIds)] : [undefined];
      await withConnection(dataSource, (sql) =>
        write(sql, patients.map((patientId) => ({ actor, roles, action: 'read', kind, patientId, subject, correlationId: context.correlationId }))),
      );
      context.audited = true;
    },
  };
};
