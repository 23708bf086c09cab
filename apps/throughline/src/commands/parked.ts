import { randomUUID } from 'node:crypto';
import { SERVICES } from '@throughline/contracts/define-event';
import type { Command } from 'commander';
import { withHome } from './home-option.js';
import { knownService, operatorApi } from './operator-api.js';

interface ParkedRow {
  readonly id: string;
  readonly reason?: string;
  readonly [more: string]: unknown;
}

interface Replayed {
  readonly outcome: string;
  readonly replayed: number;
  readonly left: number;
}

const SAID: Readonly<Record<string, string>> = {
  done: 'done',
  failed: 'it failed again, for the reason that `parked list` shows',
  waiting: 'what it needs is away; it is tried again by itself',
};

/** `throughline parked ...`: messages that could not be handled, kept with those behind them until somebody decides. */
export const parkedCommand = (program: Command): void => {
  const parked = program.command('parked').description('messages that were set aside because they could not be handled');
  withHome(parked.command('list').description('all of them, or those of one service'))
    .argument('[service]')
    .action(async (service: string | undefined, flags: { home?: string }) => {
      const http = await operatorApi(flags);
      let count = 0;
      for (const name of service === undefined ? SERVICES : [knownService(service)]) {
        for await (const items of http.pages<ParkedRow>(`/api/${name}/parked`, 'cursor')) {
          for (const { id, reason, ...more } of items) {
            count += 1;
            console.log(`${name} ${id} ${reason ?? ''} ${JSON.stringify(more)}`);
          }
        }
      }
      console.log(`parked ${count}`);
    });
  withHome(parked.command('show').description('one of them, whole: it may hold patient data, and looking is audited'))
    .argument('<service>')
    .argument('<id>')
    .action(async (service: string, id: string, flags: { home?: string }) => console.log(JSON.stringify(await (await operatorApi(flags)).get(`/api/${knownService(service)}/parked/${encodeURIComponent(id)}`), null, 2)));
  withHome(parked.command('replay').description('handle it again, and those behind it in their order'))
    .argument('<service>')
    .argument('<id>')
    .action(async (service: string, id: string, flags: { home?: string }) => {
      const { outcome, replayed, left } = await (await operatorApi(flags)).post<Replayed>(`/api/${knownService(service)}/parked/${encodeURIComponent(id)}/replay`, {}, { 'idempotency-key': randomUUID() });
      console.log(`${SAID[outcome] ?? outcome}: replayed ${replayed}, still parked with it ${left}`);
      if (outcome !== 'done') process.exitCode = 1;
    });
  withHome(parked.command('discard').description('give it up for good, with a reason; those behind it go on'))
    .argument('<service>')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, for the record; no patient data')
    .action(async (service: string, id: string, flags: { home?: string; reason: string }) => {
      await (await operatorApi(flags)).post(`/api/${knownService(service)}/parked/${encodeURIComponent(id)}/discard`, { reason: flags.reason }, { 'idempotency-key': randomUUID() });
      console.log('discarded');
    });
};
