import type { Command } from 'commander';
import { Complaint, runningInstance } from '../home/home.js';
import { HttpApi } from './http-api.js';
import { homeFrom, withHome } from './home-option.js';
import { type RunFlags, runOptions, runSystem } from './start.js';

export const stackCommand = (program: Command): void => {
  runOptions(program.command('stack').description('Kafka, PostgreSQL, Redis, the issuer, front and a process per service, on this machine'), '.stack').action(async (flags: RunFlags) => {
    const home = homeFrom(flags.home, '.stack');
    console.log('Starting the stack: Kafka, PostgreSQL, Redis, the issuer, front and five services ...');
    const { startDistributed } = await import('../parts/distributed.js');
    await runSystem(() => startDistributed({ home, port: flags.port, mllpPort: flags.mllpPort, say: console.log }), home, flags.demo);
  });
};

export const restartCommand = (program: Command): void => {
  withHome(program.command('restart').description('start a part of the running stack again that has ended'), '.stack')
    .argument('<part>', 'postgres, kafka, redis, issuer, front or a service')
    .action(async (part: string, flags: { home?: string }) => {
      const { control } = runningInstance(homeFrom(flags.home, '.stack'));
      if (!control) throw new Complaint('What runs there is one process (`throughline start`), not a stack.');
      const { started, part: now } = await new HttpApi(control.url, control.secret, 180_000).post<{ started: boolean; part?: { pid: number } }>(`/parts/${encodeURIComponent(part)}/start`, {});
      console.log(started ? `${part} is up again: process ${now?.pid}` : `${part} has not ended: process ${now?.pid}`);
    });
};
