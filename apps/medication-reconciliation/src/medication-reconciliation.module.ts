import { Module } from '@nestjs/common';
import { PatientFactRow } from '@throughline/platform/patients/patient-fact.row';
import { PatientTable1767225599000 } from '@throughline/platform/patients/patient-table.migration';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { consumes } from './adapters/events/consumes.js';
import { recovers } from './adapters/events/recovers.js';
import { facts } from './adapters/postgres/facts.js';
import { ReconciliationsController } from './adapters/http/reconciliations.controller.js';
import { reconciliationLedger } from './adapters/postgres/ledger.js';
import { MedicationLineRow } from './adapters/postgres/medication-line.row.js';
import { CreateReconciliation1767225600001 } from './adapters/postgres/migrations/create-reconciliation.js';
import { postgresReads } from './adapters/postgres/reads.js';
import { ReconciliationRow } from './adapters/postgres/reconciliation.row.js';
import { postgresTx } from './adapters/postgres/tx.js';
import { READS, type Tx } from './application/ports.js';
import { readServiceConfig, type Config } from './config.js';

@Module({})
class MedicationReconciliationModule {}

/** Medication lines by source, and one reconciliation per discharge that wants a follow-up. */
export const medicationReconciliation: ServiceDefinition<'medication-reconciliation', Tx, Config> = {
  name: 'medication-reconciliation',
  entities: [PatientFactRow, MedicationLineRow, ReconciliationRow],
  migrations: [PatientTable1767225599000, CreateReconciliation1767225600001],
  config: readServiceConfig,
  tx: postgresTx,
  consumes,
  recovers,
  facts,
  jobs: {},
  module: (runtime) => {
    runtime.ledger.register('reconciliation', reconciliationLedger);
    return { module: MedicationReconciliationModule, controllers: [ReconciliationsController], providers: [{ provide: READS, useValue: postgresReads(runtime.read) }] };
  },
};
