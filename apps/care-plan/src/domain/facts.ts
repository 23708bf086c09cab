import { instantOf, type Instant, type LocalDate } from '@throughline/kernel/business-time';
import type { EventOf } from '@throughline/contracts/flow';
import { lasting, type Lasting } from './lasting.js';
import type { Snooze } from './snooze.js';

/** What intake said of one discharge, with what later corrections must not take away. */
export interface Discharge extends Lasting {
  readonly dischargeId: string;
  /** The key it is filed under for good. */
  readonly patientId: string;
  readonly encounterId: string;
  readonly facilityZone: string;
  readonly dischargedAt: Instant;
  readonly dischargeDate: LocalDate;
  /** Undefined: a follow-up is owed. */
  readonly notFollowedUp?: string;
  readonly backdated: boolean;
  readonly withdrawn: boolean;
}

export type DischargeEvent = EventOf<'care.discharge.recorded.v1'> | EventOf<'care.discharge.withdrawn.v1'>;

export const recordDischarge = (known: Discharge | undefined, event: DischargeEvent): Discharge => {
  const { data } = event;
  const withdrawn = event.type === 'care.discharge.withdrawn.v1' || data.withdrawn;
  const followed = data.followUp.wanted && !withdrawn;
  const dischargedAt = instantOf(data.dischargedAt);
  return {
    dischargeId: data.dischargeId,
    patientId: data.patientId,
    encounterId: data.encounterId,
    facilityZone: data.facilityZone,
    dischargedAt,
    dischargeDate: data.dischargeDate,
    ...(data.followUp.wanted ? {} : { notFollowedUp: data.followUp.reason }),
    backdated: data.backdated,
    withdrawn,
    ...lasting(known, { event, heardAt: instantOf(event.time), at: dischargedAt, followed, withdrawn }),
  };
};

/** Said again, with nothing in it that this service goes by. */
export const sameDischarge = (a: Discharge, b: Discharge): boolean =>
  (['dischargedAt', 'dischargeDate', 'facilityZone', 'notFollowedUp', 'backdated', 'withdrawn', 'encounterId'] as const).every((field) => a[field] === b[field]);

export interface Encounter {
  readonly encounterId: string;
  readonly patientId: string;
  readonly status: 'admitted' | 'discharged' | 'discharge-withdrawn' | 'withdrawn';
  readonly encounterClass?: string;
  /** False: a visit, and no stay in hospital. */
  readonly inpatient?: boolean;
  readonly admittedAt?: Instant;
}

export const recordEncounter = ({ data }: EventOf<'care.encounter.recorded.v1'>): Encounter => ({
  encounterId: data.encounterId,
  patientId: data.patientId,
  status: data.status,
  ...(data.encounterClass ? { encounterClass: data.encounterClass } : {}),
  ...(data.inpatient === undefined ? {} : { inpatient: data.inpatient }),
  ...(data.admittedAt ? { admittedAt: instantOf(data.admittedAt) } : {}),
});

export const withdrawEncounter = ({ data }: EventOf<'care.encounter.withdrawn.v1'>): Encounter => ({ encounterId: data.encounterId, patientId: data.patientId, status: 'withdrawn' });

/** Work of another service that clears a step. The first time it was done stays; the appointment follows the latest word. */
export interface Evidence {
  readonly kind: 'reconciliation-completed' | 'follow-up-booked' | 'summary-received';
  /** The discharge it is about, */
  readonly dischargeId?: string;
  /** or the stay whose every discharge it is about. */
  readonly encounterId?: string;
  readonly patientId: string;
  readonly eventId: string;
  readonly at: Instant;
  readonly by: string;
  readonly appointmentAt?: Instant;
}

export const isAbout = (evidence: Evidence, occasion: { readonly id: string; readonly encounterId?: string }): boolean =>
  evidence.dischargeId === occasion.id || (evidence.encounterId !== undefined && evidence.encounterId === occasion.encounterId);

/** HL7 table 0271: in progress, incomplete. */
const NOT_WRITTEN_YET = ['IP', 'IN'];

/** The discharge information came (HEDIS TRC): a summary, written, of a stay that it names. What is only announced is none. */
export const recordSummary = ({ id, time, data }: EventOf<'care.document.received.v1'>): Evidence | undefined => {
  const { encounterId, patientId } = data;
  if (encounterId === undefined || !data.dischargeSummary || !data.withContent || data.withdrawn || NOT_WRITTEN_YET.includes(data.completion ?? '')) return undefined;
  return { kind: 'summary-received', encounterId, patientId, eventId: id, at: instantOf(time), by: 'service:intake' };
};

export const recordReconciliation = (known: Evidence | undefined, event: EventOf<'care.reconciliation.completed.v1'>): Evidence =>
  known ?? {
    kind: 'reconciliation-completed',
    dischargeId: event.data.dischargeId,
    patientId: event.data.patientId,
    eventId: event.id,
    at: instantOf(event.data.completed?.at ?? event.time),
    by: event.data.completed?.by ?? 'service:medication-reconciliation',
  };

export const recordBooking = (known: Evidence | undefined, event: EventOf<'care.follow-up.booked.v1'>): Evidence => ({
  kind: 'follow-up-booked',
  dischargeId: event.data.dischargeId,
  patientId: event.data.patientId,
  eventId: known?.eventId ?? event.id,
  at: known?.at ?? instantOf(event.time),
  by: known?.by ?? 'service:scheduling',
  ...(event.data.appointment ? { appointmentAt: instantOf(event.data.appointment.at) } : {}),
});

/** The visit is no longer booked: the work that was done stays done, the appointment is gone. */
export const dropAppointment = ({ appointmentAt: _gone, ...kept }: Evidence): Evidence => kept;

/** A person tried to reach the patient or a caregiver and says how it went. Never a machine's word: a chat bot's call is no contact. */
export interface Contact {
  readonly contactId: string;
  readonly patientId: string;
  readonly episodeId?: string;
  readonly at: Instant;
  readonly mode: 'telephone' | 'in-person' | 'video' | 'message';
  readonly with: 'patient' | 'caregiver';
  readonly outcome: 'reached' | 'no-answer' | 'left-message' | 'wrong-number' | 'declined';
  readonly by: string;
  /** Typed by a person: stays in this service's rows. */
  readonly note?: string;
  readonly version: number;
}

/** What people did on a task, whatever became of it. */
export interface Work {
  /** Whose it is, and who gave it to them when they did not take it themselves. Without `by` it went back to its team. */
  readonly claim?: { readonly by?: string; readonly at: Instant; readonly givenBy?: string };
  readonly snooze?: Snooze;
  readonly completion?: { readonly code: string; readonly at: Instant; readonly by: string; readonly note?: string };
}
