import { Module } from '@nestjs/common';
import { PatientFactRow } from '@throughline/platform/patients/patient-fact.row';
import { PatientTable1767225599000 } from '@throughline/platform/patients/patient-table.migration';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { consumes } from './adapters/events/consumes.js';
import { recovers } from './adapters/events/recovers.js';
import { facts } from './adapters/postgres/facts.js';
import { FollowUpsController } from './adapters/http/follow-ups.controller.js';
import { FollowUpRow } from './adapters/postgres/follow-up.row.js';
import { StatedAppointmentRow } from './adapters/postgres/stated-appointment.row.js';
import { StatedAppointment1767225602001 } from './adapters/postgres/migrations/stated-appointment.js';
import { StatedAppointmentsController } from './adapters/http/stated-appointments.controller.js';
import { followUpLedger } from './adapters/postgres/ledger.js';
import { CreateFollowUp1767225600002 } from './adapters/postgres/migrations/create-follow-up.js';
import { postgresReads } from './adapters/postgres/reads.js';
import { postgresTx } from './adapters/postgres/tx.js';
import { READS, type Tx } from './application/ports.js';
import { readServiceConfig, type Config } from './config.js';

@Module({})
class SchedulingModule {}

/** One follow-up request per discharge, with its window, and the visit that was found for it. */
export const scheduling: ServiceDefinition<'scheduling', Tx, Config> = {
  name: 'scheduling',
  entities: [PatientFactRow, FollowUpRow, StatedAppointmentRow],
  migrations: [PatientTable1767225599000, CreateFollowUp1767225600002, StatedAppointment1767225602001],
  config: readServiceConfig,
  tx: postgresTx,
  consumes,
  recovers,
  facts,
  jobs: {},
  module: (runtime) => {
    runtime.ledger.register('follow-up', followUpLedger);
    return { module: SchedulingModule, controllers: [FollowUpsController, StatedAppointmentsController], providers: [{ provide: READS, useValue: postgresReads(runtime.read) }] };
  },
};
