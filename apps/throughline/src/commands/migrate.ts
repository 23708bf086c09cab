import { SERVICES } from '@throughline/contracts/define-event';
import { readTogether } from '@throughline/platform/config/read-config';
import type { Command } from 'commander';
import { Complaint } from '../home/home.js';
import { isService } from '../services.js';

/** Settings that every service needs and migrating does not: whoever only migrates need not name them. */
const NOT_ASKED = {
  THROUGHLINE_ISSUER: 'http://unused.invalid',
  THROUGHLINE_BUS: 'kafka',
  THROUGHLINE_KAFKA_BROKERS: 'unused.invalid:1',
  THROUGHLINE_JOBS: 'redis',
  THROUGHLINE_REDIS_URL: 'redis://unused.invalid:1/0',
};

/** `throughline migrate [service]`: brings tables up to date. Forward only; safe to run at any time and by several at once. */
export const migrateCommand = (program: Command): void => {
  program
    .command('migrate')
    .description("bring the tables of one service, or of all, up to date (THROUGHLINE_DATABASE_URL or THROUGHLINE_<SERVICE>_DATABASE_URL)")
    .argument('[service]')
    .action(async (service: string | undefined) => {
      if (service !== undefined && !isService(service)) throw new Complaint(`There is no service ${service}. They are: ${SERVICES.join(', ')}.`);
      const [{ migrateOne }, { platformConfig }] = await Promise.all([import('../parts/one-service.js'), import('@throughline/platform/config/read-platform-config')]);
      const services = service === undefined ? SERVICES : [service];
      const env = { ...NOT_ASKED, ...process.env };
      readTogether(...services.map((name) => () => platformConfig(name, env)));
      for (const name of services) {
        const ran = await migrateOne(name, env);
        console.log(ran.length === 0 ? `${name}: up to date` : `${name}: ran ${ran.join(', ')}`);
      }
    });
};
