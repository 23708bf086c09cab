#!/usr/bin/env node
import { Command } from 'commander';
import { checkCommand } from './commands/check.js';
import { migrateCommand } from './commands/migrate.js';
import { parkedCommand } from './commands/parked.js';
import { patientsCommand } from './commands/patients.js';
import { positionsCommand } from './commands/positions.js';
import { quarantineCommand } from './commands/quarantine.js';
import { recoverCommand } from './commands/recover.js';
import { republishCommand } from './commands/republish.js';
import { sendCommand } from './commands/send.js';
import { sendersCommand } from './commands/senders.js';
import { serveCommand } from './commands/serve.js';
import { restartCommand, stackCommand } from './commands/stack.js';
import { startCommand } from './commands/start.js';
import { tokenCommand } from './commands/token.js';
import { topicsCommand } from './commands/topics.js';
import { Complaint } from './home/home.js';

// kafkajs 2.2.4 asks for a timer that lies in the past; Node.js makes it 1 ms, which is what kafkajs means.
const warn = process.emitWarning.bind(process) as (...args: unknown[]) => void;
process.emitWarning = (...args: unknown[]) => {
  if (args[1] !== 'TimeoutNegativeWarning') warn(...args);
};

const program = new Command('throughline').description("from a hospital's discharge message to the task a coordinator ticks off").showHelpAfterError('(throughline --help lists what there is)').enablePositionalOptions();

startCommand(program);
stackCommand(program);
restartCommand(program);
serveCommand(program);
migrateCommand(program);
topicsCommand(program);
tokenCommand(program);
sendCommand(program);
checkCommand(program);
parkedCommand(program);
patientsCommand(program);
positionsCommand(program);
quarantineCommand(program);
sendersCommand(program);
republishCommand(program);
recoverCommand(program);

try {
  if (Number(process.versions.node.split('.')[0]) < 24) throw new Complaint(`Node.js 24 is needed, this is ${process.version}. Start with \`npx throughline\` or \`npm start\`, which bring their own.`);
  await program.parseAsync();
} catch (error) {
  // What a person can put right is said in one line; anything else is a defect and keeps its stack.
  const expected = error instanceof Complaint || (error instanceof Error && error.name === 'ConfigError');
  console.error(expected ? `throughline: ${error.message}` : error);
  process.exit(1);
}
