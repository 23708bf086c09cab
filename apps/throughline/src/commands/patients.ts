import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { withHome } from './home-option.js';
import { operatorApi } from './operator-api.js';

/** `throughline patients ...`: a wrong merge is taken back. */
export const patientsCommand = (program: Command): void => {
  const patients = program.command('patients').description('records of patients, where a hospital said that two are one');
  withHome(patients.command('unmerge').description('take a merge back: the record is another person’s after all; nothing that was filed under either is lost'))
    .argument('<id>', 'patient id of the record that was taken over (`records` of the patient lists it)')
    .requiredOption('--reason <text>', 'why, for the record')
    .action(async (id: string, flags: { home?: string; reason: string }) => {
      const parted = await (await operatorApi(flags)).post<{ patientId: string; was: string }>(`/api/intake/patients/${encodeURIComponent(id)}/unmerge`, { reason: flags.reason }, { 'idempotency-key': randomUUID() });
      console.log(`${parted.patientId} goes by its own id again, and not by ${parted.was}: what depends on the whole person is decided anew for both.`);
      console.log('Look at what people did meanwhile: the timelines of both patients show it.');
    });
};
