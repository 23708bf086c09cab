import { InvalidArgumentError, type Command } from 'commander';
import { Complaint, runningInstance } from '../home/home.js';
import { readCopies, type Copies } from '../parts/copies.js';
import { HttpApi } from './http-api.js';
import { homeFrom, withHome } from './home-option.js';
import { type RunFlags, runOptions, runSystem } from './start.js';

interface StackFlags extends RunFlags {
  readonly copies?: Copies;
  readonly brokers: number;
}

const copies = (text: string): Copies => {
  try {
    return readCopies(text);
  } catch (error) {
    throw new InvalidArgumentError(`${error instanceof Error ? error.message : String(error)}.`);
  }
};

const oneOrThree = (text: string): number => {
  if (text !== '1' && text !== '3') throw new InvalidArgumentError('It has to be 1 or 3.');
  return Number(text);
};

export const stackCommand = (program: Command): void => {
  runOptions(program.command('stack').description('Kafka, PostgreSQL, Redis, the issuer, front and a process per service, on this machine'), '.stack')
    .option('--copies <n>', 'processes per service, or of some: care-plan=2,intake=2; further copies of intake take MLLP on ports of their own', copies)
    .option('--brokers <n>', 'Kafka brokers, 1 or 3; a home keeps the number it was made with', oneOrThree, 1)
    .action(async (flags: StackFlags) => {
      const home = homeFrom(flags.home, '.stack');
      console.log('Starting the stack: Kafka, PostgreSQL, Redis, the issuer, front and five services ...');
      const { startDistributed } = await import('../parts/distributed.js');
      await runSystem(() => startDistributed({ home, port: flags.port, mllpPort: flags.mllpPort, brokers: flags.brokers, ...(flags.copies ? { copies: flags.copies } : {}), say: console.log }), home, flags.demo);
    });
};

export const restartCommand = (program: Command): void => {
  withHome(program.command('restart').description('start a part of the running stack again that has ended'), '.stack')
    .argument('<part>', 'postgres, kafka, redis, issuer, front, a service, or a further copy (intake-2, kafka-3)')
    .action(async (part: string, flags: { home?: string }) => {
      const { control } = runningInstance(homeFrom(flags.home, '.stack'));
      if (!control) throw new Complaint('What runs there is one process (`throughline start`), not a stack.');
      const { started, part: now } = await new HttpApi(control.url, control.secret, 180_000).post<{ started: boolean; part?: { pid: number } }>(`/parts/${encodeURIComponent(part)}/start`, {});
      console.log(started ? `${part} is up again: process ${now?.pid}` : `${part} has not ended: process ${now?.pid}`);
    });
};
