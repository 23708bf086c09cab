import type { MedicationLine } from '../domain/medication-line.js';
import { joinLines } from '../domain/reconciliation.js';
import { announce } from './announce.js';
import type { Tx } from './ports.js';

export type AddLine = Omit<MedicationLine, 'receivedAt'>;

/** Keeps a line as received; it joins the person's open reconciliations it belongs to, or waits for one to open. */
export const addLine = async (input: AddLine, tx: Tx): Promise<void> => {
  const known = await tx.lines.of(input.patientId);
  const receivedAt = known.find((line) => line.id === input.id)?.receivedAt ?? tx.now;
  const line: MedicationLine = { ...input, receivedAt };
  tx.lines.put(line);
  const lines = [...known.filter((other) => other.id !== line.id), line];
  for (const reconciliation of await tx.reconciliations.of(input.patientId)) announce(joinLines(reconciliation, lines), tx);
};
