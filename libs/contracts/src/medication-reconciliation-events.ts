import * as z from 'zod';
import { defineEvent, fact } from './define-event.js';

export const ReconciliationData = z.object({
  ...fact,
  reconciliationId: z.uuid(),
  dischargeId: z.uuid(),
  encounterId: z.uuid().optional(),
  status: z.enum(['open', 'completed', 'withdrawn']),
  openedAt: z.iso.datetime(),
  /** The medication lines it has so far. */
  lineIds: z.array(z.uuid()),
  completed: z.object({ at: z.iso.datetime(), by: z.string() }).optional(),
});

const reconciliation = <const T extends `care.reconciliation.${string}.v1`>(type: T, summary: string) =>
  defineEvent(type, 'reconciliationId', ReconciliationData, summary);

export const ReconciliationOpened = reconciliation('care.reconciliation.opened.v1', 'The medicines of a discharge wait to be compared');
export const ReconciliationChanged = reconciliation('care.reconciliation.changed.v1', 'Lines joined a reconciliation');
export const ReconciliationCompleted = reconciliation('care.reconciliation.completed.v1', 'A person compared the lists and attested it');
export const ReconciliationWithdrawn = reconciliation('care.reconciliation.withdrawn.v1', 'The discharge behind a reconciliation was withdrawn');
