import { PatientTable1767225599000 } from '@throughline/platform/patients/patient-table.migration';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { consumes } from './adapters/events/consumes.js';
import { recovers } from './adapters/events/recovers.js';
import { facts } from './adapters/postgres/facts.js';
import { ColleaguesController } from './adapters/http/colleagues.controller.js';
import { ContactsController } from './adapters/http/contacts.controller.js';
import { EpisodesController } from './adapters/http/episodes.controller.js';
import { PatientsController } from './adapters/http/patients.controller.js';
import { REFERENCE, SNOOZE_HOURS } from './adapters/http/reference.js';
import { TasksController } from './adapters/http/tasks.controller.js';
import { jobs } from './adapters/jobs/jobs.js';
import { ColleagueRow } from './adapters/postgres/colleague.row.js';
import { ContactRow } from './adapters/postgres/contact.row.js';
import { DischargeRow } from './adapters/postgres/discharge.row.js';
import { EncounterRow } from './adapters/postgres/encounter.row.js';
import { EpisodeRow } from './adapters/postgres/episode.row.js';
import { EvidenceRow } from './adapters/postgres/evidence.row.js';
import { HistoryRow } from './adapters/postgres/history.row.js';
import { episodeLedger, taskLedger } from './adapters/postgres/ledgers.js';
import { ProgrammeEpisodes1767225602000 } from './adapters/postgres/migrations/programme-episodes.js';
import { CarePlanTables1767225600000 } from './adapters/postgres/migrations/care-plan-tables.js';
import { TaskSnoozed1767225601000 } from './adapters/postgres/migrations/task-snoozed.js';
import { PatientRow } from './adapters/postgres/patient.row.js';
import { PostgresColleagues } from './adapters/postgres/postgres-colleagues.js';
import { PostgresReads } from './adapters/postgres/postgres-reads.js';
import { PostgresTx } from './adapters/postgres/postgres-tx.js';
import { ReferralRow } from './adapters/postgres/referral.row.js';
import { TaskRow } from './adapters/postgres/task.row.js';
import { COLLEAGUES } from './application/colleagues.js';
import type { Tx } from './application/ports.js';
import { READS } from './application/reads.js';
import { readConfig, type Config } from './config.js';

class CarePlanModule {}

/** Episodes, tasks and their clocks: what a discharge or a referral makes due, who did it, and why it is on somebody's list. */
export const carePlan: ServiceDefinition<'care-plan', Tx, Config> = {
  name: 'care-plan',
  entities: [PatientRow, DischargeRow, ReferralRow, EncounterRow, EvidenceRow, ContactRow, EpisodeRow, TaskRow, HistoryRow, ColleagueRow],
  migrations: [PatientTable1767225599000, CarePlanTables1767225600000, TaskSnoozed1767225601000, ProgrammeEpisodes1767225602000],
  config: readConfig,
  tx: (unit, config) => new PostgresTx(unit, config.reference, config.hoursSnoozedWhenLate),
  consumes,
  recovers,
  facts,
  jobs,
  module: (runtime, config) => {
    runtime.ledger.register('episode', episodeLedger);
    runtime.ledger.register('task', taskLedger);
    return {
      module: CarePlanModule,
      controllers: [TasksController, EpisodesController, ContactsController, PatientsController, ColleaguesController],
      providers: [
        { provide: READS, useFactory: () => new PostgresReads(runtime.read) },
        { provide: REFERENCE, useValue: config.reference },
        { provide: SNOOZE_HOURS, useValue: config.hoursSnoozedWhenLate },
        { provide: COLLEAGUES, useFactory: () => new PostgresColleagues(runtime.read, runtime.dataSource, runtime.clock) },
      ],
    };
  },
};
