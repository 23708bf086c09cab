import type { Command } from 'commander';
import { Journal } from '../send/journal.js';
import { readMessages } from '../send/read-messages.js';
import { send, tallyLine } from '../send/send.js';
import { readInstance } from '../home/home.js';
import { homeFrom, portNumber, wholeNumber, withHome } from './home-option.js';

interface SendFlags {
  readonly home?: string;
  readonly host?: string;
  readonly port?: number;
  readonly connections: number;
  readonly timeout: number;
  readonly persist: number;
  readonly journal?: string;
  readonly allowNack?: boolean;
}

const PROGRESS_MS = 1_000;

/** Progress goes to standard error, so that what stands on standard output is the NACKs and the tally. */
const progressLine = (): ((sent: number, of: number) => void) => {
  let last = performance.now();
  return (sent, of) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    process.stderr.write(`  ${sent} of ${of}\n`);
  };
};

export const sendCommand = (program: Command): void => {
  withHome(program.command('send').description('send HL7 v2 messages over MLLP and wait for every answer'))
    .argument('<source>', 'a file (one or many messages), a folder, or - for standard input')
    .option('--host <host>', 'default: where the instance at --home listens, else 127.0.0.1')
    .option('--port <port>', 'default: where the instance at --home listens, else 2575', portNumber)
    .option('--connections <n>', 'connections at once; a patient stays on one, in order', wholeNumber, 1)
    .option('--timeout <seconds>', 'how long an answer may take', wholeNumber, 30)
    .option('--persist <seconds>', 'how long to go on with a message while the connection breaks', wholeNumber, 120)
    .option('--journal <file>', 'append a line for every positive answer, on the disk before the next message goes')
    .option('--allow-nack', 'exit 0 although some were refused')
    .addHelpText('after', '\nEnds with: sent N, AA n, AE n, AR n, other n, unanswered n. Exit code 1 when any was unanswered, refused (AE, AR) or answered oddly.')
    .action(async (source: string, flags: SendFlags) => {
      const instance = flags.port === undefined || flags.host === undefined ? readInstance(homeFrom(flags.home)) : undefined;
      const messages = await readMessages(source);
      const journal = flags.journal === undefined ? undefined : new Journal(flags.journal);
      try {
        const tally = await send(messages, {
          host: flags.host ?? instance?.mllp.host ?? '127.0.0.1',
          port: flags.port ?? instance?.mllp.port ?? 2575,
          connections: flags.connections,
          timeoutMs: flags.timeout * 1000,
          persistMs: flags.persist * 1000,
          journal,
          say: console.log,
          progress: progressLine(),
        });
        console.log(tallyLine(tally));
        const refused = tally.AE + tally.AR + tally.other;
        if (tally.unanswered > 0 || (refused > 0 && !flags.allowNack)) process.exitCode = 1;
      } finally {
        journal?.close();
      }
    });
};
