import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { StatedAppointment } from '../../domain/stated-appointment.js';

@Entity({ name: 'stated_appointment' })
export class StatedAppointmentRow extends KeptRow<StatedAppointment> {
  @Column({ name: 'starts_at', type: 'timestamptz', nullable: true })
  startsAt!: Date | null;
}
