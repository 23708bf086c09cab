import { SERVICES } from '@throughline/contracts/define-event';
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
      const { migrateOne } = await import('../parts/one-service.js');
      for (const name of service === undefined ? SERVICES : [service]) {
        const ran = await migrateOne(name, { ...NOT_ASKED, ...process.env });
        console.log(ran.length === 0 ? `${name}: up to date` : `${name}: ran ${ran.join(', ')}`);
      }
    });
};
