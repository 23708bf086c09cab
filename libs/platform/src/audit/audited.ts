import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiHeader } from '@nestjs/swagger';

export const AUDITED = Symbol('throughline:audited');

/** The patient ids that an answer discloses. Called with the body (not the `Answer` around it) before it leaves. */
export type Discloses<Body> = (body: Body, params: Readonly<Record<string, string>>) => readonly (string | null | undefined)[];

export interface AuditDeclaration {
  readonly action: 'read' | 'change';
  /** What was read or changed: `task`, `patient`, `reconciliation`. */
  readonly kind: string;
  /** Reads: who is disclosed. `'by-handler'`: the handler writes the rows itself through `runtime.audit`. */
  readonly patients: Discloses<never> | 'in-transaction' | 'by-handler';
}

/**
 * Declares a read: one audit row per patient of the answer is committed before the answer leaves; an answer that discloses
 * nobody leaves one row without a patient, so that searches are seen too.
 *
 * `@Audited('task', (page: Page<TaskView>) => page.items.map((task) => task.patient.id))`
 */
export const Audited = <Body>(kind: string, patients: Discloses<Body> | 'by-handler'): MethodDecorator =>
  SetMetadata(AUDITED, { action: 'read', kind, patients } satisfies AuditDeclaration);

/** Declares a change: `runtime.commands` writes the audit rows in the transaction of the change itself. */
export const AuditedChange = (kind: string): MethodDecorator =>
  applyDecorators(
    SetMetadata(AUDITED, { action: 'change', kind, patients: 'in-transaction' } satisfies AuditDeclaration),
    ApiHeader({ name: 'Idempotency-Key', required: false, description: 'A value of its own per command, the same when it is sent again; the stored answer comes back for 30 days. Required from systems (role sender).' }),
    ApiHeader({ name: 'If-Match', required: false, description: 'The ETag of what was read; required for a change to what exists.' }),
    ApiExtension('x-command', true),
  );
