import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '@throughline/testing/system';

/** How long after its due time a late contact goes one rung up: short enough that alarms fall due while servers are down. */
export const RUNG_SECONDS = 15;

interface ProtocolFile {
  readonly steps: readonly { readonly id: string; readonly escalation: readonly { readonly after: string; readonly role: string }[] }[];
}

/**
 * The shipped protocol with one number changed: the contact's second rung comes after 15 s instead of 12 hours. Answers
 * the folder to name in THROUGHLINE_PROTOCOLS.
 */
export const shortLadder = (folder: string): string => {
  const shipped = JSON.parse(readFileSync(join(root, 'protocols/transitional-care.v1.json'), 'utf8')) as ProtocolFile;
  const steps = shipped.steps.map((step) =>
    step.id === 'contact' ? { ...step, escalation: step.escalation.map((rung, at) => (at === 1 ? { ...rung, after: `PT${RUNG_SECONDS}S` } : rung)) } : step,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'transitional-care.v1.json'), JSON.stringify({ ...shipped, steps }, null, 2));
  return folder;
};
