import type { DataOf } from '@throughline/contracts/flow';

type Said = DataOf<'care.appointment.stated.v1'>;

/** A visit in somebody else's calendar, as its source says: to look at when one is booked here, and nothing that was booked here. */
export interface StatedAppointment {
  readonly id: string;
  readonly patientId: string;
  readonly source: string;
  readonly status: Said['status'];
  readonly withdrawn: boolean;
  readonly startsAt?: string;
  readonly endsAt?: string;
  /** What kind of visit, where, with whom: in the source's words. */
  readonly kind?: string;
  readonly place?: string;
  readonly with?: string;
}

export const statedAppointment = ({ appointmentId, patientId, source, status, withdrawn, startsAt, endsAt, kind, place, with: whom }: Said): StatedAppointment => {
  const words = kind?.text ?? kind?.display ?? kind?.code;
  return {
    id: appointmentId, patientId, source, status, withdrawn,
    ...(startsAt ? { startsAt } : {}), ...(endsAt ? { endsAt } : {}), ...(words ? { kind: words } : {}), ...(place ? { place } : {}), ...(whom ? { with: whom } : {}),
  };
};
