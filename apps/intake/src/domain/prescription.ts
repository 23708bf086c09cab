import type { PrescriptionData } from '@throughline/contracts/intake-events';
import { dischargeId, idOf } from '@throughline/kernel/ids';
import type * as z from 'zod';
import { findStay, type StayNamed } from './find-stay.js';
import { compareStamps, present, type Stamp } from './kept.js';
import type { PrescriptionSaid } from './said.js';
import { departuresOf } from './departures.js';
import type { EncounterState } from './stay.js';

export type PrescriptionFacts = Omit<z.infer<typeof PrescriptionData>, 'version'>;

export interface PrescriptionState {
  readonly lineId: string;
  readonly patientId: string;
  readonly version: number;
  /** The stay it was prescribed in, as the message names it: the stay may become known later. */
  readonly stay?: StayNamed | undefined;
  readonly source: string;
  readonly said: PrescriptionSaid;
  readonly stamp: Stamp;
  readonly published?: PrescriptionFacts | undefined;
  /** Known by its fact alone, since the database was put back to an older copy: not stated again before a message speaks of it. */
  readonly restored?: true | undefined;
}

/** A line is named by its source and order number, else by the message that brought it; and by its place where that names several. */
export const lineId = (patientId: string, sender: string, { orderId, place }: Pick<PrescriptionSaid, 'orderId' | 'place'>, by: string): string =>
  idOf('line', patientId, sender, ...(orderId === undefined ? ['message', by] : ['order', orderId]), ...(place === undefined ? [] : [place]));

/** The latest word on a line wins, by the sender's time. */
export const hearLine = (known: PrescriptionState | undefined, next: PrescriptionState): PrescriptionState => {
  if (!known) return next;
  const newer = compareStamps(known.stamp, next.stamp) <= 0 ? next : known;
  return { ...newer, version: known.version, published: known.published, stay: newer.stay ?? known.stay ?? next.stay, restored: undefined };
};

/** The whole current fact: it points at the stay, and at the stay's newest discharge, once they are known. */
export const lineFacts = (line: PrescriptionState, encounters: readonly EncounterState[]): PrescriptionFacts => {
  const { visit, account } = line.stay ?? {};
  const named = visit !== undefined || account !== undefined;
  const encounter = named ? findStay(encounters, { visit, account, at: line.stamp.at }) : undefined;
  const last = encounter && departuresOf(encounter.facts).at(-1);
  return present({
    patientId: line.patientId,
    lineId: line.lineId,
    encounterId: encounter?.encounterId,
    dischargeId: encounter && last ? dischargeId(encounter.encounterId, last.n) : undefined,
    source: line.source,
    orderId: line.said.orderId,
    medicine: line.said.medicine,
    dose: line.said.dose,
    route: line.said.route,
    directions: line.said.directions,
    timing: line.said.timing,
    prescribedAt: line.said.prescribedAt,
    status: line.said.status,
    basis: line.said.basis,
  });
};
