import { SERVICES } from '@throughline/contracts/define-event';
import { ConfigError, readTogether } from '@throughline/platform/config/read-config';
import { settingsReader } from './one-service.js';
import type { Environment } from './service-environment.js';

const OTHER_DATABASE = /^THROUGHLINE_(?:[A-Z_]+_)?DATABASE_URL$/;

/**
 * A database variable left in the shell must not send the patients of a ward at play into somebody's real tables, nor leave
 * anybody in the belief that it did: nothing starts until a person has said what is meant.
 */
export const refuseOtherDatabases = (env: Environment): void => {
  const named = Object.keys(env).filter((variable) => OTHER_DATABASE.test(variable) && env[variable]?.trim());
  if (named.length === 0) return;
  throw new ConfigError(
    named.sort().map((variable) => ({
      variable,
      wrong: 'it names a database, and this start keeps its data in a PostgreSQL of its own',
      remedy: `Take it away (unset ${variable}), or use that database with \`throughline migrate\` and \`throughline serve\`.`,
    })),
  );
};

/**
 * Reads what all five services would read, and what else the start needs, before anything runs: one start tells every problem.
 * @throws ConfigError
 */
export const checkSettings = async (services: Environment, ...more: readonly (() => unknown)[]): Promise<void> => {
  const reads = await Promise.all(SERVICES.map((service) => settingsReader(service, services)));
  readTogether(...more, ...reads);
};
