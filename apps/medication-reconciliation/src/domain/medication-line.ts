/** What one source said that a patient takes or shall take, exactly as received. */
export interface MedicationLine {
  readonly id: string;
  readonly patientId: string;
  readonly encounterId?: string | undefined;
  readonly dischargeId?: string | undefined;
  /** The system that said so; lists of different sources are never mixed into one line. */
  readonly source: string;
  readonly orderId?: string | undefined;
  readonly medicine: { readonly text: string; readonly code?: string | undefined; readonly system?: string | undefined; readonly display?: string | undefined };
  readonly dose?: { readonly value: string; readonly unit?: string | undefined } | undefined;
  readonly route?: string | undefined;
  readonly directions?: string | undefined;
  readonly timing?: { readonly code?: string | undefined; readonly text?: string | undefined; readonly duration?: string | undefined; readonly startsAt?: string | undefined; readonly endsAt?: string | undefined } | undefined;
  readonly prescribedAt?: string | undefined;
  /** Absent: the source says nothing of it. */
  readonly status?: 'stopped' | 'cancelled' | 'on-hold' | 'completed' | undefined;
  readonly basis?: 'ordered' | 'dispensed' | 'administered' | undefined;
  readonly receivedAt: string;
}

interface Discharge {
  readonly dischargeId: string;
  readonly encounterId: string;
}

/**
 * A line names the discharge or the stay it belongs to; one that names neither (a pharmacy's, a home list) is part of what
 * the person takes, and so belongs to every reconciliation of that person that is open.
 */
export const belongsTo = (line: MedicationLine, discharge: Discharge): boolean => {
  if (line.dischargeId !== undefined) return line.dischargeId === discharge.dischargeId;
  if (line.encounterId !== undefined) return line.encounterId === discharge.encounterId;
  return true;
};

/** In id order, so that the order of arrival leaves no trace. */
export const lineIdsOf = (lines: readonly MedicationLine[], discharge: Discharge): readonly string[] =>
  [...new Set(lines.filter((line) => belongsTo(line, discharge)).map((line) => line.id))].sort();
