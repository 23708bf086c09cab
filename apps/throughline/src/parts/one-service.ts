import type { Service } from '@throughline/contracts/define-event';
import { bootService } from '@throughline/platform/service/boot';
import type { BootOptions, RunningService } from '@throughline/platform/service/boot-ports';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { migrateService } from '@throughline/platform/service/migrate';
import { readSettings } from '@throughline/platform/service/settings';
import { definitionOf } from '../services.js';
import type { Environment } from './service-environment.js';

/** One `case` each: every definition has types of its own, which a loop over them would lose. */
export const bootOne = async (service: Service, options: BootOptions): Promise<RunningService> => {
  switch (service) {
    case 'intake':
      return bootService(await definitionOf[service](), options);
    case 'care-plan':
      return bootService(await definitionOf[service](), options);
    case 'medication-reconciliation':
      return bootService(await definitionOf[service](), options);
    case 'scheduling':
      return bootService(await definitionOf[service](), options);
    case 'notification':
      return bootService(await definitionOf[service](), options);
  }
};

/** Answers the names of the migrations that ran now. */
export const migrateOne = async (service: Service, env: Environment): Promise<readonly string[]> => {
  switch (service) {
    case 'intake':
      return migrateService(await definitionOf[service](), env);
    case 'care-plan':
      return migrateService(await definitionOf[service](), env);
    case 'medication-reconciliation':
      return migrateService(await definitionOf[service](), env);
    case 'scheduling':
      return migrateService(await definitionOf[service](), env);
    case 'notification':
      return migrateService(await definitionOf[service](), env);
  }
};

const reader = <S extends Service, Tx, Config>(definition: ServiceDefinition<S, Tx, Config>, env: Environment): (() => unknown) => () => readSettings(definition, env);

/** Reads the service's settings as its start would. */
export const settingsReader = async (service: Service, env: Environment): Promise<() => unknown> => {
  switch (service) {
    case 'intake':
      return reader(await definitionOf[service](), env);
    case 'care-plan':
      return reader(await definitionOf[service](), env);
    case 'medication-reconciliation':
      return reader(await definitionOf[service](), env);
    case 'scheduling':
      return reader(await definitionOf[service](), env);
    case 'notification':
      return reader(await definitionOf[service](), env);
  }
};
