import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { keptClusterId, startKafka, type KafkaOptions } from '@throughline/local-servers/kafka';
import { startPostgres } from '@throughline/local-servers/postgres';
import { startRedis } from '@throughline/local-servers/redis';
import { Complaint, plainly } from '../home/home.js';
import type { Installation } from '../home/installation.js';
import type { LivePart, LiveParts } from './live-part.js';

export interface Servers {
  /** Of PostgreSQL's superuser. */
  readonly adminUrl: string;
  readonly kafkaBrokers: string;
  readonly redisUrl: string;
}

interface Broker {
  readonly name: string;
  readonly options: KafkaOptions;
}

const folderOf = (at: number): string => (at === 0 ? 'kafka' : `kafka-${at + 1}`);

/** The brokers of a cluster know each other from its first start. */
const refuseOtherNumber = (home: string, count: number): void => {
  let kept = 0;
  while (existsSync(join(home, folderOf(kept), 'data'))) kept += 1;
  if (kept > 0 && kept !== count) throw new Complaint(`The home ${home} was made with ${kept} Kafka broker${kept === 1 ? '' : 's'}: start it with --brokers ${kept}, or choose another home.`);
};

/** One broker in the folder `kafka`; several, each in its own, are one cluster. */
const brokersOf = async (home: string, installation: Installation, count: number, progress: (line: string) => void): Promise<readonly Broker[]> => {
  refuseOtherNumber(home, count);
  const names = Array.from({ length: count }, (_, at) => folderOf(at));
  const controllers = names.map((name) => `${name}-controller`);
  const ports = await installation.ports(...names, ...controllers);
  const controllerPorts = controllers.map((name) => ports[name]!);
  const clusterId = count === 1 ? undefined : keptClusterId(join(home, 'kafka'));
  return names.map((name, at) => ({
    name,
    options: {
      folder: join(home, name), port: ports[name]!, controllerPort: controllerPorts[at]!, progress,
      ...(clusterId === undefined ? {} : { member: { node: at + 1, controllerPorts, clusterId }, heapMb: 384 }),
    },
  }));
};

type Part = Pick<LivePart, 'pid' | 'exited'> & { readonly port: number; stop(): Promise<void> };
const asPart = (name: string, server: Part): LivePart => ({ name, pid: server.pid, port: server.port, exited: server.exited, stop: () => server.stop() });

/** PostgreSQL, Kafka and Redis as parts of the stack. */
export const startServers = async (home: string, installation: Installation, brokers: number, parts: LiveParts, say: (line: string) => void): Promise<Servers> => {
  const progress = (line: string): void => say(`  ${line}`);
  const ports = await installation.ports('postgres', 'redis');
  let adminUrl = '';
  let redisUrl = '';
  await parts.add('postgres', async () => {
    const server = await plainly(startPostgres({ folder: join(home, 'postgres'), port: ports.postgres, maxConnections: 100, database: 'throughline', progress }));
    adminUrl = server.url();
    return asPart('postgres', server);
  });
  const cluster = await brokersOf(home, installation, brokers, progress);
  // Together: none of several is ready before most of them have elected one.
  await Promise.all(cluster.map(({ name, options }) => parts.add(name, async () => asPart(name, await plainly(startKafka(options))))));
  await parts.add('redis', async () => {
    const server = await plainly(startRedis({ folder: join(home, 'redis'), port: ports.redis, progress }));
    redisUrl = server.url;
    return asPart('redis', server);
  });
  return { adminUrl, kafkaBrokers: cluster.map(({ options }) => `127.0.0.1:${options.port}`).join(','), redisUrl };
};
