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
  await join(input.patientId, lines, tx);
};

/** The lines of a person join the reconciliations they belong to. */
export const joinAll = async (patientId: string, tx: Tx): Promise<void> => join(patientId, await tx.lines.of(patientId), tx);

const join = async (patientId: string, lines: readonly MedicationLine[], tx: Tx): Promise<void> => {
  // Half of the lines would leave what the other half belongs to.
  if (tx.catchingUp) return;
  for (const reconciliation of await tx.reconciliations.of(patientId)) announce(joinLines(reconciliation, lines), tx);
};
