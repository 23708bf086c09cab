import { fileURLToPath } from 'node:url';
import { loadReference } from './adapters/reference/reference-files.js';
import type { Reference } from './domain/settle.js';

export interface Config {
  /** Protocols and calendars, read and checked at start. */
  readonly reference: Reference;
}

const inRepository = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** `THROUGHLINE_PROTOCOLS` and `THROUGHLINE_CALENDARS`: folders an operator may put in the place of ours. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => ({
  reference: loadReference(env['THROUGHLINE_PROTOCOLS'] || inRepository('protocols'), env['THROUGHLINE_CALENDARS'] || inRepository('libs/kernel/data/calendars')),
});
