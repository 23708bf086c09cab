import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class StatedAppointment1767225602001 extends ForwardMigration {
  readonly name = 'StatedAppointment1767225602001';
  readonly sql = `-- expand
    -- Visits in the calendars of others, as they say.
    create table stated_appointment (
      id uuid primary key,
      patient_id uuid not null,
      starts_at timestamptz,
      body jsonb not null
    );
    create index stated_appointment_patient on stated_appointment (patient_id);
  `;
}
