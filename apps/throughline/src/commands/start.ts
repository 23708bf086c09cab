import type { Command } from 'commander';
import { DEMO_PASSWORD, DEMO_USERS } from '../issuer/demo-users.js';
import { playDemo } from '../demo/play.js';
import type { RunningSystem } from '../parts/embedded.js';
import { stopSignal } from '../parts/started.js';
import { homeFrom, portNumber, withHome } from './home-option.js';

export interface RunFlags {
  readonly home?: string;
  readonly port: number;
  readonly mllpPort: number;
  readonly demo: boolean;
}

export const runOptions = (command: Command, home: string): Command =>
  withHome(command, home)
    .option('--port <n>', 'the console and the HTTP interface; 0: any free one', portNumber, 7400)
    .option('--mllp-port <n>', 'HL7 v2 over MLLP; 0: any free one', portNumber, 2575)
    .option('--no-demo', 'do not play the synthetic demo ward at the first start');

const guide = ({ instance: { url, mllp, mllpPorts = [mllp.port], issuer } }: RunningSystem, home: string): void => {
  console.log('');
  console.log(`  Console:       ${url}`);
  console.log(`  Sign in as:    ${DEMO_USERS.map(({ id }) => id).join(', ')}`);
  console.log(`  Password:      ${DEMO_PASSWORD}   (DEMO users of the issuer at ${issuer.url}; loopback only)`);
  console.log(`  HL7 v2, MLLP:  ${mllp.host}:${mllpPorts.join(', ')}   npx throughline send FILE${home.endsWith('.throughline') ? '' : ` --home ${home}`}`);
  console.log(`  FHIR R4:       ${url}/fhir   what it takes: ${url}/fhir/metadata`);
  console.log(`  HTTP:          ${url}/api   events: ${url}/asyncapi.json`);
  console.log(`  Data and logs: ${home}`);
  console.log('');
};

const play = async (system: RunningSystem, home: string): Promise<void> => {
  try {
    await playDemo(home, system.instance, (line) => console.log(line));
    system.installation.rememberDemo();
  } catch (error) {
    console.error(`The demo ward could not be played, and will be tried again at the next start: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Plays the demo once, tells the person where things are, waits for the end and takes everything down. */
const runUntilStopped = async (system: RunningSystem, home: string, demo: boolean, stopped: Promise<string>): Promise<void> => {
  const end = Promise.race([stopped.then((reason) => ({ reason, asked: true })), system.broken.then((part) => ({ reason: `${part} ended by itself`, asked: false }))]);
  if (demo && !system.installation.demoPlayed) await Promise.race([play(system, home), end]);
  const over = await Promise.race([end, Promise.resolve(undefined)]);
  if (over === undefined) {
    guide(system, home);
    console.log(`Throughline is ready: ${system.instance.url}`);
  }
  const { reason, asked } = await end;
  console.log(`Stopping (${reason}) ...`);
  const failures = await system.stop();
  for (const failure of failures) console.error(`could not stop in good order: ${failure}`);
  console.log('Stopped. The data are kept.');
  process.exit(asked && failures.length === 0 ? 0 : 1);
};

/** Listens for the end from the beginning: a Ctrl-C while it starts ends what has started by then. */
export const runSystem = async (start: () => Promise<RunningSystem>, home: string, demo: boolean): Promise<void> => {
  const stopped = stopSignal();
  const starting = start();
  const early = await Promise.race([starting.then(() => undefined), stopped]);
  if (early !== undefined) {
    console.log(`Stopping (${early}) ...`);
    await starting.then(
      (system) => system.stop(),
      () => undefined,
    );
    process.exit(0);
  }
  await runUntilStopped(await starting, home, demo, stopped);
};

export const startCommand = (program: Command): void => {
  runOptions(program.command('start').description('everything in one process, with a private PostgreSQL and nothing else'), '.throughline').action(async (flags: RunFlags) => {
    const home = homeFrom(flags.home);
    console.log('Starting Throughline ...');
    const { startEmbedded } = await import('../parts/embedded.js');
    await runSystem(() => startEmbedded({ home, port: flags.port, mllpPort: flags.mllpPort, say: console.log }), home, flags.demo);
  });
};
