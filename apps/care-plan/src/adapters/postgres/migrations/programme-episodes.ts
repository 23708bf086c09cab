import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class ProgrammeEpisodes1767225602000 extends ForwardMigration {
  readonly name = 'ProgrammeEpisodes1767225602000';
  readonly sql = `-- expand
    create table referral (id uuid primary key, patient_id uuid not null, body jsonb not null);
    create index referral_patient on referral (patient_id);

    -- An episode, and each of its tasks, is of a discharge or of a referral. Not valid: what is there has its discharge, and is not read again.
    alter table episode
      alter column discharge_id drop not null,
      add column referral_id uuid unique,
      add constraint episode_of_one_occasion check (num_nonnulls(discharge_id, referral_id) = 1) not valid;
    alter table task
      alter column discharge_id drop not null,
      add column referral_id uuid,
      add constraint task_of_one_occasion check (num_nonnulls(discharge_id, referral_id) = 1) not valid;
  `;
}
