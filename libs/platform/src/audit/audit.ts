import type { Sql } from '../persistence/sql.js';

/** Who did what to whose data. Ids and codes; never content. */
export interface AuditEntry {
  readonly actor: string;
  readonly roles: readonly string[];
  readonly action: 'read' | 'change';
  /** `task`, `patient`, `parked`. */
  readonly kind: string;
  /** Undefined: the request disclosed nobody (an empty search), or the patient is not known yet. */
  readonly patientId?: string | undefined;
  readonly subject?: string | undefined;
  /** `denied`: the policy did not let them, and nothing was shown or changed. Default: `allowed`. */
  readonly outcome?: 'allowed' | 'denied';
  readonly correlationId: string;
}

export interface Audit {
  /** Writes all entries in one statement, in the caller's transaction. */
  write(sql: Sql, entries: readonly AuditEntry[]): Promise<void>;
  /**
   * For a handler that declared `'by-handler'` (a stream): writes and commits one row per patient for this request.
   * `request` is what `@Req()` gives.
   */
  disclose(request: object, kind: string, patientIds: readonly string[], subject?: string): Promise<void>;
  /** Writes and commits that whoever makes this request was not let. */
  deny(request: object, attempt: Pick<AuditEntry, 'action' | 'kind' | 'patientId' | 'subject'>): Promise<void>;
}
