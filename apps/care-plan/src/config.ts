import { fileURLToPath } from 'node:url';
import { readConfig as readSettings, readTogether, setting, type Environment } from '@throughline/platform/config/read-config';
import { wholeNumber } from '@throughline/platform/config/value-kinds';
import { loadReference } from './adapters/reference/reference-files.js';
import type { Reference } from './domain/settle.js';

export interface Config {
  /** Protocols and calendars, read and checked at start. */
  readonly reference: Reference;
  /** How long a late task can be put aside at most. */
  readonly hoursSnoozedWhenLate: number;
}

const settings = {
  hoursSnoozedWhenLate: setting('THROUGHLINE_SNOOZE_HOURS_WHEN_LATE', wholeNumber(1, 24).default(4), 'Set it to the hours, 1 to 24, that a late task can be put aside at most.'),
};

const inRepository = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const shippedProtocols = inRepository('protocols');

/**
 * `THROUGHLINE_PROTOCOLS` and `THROUGHLINE_CALENDARS`: folders an operator may put in the place of ours.
 * @throws ConfigError listing every problem
 */
export const readConfig = (env: Environment): Config => {
  const [reference, read] = readTogether<readonly [Reference, Omit<Config, 'reference'>]>(
    () => loadReference(env['THROUGHLINE_PROTOCOLS'] || shippedProtocols, env['THROUGHLINE_CALENDARS'] || inRepository('libs/kernel/data/calendars'), shippedProtocols),
    () => readSettings(settings, env),
  );
  return { reference, hoursSnoozedWhenLate: read.hoursSnoozedWhenLate };
};
