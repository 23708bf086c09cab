/** A patient as every list of every service shows them. */
export interface PatientLabel {
  /** The id the person goes by today, whichever one the row is filed under. */
  readonly id: string;
  /** Given name, then family name; null while no name was received. */
  readonly name: string | null;
  readonly birthDate: string | null;
  /** The record number that people read out. */
  readonly recordNumber: string | null;
}

/** As much of intake's fact as the label says. */
export interface Labelled {
  readonly name?: { readonly family: string; readonly given: string };
  readonly birthDate?: string;
  readonly recordNumber?: { readonly value: string };
}

/** A patient nobody has told of yet still has an id, and a row that must not be lost for want of a name. */
export const patientLabel = (id: string, known: Labelled | null): PatientLabel => ({
  id,
  name: [known?.name?.given, known?.name?.family].filter(Boolean).join(' ') || null,
  birthDate: known?.birthDate ?? null,
  recordNumber: known?.recordNumber?.value ?? null,
});
