import { carePlan } from '@throughline/care-plan/care-plan.module';
import type { Service } from '@throughline/contracts/define-event';
import { intake } from '@throughline/intake/intake.module';
import { medicationReconciliation } from '@throughline/medication-reconciliation/medication-reconciliation.module';
import { notification } from '@throughline/notification/notification.module';
import type { JobDefinition } from '@throughline/platform/jobs/jobs';
import { bootService, migrateService } from '@throughline/platform/service/boot';
import type { BootOptions, RunningService } from '@throughline/platform/service/boot-ports';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { scheduling } from '@throughline/scheduling/scheduling.module';

interface Bootable {
  readonly boot: (options: BootOptions) => Promise<RunningService>;
  readonly migrate: (env: BootOptions['env']) => Promise<unknown>;
  /** Events of which it can state the current facts again. */
  readonly factTypes: readonly string[];
  /** What its sweep looks for, by the job's name. */
  readonly jobs: Readonly<Record<string, Pick<JobDefinition<never>, 'due'>>>;
}

const bootable = <S extends Service, Tx, Config>(definition: ServiceDefinition<S, Tx, Config>): Bootable => ({
  boot: (options) => bootService(definition, options),
  migrate: (env) => migrateService(definition, env),
  factTypes: definition.facts.flatMap((source) => source.types),
  jobs: definition.jobs,
});

/** The five services as the program has them. */
export const services: Readonly<Record<Service, Bootable>> = {
  intake: bootable(intake),
  'care-plan': bootable(carePlan),
  'medication-reconciliation': bootable(medicationReconciliation),
  scheduling: bootable(scheduling),
  notification: bootable(notification),
};
