import { randomUUID } from 'node:crypto';
import { SERVICES } from '@throughline/contracts/define-event';
import { InvalidArgumentError, type Command } from 'commander';
import { withHome, wholeNumber } from './home-option.js';
import { knownService, operatorApi } from './operator-api.js';

interface PositionMove {
  readonly topic: string;
  readonly partition: number;
  readonly from: number | null;
  readonly to: number;
  readonly skipped: number;
}

interface ResetFlags {
  readonly home?: string;
  readonly topic: string;
  readonly partition?: number;
  readonly to: string;
}

const place = (text: string): string => {
  if (!/^(earliest|latest|\d{1,15})$/.test(text)) throw new InvalidArgumentError('It has to be earliest, latest or an offset.');
  return text;
};

/** `throughline positions ...`: how far each service has read each topic, whether log and position agree, and an operator's word when they do not. */
export const positionsCommand = (program: Command): void => {
  const positions = program.command('positions').description('how far each service has read');
  withHome(positions.command('show').description('next offset per topic and partition, and whether the log agrees'))
    .argument('[service]')
    .action(async (service: string | undefined, flags: { home?: string }) => {
      const http = await operatorApi(flags);
      for (const name of service === undefined ? SERVICES : [knownService(service)]) {
        const { items } = await http.get<{ items: readonly unknown[] }>(`/api/${name}/positions`);
        for (const item of items) console.log(`${name} ${JSON.stringify(item)}`);
      }
    });
  withHome(positions.command('reset').description('where a topic is read from now on, after its log was made anew or retention passed the position; audited'))
    .argument('<service>')
    .requiredOption('--topic <name>', 'a topic that the service reads')
    .option('--partition <n>', 'one partition (all of them)', wholeNumber)
    .requiredOption('--to <place>', 'earliest: what the log still holds, read again (nothing is done twice); latest: what stands there is skipped for good; or an offset', place)
    .action(async (service: string, { home, topic, partition, to }: ResetFlags) => {
      const http = await operatorApi(home === undefined ? {} : { home });
      const body = { topic, to, ...(partition === undefined ? {} : { partition }) };
      const { items } = await http.post<{ items: readonly PositionMove[] }>(`/api/${knownService(service)}/positions/reset`, body, { 'idempotency-key': randomUUID() });
      for (const move of items) console.log(`${move.topic}/${move.partition}: ${move.from ?? 'never read'} -> ${move.to}${move.skipped > 0 ? `, ${move.skipped} skipped for good` : ''}`);
      console.log(`moved ${items.length}, skipped ${items.reduce((sum, one) => sum + one.skipped, 0)}; reading goes on within 15 s`);
    });
};
