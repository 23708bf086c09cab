import { ForwardMigration } from '../persistence/forward-migration.js';

/** For the `migrations` of every service that keeps patients. Its stamp comes before those of the services' own tables. */
export class PatientTable1767225599000 extends ForwardMigration {
  readonly name = 'PatientTable1767225599000';
  readonly sql = `-- expand
    create table patient (
      id uuid primary key,
      patient_id uuid not null,
      body jsonb not null
    );
    create index patient_patient on patient (patient_id);`;
}
